// The metrics against implementations that others wrote, on small, odd, large and enlarged pictures.
import LimnerEvaluation
import Testing

@Suite("Metrics and other implementations")
struct MetricGoldenTests {
    @Test("SSIM is scikit-image's", arguments: MetricGoldens.all.measurements)
    func structure(_ golden: MetricGoldens.Measurement) throws {
        let (a, b) = try golden.pictures()
        #expect(abs(try structuralSimilarity(a, b) - golden.structure) < 1e-6)
    }

    @Test("FSIM is piq's", arguments: MetricGoldens.all.measurements)
    func features(_ golden: MetricGoldens.Measurement) throws {
        let (a, b) = try golden.pictures()
        #expect(abs(try featureSimilarity(a, b) - golden.features) < 1e-4)
    }

    @Test("Scoot is what scikit-image's co-occurrence matrices give", arguments: MetricGoldens.all.measurements)
    func strokes(_ golden: MetricGoldens.Measurement) throws {
        let (a, b) = try golden.pictures()
        #expect(abs(try scoot(a, b) - golden.scoot) < 1e-12)
    }

    @Test("gradient structure is what SciPy's gradients give", arguments: MetricGoldens.all.measurements)
    func gradients(_ golden: MetricGoldens.Measurement) throws {
        let (a, b) = try golden.pictures()
        #expect(abs(try gradientStructureSimilarity(a, b) - golden.gradientStructure) < 1e-6)
    }

    @Test("the benchmark's truth is Pillow's contrast")
    func contrast() throws {
        let sketch = try MetricGoldens.picture("odd-drawing")
        #expect(try benchmarkTruth(sketch) == MetricGoldens.picture("odd-drawing-truth"))
    }

    @Test("the blur is SciPy's", arguments: MetricGoldens.all.blurs)
    func blur(_ golden: MetricGoldens.Blur) throws {
        let blurred = try Plane(MetricGoldens.picture(golden.picture)).blurred(sigma: golden.sigma)
        let errors = zip(blurred.values, golden.values).map { abs($0 - $1) }
        #expect(errors.count == golden.values.count && errors.allSatisfy { $0 < 1e-4 })
    }
}
