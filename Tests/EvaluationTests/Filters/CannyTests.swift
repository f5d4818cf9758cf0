// Canny's edges against scikit-image's, and where edges must and must not be.
import LimnerEvaluation
import Testing

@Suite("Canny")
struct CannyTests {
    @Test("edges lie where scikit-image has them", arguments: MetricGoldens.all.edges)
    func goldens(_ golden: MetricGoldens.Edges) throws {
        let found = try cannyEdges(
            Plane(MetricGoldens.picture(golden.picture)), sigma: golden.sigma, low: golden.low, high: golden.high)
        let expected = try MetricGoldens.picture(golden.edges)
        let both = zip(found.values, expected.values).filter { $0 == 1 && $1 == 1 }.count
        let either = zip(found.values, expected.values).filter { $0 == 1 || $1 == 1 }.count
        #expect(either > 100 && Double(both) >= 0.97 * Double(either))
    }

    @Test("a step gives one line, off the rim")
    func step() {
        let picture = GrayImage(width: 24, height: 12) { x, _ in x < 10 ? 30 : x == 10 ? 100 : 220 }
        let edges = cannyEdges(Plane(picture), sigma: 1, low: 0.1, high: 0.3)
        let expected = GrayImage(width: 24, height: 12) { x, y in x == 10 && y > 0 && y < 11 ? 1 : 0 }
        #expect(edges == Plane(expected))
    }

    @Test("a weak edge is kept where it leads to a strong one, and only there")
    func hysteresis() {
        // A step that fades downwards, and another as weak as its end.
        let picture = GrayImage(width: 60, height: 40) { x, y in
            x >= 45 ? 40 : x >= 15 ? 10 + Float(4 * (40 - y)) : 0
        }
        let strengths = { (low: Double, high: Double) in
            cannyEdges(Plane(picture), sigma: 1, low: low, high: high).values.reduce(0, +)
        }
        let (weak, followed, strong) = (strengths(0.1, 0.1), strengths(0.1, 1), strengths(1, 1))
        #expect(strong > 0 && strong < followed && followed <= weak)
    }

    @Test("a constant picture has no edges")
    func constant() {
        let picture = GrayImage(width: 20, height: 20) { _, _ in 77 }
        let edges = cannyEdges(Plane(picture), sigma: 1.5, low: 0.01, high: 0.02)
        #expect(edges.values.allSatisfy { $0 == 0 })
    }
}
