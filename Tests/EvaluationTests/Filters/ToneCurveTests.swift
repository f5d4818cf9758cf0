// Tone curves: what each end of the mixture promises.
import LimnerEvaluation
import Testing

@Suite("Tone curves")
struct ToneCurveTests {
    private static func bytes(_ name: String) throws -> [UInt8] { try MetricGoldens.picture(name).bytes }

    private static func apply(_ curve: [Float], to bytes: [UInt8]) -> [Float] { bytes.map { curve[Int($0)] } }

    @Test("from a picture to itself the curve changes nothing", arguments: [0, 0.3, 1])
    func identity(_ matching: Double) throws {
        let picture = try Self.bytes("wide-photo")
        let curve = ToneCurve.fitted(from: picture, to: picture, matching: matching)
        let worst = zip(Self.apply(curve, to: picture), picture).map { abs($0 - Float($1)) }.max()
        #expect(try #require(worst) < 1e-3)
    }

    @Test("curves never fall", arguments: [0, 0.5, 1])
    func monotone(_ matching: Double) throws {
        let curve = try ToneCurve.fitted(
            from: Self.bytes("odd-photo"), to: Self.bytes("odd-drawing"), matching: matching)
        #expect(curve.count == 256 && zip(curve, curve.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test("without matching no other curve is nearer: not the mean, not the picture as it is, not the matched curve")
    func leastSquares() throws {
        let (drawn, sketch) = try (Self.bytes("odd-photo"), Self.bytes("odd-drawing"))
        func error(_ curve: [Float]) -> Float {
            zip(Self.apply(curve, to: drawn), sketch).reduce(0) { $0 + ($1.0 - Float($1.1)) * ($1.0 - Float($1.1)) }
        }
        let mean = sketch.reduce(0) { $0 + Float($1) } / Float(sketch.count)
        let others = [
            [Float](repeating: mean, count: 256), (0..<256).map { Float($0) },
            ToneCurve.fitted(from: drawn, to: sketch, matching: 1),
        ]
        let least = error(ToneCurve.fitted(from: drawn, to: sketch, matching: 0))
        #expect(others.allSatisfy { least < error($0) })
    }

    @Test("with matching the drawing gets the sketch's mean tone")
    func matching() throws {
        let (drawn, sketch) = try (Self.bytes("odd-photo"), Self.bytes("odd-drawing"))
        let toned = Self.apply(ToneCurve.fitted(from: drawn, to: sketch, matching: 1), to: drawn)
        let difference = zip(toned, sketch).reduce(0.0) { $0 + Double($1.0) - Double($1.1) }
        #expect(abs(difference) / Double(sketch.count) < 1e-3)
    }

    @Test("levels that were not drawn are interpolated")
    func gaps() {
        let curve = ToneCurve.fitted(from: [10, 20], to: [100, 200], matching: 0)
        #expect([curve[0], curve[10], curve[15], curve[20], curve[255]] == [100, 100, 150, 200, 200])
    }
}
