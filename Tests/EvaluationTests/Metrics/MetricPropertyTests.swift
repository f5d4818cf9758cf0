// What holds for every metric, whatever its formula, and what each refuses.
import LimnerEvaluation
import Testing

/// A metric by its name.
struct NamedMetric: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let minimum: Int
    let measure: @Sendable (GrayImage, GrayImage) throws(EvaluationError) -> Double

    static let all = [
        NamedMetric(testDescription: "SSIM", minimum: 11) { (a, b) throws(EvaluationError) in
            try structuralSimilarity(a, b)
        },
        NamedMetric(testDescription: "FSIM", minimum: 16) { (a, b) throws(EvaluationError) in
            try featureSimilarity(a, b)
        },
        NamedMetric(testDescription: "Scoot", minimum: 16) { (a, b) throws(EvaluationError) in try scoot(a, b) },
        NamedMetric(testDescription: "gradient structure", minimum: 11) { (a, b) throws(EvaluationError) in
            try gradientStructureSimilarity(a, b)
        },
    ]
}

@Suite("What every metric does")
struct MetricPropertyTests {
    @Test("a picture is wholly like itself", arguments: NamedMetric.all)
    func identity(_ metric: NamedMetric) throws {
        let picture = try MetricGoldens.picture("odd-photo")
        #expect(abs(try metric.measure(picture, picture) - 1) < 1e-12)
    }

    @Test("the order of the two makes no difference", arguments: NamedMetric.all)
    func symmetry(_ metric: NamedMetric) throws {
        let (a, b) = try (MetricGoldens.picture("wide-photo"), MetricGoldens.picture("wide-drawing"))
        #expect(abs(try metric.measure(a, b) - metric.measure(b, a)) < 1e-6)
    }

    @Test("noise makes a picture less like itself", arguments: NamedMetric.all)
    func noise(_ metric: NamedMetric) throws {
        let picture = try MetricGoldens.picture("wide-drawing")
        let noisy = GrayImage(width: picture.width, height: picture.height) { x, y in
            let value = picture.values[y * picture.width + x]
            return value + ((x / 8 * 7 + y / 8 * 13) % 5 < 2 ? -60 : 0)
        }
        #expect(try metric.measure(picture, noisy) < 0.95)
    }

    @Test("pictures of two sizes are refused", arguments: NamedMetric.all)
    func sizes(_ metric: NamedMetric) throws {
        let (a, b) = (stripes(width: 40, height: 30), stripes(width: 30, height: 40))
        #expect(throws: EvaluationError.sizesDiffer(width: 40, height: 30, otherWidth: 30, otherHeight: 40)) {
            try metric.measure(a, b)
        }
    }

    @Test("a picture below the least size is refused", arguments: NamedMetric.all)
    func tooSmall(_ metric: NamedMetric) throws {
        let picture = stripes(width: 40, height: metric.minimum - 1)
        let error = EvaluationError.tooSmall(
            what: metric.testDescription, width: 40, height: metric.minimum - 1, minimum: metric.minimum)
        #expect(throws: error) { try metric.measure(picture, picture) }
    }

    @Test("a picture of the least size is measured", arguments: NamedMetric.all)
    func leastSize(_ metric: NamedMetric) throws {
        let picture = stripes(width: metric.minimum, height: metric.minimum)
        #expect(abs(try metric.measure(picture, picture) - 1) < 1e-12)
    }

    @Test("SSIM of two constant pictures compares their means")
    func constantStructure() throws {
        let dark = GrayImage(width: 12, height: 12) { _, _ in 50 }
        let light = GrayImage(width: 12, height: 12) { _, _ in 200 }
        let c1 = 2.55 * 2.55
        let expected = (2.0 * 50 * 200 + c1) / (50.0 * 50 + 200 * 200 + c1)
        #expect(abs(try structuralSimilarity(dark, light) - expected) < 1e-9)
    }

    @Test("gradient structure does not see a change of brightness")
    func brightness() throws {
        let drawing = try MetricGoldens.picture("wide-drawing")
        let darker = GrayImage(width: drawing.width, height: drawing.height, values: drawing.values.map { $0 - 40 })
        #expect(try gradientStructureSimilarity(drawing, darker) > 0.999_999)
    }

    private func stripes(width: Int, height: Int) -> GrayImage {
        GrayImage(width: width, height: height) { x, y in Float((x / 2 + y / 3) % 2 * 200 + x) }
    }
}
