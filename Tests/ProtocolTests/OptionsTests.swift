// Options of sketches and tunings: what is accepted, and that everything wrong is told at once.

import LimnerProtocol
import Testing

@Suite("Options")
struct OptionsTests {
    static let samplers = ["ddim", "euler"]

    private func sketch(_ pairs: KeyValuePairs<String, String>) throws -> SketchOptions {
        try SketchOptions(pairs.map { NamedValue($0.key, $0.value) }, samplers: OptionsTests.samplers)
    }

    @Test("every option of a sketch is read")
    func everything() throws {
        let options = try sketch([
            "style": "charcoal", "steps": "30", "text_guidance": "7.5", "image_guidance": "1", "seed": "42",
            "sampler": "euler", "size": "512", "format": "jpeg", "n": "4",
        ])
        var expected = SketchOptions()
        expected.styles = [try #require(StyleMix("charcoal"))]
        expected.steps = 30
        expected.textGuidance = 7.5
        expected.imageGuidance = 1
        expected.seed = 42
        expected.sampler = "euler"
        expected.size = .longSide(512)
        expected.format = .jpeg
        expected.count = 4
        #expect(options == expected)
    }

    @Test("what is not given is nil, and one sketch is drawn")
    func defaults() throws {
        var expected = SketchOptions()
        expected.text = "a drawing in ink"
        #expect(try sketch(["text": "a drawing in ink"]) == expected)
    }

    @Test("size may be original and format jpg")
    func synonyms() throws {
        let options = try sketch(["style": "a", "size": "original", "format": "jpg"])
        #expect(options.size == .original)
        #expect(options.format == .jpeg)
    }

    @Test(
        "values outside their range or form are refused by name",
        arguments: [
            ("steps", "0"), ("steps", "201"), ("steps", "+5"), ("steps", "5.0"), ("steps", ""), ("steps", " 5"),
            ("steps", "99999999999999999999"), ("text_guidance", "-1"), ("text_guidance", "30.5"),
            ("text_guidance", "1e1"), ("text_guidance", "nan"), ("text_guidance", "0x1"), ("text_guidance", "."),
            ("text_guidance", "5."), ("text_guidance", "1.2.3"), ("image_guidance", "inf"), ("seed", "-1"),
            ("seed", "9007199254740992"), ("seed", "1.0"), ("sampler", "heun"), ("sampler", ""), ("size", "63"),
            ("size", "2049"), ("size", "512x512"), ("size", "Original"), ("format", "webp"), ("n", "0"), ("n", "9"),
            ("style", "Charcoal"), ("style", ".a"), ("style", ""), ("style", "../x"), ("style", "é"),
            ("style", String(repeating: "a", count: 65)),
        ])
    func outOfRange(name: String, value: String) {
        var given = [NamedValue(name, value)]
        if name != "style" { given.append(NamedValue("style", "a")) }
        let error = #expect(throws: InvalidOptions.self) {
            try SketchOptions(given, samplers: OptionsTests.samplers)
        }
        #expect(error?.errors.map(\.field) == [name])
    }

    @Test(
        "instructions are one line of text", arguments: ["", " ", "a\nb", "a\0", String(repeating: "a", count: 2001)])
    func text(value: String) {
        let error = #expect(throws: InvalidOptions.self) { try sketch(["text": value]) }
        #expect(error?.errors.map(\.field) == ["text"])
    }

    @Test("the largest values are accepted")
    func largest() throws {
        let options = try sketch([
            "style": String(repeating: "a", count: 64), "seed": "9007199254740991", "steps": "200",
            "text_guidance": "30",
        ])
        #expect(options.seed == 9_007_199_254_740_991)
        #expect(options.textGuidance == 30)
    }

    @Test("a style or a text is needed")
    func styleOrText() {
        let error = #expect(throws: InvalidOptions.self) { try SketchOptions([], samplers: []) }
        #expect(error?.errors.map(\.field) == ["style"])
    }

