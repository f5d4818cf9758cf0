// Filters by themselves: what they draw, their curves, and what comes back from a file.
import Foundation
import LimnerEvaluation
import Testing

@Suite("Fitted filters")
struct FittedFilterTests {
    private static let straight = (0..<256).map { Float($0) }
    /// Settings of a dodge, and the name that the refusal must give.
    private static let wrong: [([String: Double], String)] = [
        ([:], "sigma"), (["sigma": 4, "phi": 1], "phi"), (["sigma": -1], "sigma"), (["sigma": .nan], "sigma"),
    ]

    @Test("each filter draws what its formula says, by SciPy's blurs", arguments: MetricGoldens.all.drawn)
    func formula(_ golden: MetricGoldens.Drawn) throws {
        let filter = try FittedFilter(kind: golden.kind, parameters: golden.parameters, toneCurve: Self.straight)
        let drawn = try filter(MetricGoldens.picture(golden.picture))
        let expected = try MetricGoldens.picture(golden.drawn)
        // A byte apart where the two sides round a half differently.
        let worst = zip(drawn.values, expected.values).map { abs($0 - $1) }.max()
        #expect(try #require(worst) <= 1)
    }

    @Test("Canny's lines are black in the middle and as wide as asked")
    func lineWidth() throws {
        let step = GrayImage(width: 40, height: 30) { x, _ in x < 20 ? 20 : 230 }
        let darkness = try [0.5, 1, 2].map { width in
            let parameters = ["sigma": 1, "low": 0.1, "high": 0.3, "width": width]
            let filter = try FittedFilter(kind: .canny, parameters: parameters, toneCurve: Self.straight)
            let row = filter(step).values[15 * 40..<16 * 40]
            #expect(row.min() == 0)
            return row.reduce(0) { $0 + (255 - $1) / 255 }
        }
        // The edge falls on one column or two; the area under a Gaussian of peak 1 is σ √(2π) for each.
        #expect(darkness[0] < darkness[1] && darkness[1] < darkness[2])
    }

    @Test("the tone curve is applied to what was drawn")
    func toneCurve() throws {
        let photo = try MetricGoldens.picture("wide-photo")
        let plain = try FittedFilter(kind: .dodgeAndBurn, parameters: ["sigma": 4], toneCurve: Self.straight)
        let inverse = try FittedFilter(
            kind: .dodgeAndBurn, parameters: ["sigma": 4], toneCurve: Self.straight.reversed())
        #expect(inverse(photo).values == plain(photo).values.map { 255 - $0 })
    }

    @Test("a filter comes back from JSON as it was")
    func coding() throws {
        let filter = try FittedFilter(
            kind: .xdog, parameters: ["sigma": 1, "k": 1.6, "p": 20, "epsilon": 0.5, "phi": 10],
            toneCurve: Self.straight.map { $0 / 3 })
        let decoded = try JSONDecoder().decode(FittedFilter.self, from: JSONEncoder().encode(filter))
        #expect(decoded == filter)
    }

    @Test("settings that are missing, unknown or out of range are refused", arguments: wrong)
    func settings(_ parameters: [String: Double], _ culprit: String) {
        #expect {
            try FittedFilter(kind: .dodgeAndBurn, parameters: parameters, toneCurve: Self.straight)
        } throws: { error in
            if case .setting(culprit, _) = error as? EvaluationError { true } else { false }
        }
    }

    @Test("a tone curve of another length is refused, in a file too")
    func shortCurve() {
        let file = Data(#"{"kind":"dodgeAndBurn","parameters":{"sigma":4},"toneCurve":[1,2,3]}"#.utf8)
        #expect(throws: EvaluationError.setting(name: "toneCurve", detail: "give 256 values in 0…255")) {
            try JSONDecoder().decode(FittedFilter.self, from: file)
        }
    }
}
