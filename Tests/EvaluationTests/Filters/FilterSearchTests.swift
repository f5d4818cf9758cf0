// The search: that it finds what is there, when it ends, and that its seed decides.
import LimnerEvaluation
import Testing

@Suite("The search for a filter")
struct FilterSearchTests {
    private static let straight = (0..<256).map { Float($0) }

    /// A filter of each kind with settings away from the ends of their ranges.
    private static let makers: [(FilterKind, [String: Double])] = [
        (.dodgeAndBurn, ["sigma": 6]),
        (.xdog, ["sigma": 1.2, "k": 1.7, "p": 8, "epsilon": 0.6, "phi": 6]),
        (.canny, ["sigma": 1.5, "low": 0.1, "high": 0.4, "width": 0.8]),
    ]

    @Test("a sketch that a filter made is found again", arguments: makers)
    func recovery(_ kind: FilterKind, _ parameters: [String: Double]) throws {
        let photo = try MetricGoldens.picture("wide-photo")
        let sketch = try FittedFilter(
            kind: kind, parameters: parameters, toneCurve: Self.straight.map { 30 + 0.85 * $0 })(photo)
        let found = try fitFilter(photo: photo, sketch: sketch, atLeast: 0, trials: 1500, seed: 3)
        #expect(found.filter.kind == kind)
        #expect(try structuralSimilarity(found.filter(photo), sketch) > 0.98)
    }

    @Test("more trials leave the pair no less alike")
    func longer() throws {
        let (photo, sketch) = try Self.pair()
        func worth(_ trials: Int) throws -> Double {
            let filter = try fitFilter(photo: photo, sketch: sketch, atLeast: 0, trials: trials, seed: 1).filter
            let drawn = filter(photo)
            return try structuralSimilarity(drawn, sketch) + featureSimilarity(drawn, sketch) + scoot(drawn, sketch)
        }
        #expect(try worth(600) > worth(6))
    }

    @Test("the same seed and trials give the same filter")
    func determinism() throws {
        let (photo, sketch) = try Self.pair()
        let filters = try (0..<2).map { _ in
            try fitFilter(photo: photo, sketch: sketch, atLeast: 0, trials: 40, seed: 9).filter
        }
        #expect(filters[0] == filters[1])
    }

    @Test("another seed tries other filters")
    func seeds() throws {
        let (photo, sketch) = try Self.pair()
        let filters = try [UInt64(9), 10].map { seed in
            try fitFilter(photo: photo, sketch: sketch, atLeast: 0, trials: 40, seed: seed).filter
        }
        #expect(filters[0] != filters[1])
    }

    @Test("it goes on until the time is used up")
    func time() throws {
        let (photo, sketch) = try Self.pair()
        var now = 100.0
        let found = try fitFilter(photo: photo, sketch: sketch, atLeast: 20, trials: 3) {
            now += 0.5
            return now
        }
        // After the least number, the clock is read before each trial, and the 40th reading is 20 seconds after the
        // start.
        #expect(found.trials == 3 + 39 && found.seconds >= 20)
    }

    @Test("it makes the least number of trials when it has no time")
    func trials() throws {
        let (photo, sketch) = try Self.pair()
        #expect(try fitFilter(photo: photo, sketch: sketch, atLeast: 0, trials: 7) { 0 }.trials == 7)
    }

    @Test("a blank sketch is refused")
    func blankSketch() throws {
        let (photo, sketch) = try Self.pair()
        let blank = GrayImage(width: sketch.width, height: sketch.height) { _, _ in 255 }
        #expect(throws: EvaluationError.constant(what: "Scoot")) {
            try fitFilter(photo: photo, sketch: blank, atLeast: 0)
        }
    }

    @Test("a blank photo is refused after the trials")
    func blankPhoto() throws {
        let (photo, sketch) = try Self.pair()
        let blank = GrayImage(width: photo.width, height: photo.height) { _, _ in 90 }
        #expect(throws: EvaluationError.noFilter(trials: 9)) {
            try fitFilter(photo: blank, sketch: sketch, atLeast: 0, trials: 9)
        }
    }

    @Test("times that are no times are refused", arguments: [-1, .infinity, .nan])
    func badTime(_ seconds: Double) throws {
        let (photo, sketch) = try Self.pair()
        #expect(throws: EvaluationError.setting(name: "seconds", detail: "give 0…86400")) {
            try fitFilter(photo: photo, sketch: sketch, atLeast: seconds)
        }
    }

    private static func pair() throws -> (GrayImage, GrayImage) {
        try (MetricGoldens.picture("wide-photo"), MetricGoldens.picture("wide-drawing"))
    }
}