    @Test("a text may stand beside a style")
    func styleAndText() throws {
        let options = try sketch(["style": "a", "text": "with a hat"])
        #expect(options.styles.map(\.text) == ["a"] && options.text == "with a hat")
    }

    @Test("styles may be several, each for a sketch of its own, but not any number")
    func severalStyles() throws {
        #expect(try sketch(["style": "a", "style": "b:1,c:3"]).styles.map(\.text) == ["a", "b:0.25,c:0.75"])
        let many = Array(repeating: NamedValue("style", "a"), count: OptionLimits.styles + 1)
        let error = #expect(throws: InvalidOptions.self) { try SketchOptions(many, samplers: []) }
        #expect(error?.errors.map(\.field) == ["style"])
    }

    @Test(
        "a mix is names with weights, which are brought to a sum of 1",
        arguments: [
            ("a:0.7,b:0.3", "a:0.7,b:0.3"), ("a:7,b:3", "a:0.7,b:0.3"), ("a,b", "a:0.5,b:0.5"),
            ("a:1,b:0", "a:1,b:0"), ("a:0.2", "a"), ("a:1,b:1,c:1", "a:0.3333,b:0.3333,c:0.3333"),
        ])
    func mixes(given: String, shown: String) throws {
        let mix = try #require(StyleMix(given))
        #expect(mix.text == shown)
        #expect(abs(mix.shares.reduce(0) { $0 + $1.weight } - 1) < 1e-12)
    }

    @Test(
        "what is no mix is refused",
        arguments: [
            "", "a:", "a:-1,b:2", "a:0,b:0", "a:0", "a:1e1,b", "a:nan,b", "a:1,a:2", "a,", ",a", "a:1:2", "a;b", "A,b",
            "a,b,c,d,e", "a: 1,b",
        ])
    func notMixes(given: String) { #expect(StyleMix(given) == nil) }

    @Test("n sketches have n seeds, the given one and those after it")
    func seeds() throws {
        #expect(try sketch(["style": "a", "n": "3", "seed": "7"]).seeds { 0 } == [7, 8, 9])
        #expect(
            try sketch(["style": "a", "n": "2", "seed": "9007199254740991"]).seeds { 5 } == [9_007_199_254_740_991, 0])
        #expect(try sketch(["style": "a", "n": "2"]).seeds { 5 } == [5, 5])
    }

    @Test("everything wrong is told at once, and nothing of the request is repeated")
    func collected() throws {
        let error = #expect(throws: InvalidOptions.self) {
            try sketch(["steps": "x-marks-it", "steps": "5", "colour": "red-herring", "n": "many", "style": "a"])
        }
        let errors = try #require(error).errors
        #expect(errors.map(\.field) == ["options", "steps", "steps", "n"])
        let text = errors.map(\.detail).joined()
        for given in ["x-marks-it", "red-herring", "colour", "many"] { #expect(!text.contains(given)) }
    }

    @Test("every option of a tuning is read")
    func tune() throws {
        let options = try TuneOptions([
            NamedValue("name", "ink"), NamedValue("text", "in ink"), NamedValue("steps", "1000"),
            NamedValue("seed", "7"),
        ])
        var expected = TuneOptions(name: "ink")
        expected.text = "in ink"
        expected.steps = 1000
        expected.seed = 7
        #expect(options == expected)
    }

    @Test(
        "a tuning needs a name and takes no option of a sketch",
        arguments: [
            ([], ["name"]), ([NamedValue("name", "a"), NamedValue("sampler", "ddim")], ["options"]),
            ([NamedValue("name", "A")], ["name"]),
            ([NamedValue("name", "a"), NamedValue("steps", "20001")], ["steps"]),
        ] as [([NamedValue], [String])])
    func badTune(given: [NamedValue], fields: [String]) {
        let error = #expect(throws: InvalidOptions.self) { try TuneOptions(given) }
        #expect(error?.errors.map(\.field) == fields)
    }
}
