// A style file comes back as it was written, and nothing damaged or foreign is drawn with.
import Foundation
import Testing

import LimnerEngine

@Suite("Style files")
struct StyleTests {
    private let model: DiffusionModel

    init() throws { model = try DiffusionModel(folder: Golden.modelFolder) }

    private func style(modelHash: String? = nil, toneCurves: ToneCurves? = nil) -> Style {
        let origin = StyleOrigin(
            name: "pencil", modelName: "tiny", modelHash: modelHash ?? model.hash,
            settings: TuningSettings(ModelDefaults(), seed: 3), freeRows: 4,
            photoHash: "aa", sketchHash: "bb", curve: [])
        return Style(instruction: model.instruction("make it a sketch"), toneCurves: toneCurves, origin: origin)
    }

    /// A path that is gone after the test.
    private func withFile(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "limner-style-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test("a style comes back as it was written")
    func roundTrip() throws {
        try withFile { path in
            try style().write(to: path)
            let read = try Style(path: path)
            #expect(read.origin == style().origin)
            #expect(read.instruction.rows.values == style().instruction.rows.values)
            #expect(try model.instruction(of: read).rows.shape == [77, 32])
        }
    }

    @Test(
        "tone curves come back as they were written, and a style without any is a file of the first version",
        arguments: [ToneCurves.Source.channels, .luma])
    func toneCurves(_ source: ToneCurves.Source) throws {
        let curves = try ToneCurves((0..<768).map { Float($0 % 256) * 0.5 + 0.25 }, of: source)
        try withFile { path in
            try style(toneCurves: curves).write(to: path)
            #expect(try Style(path: path).toneCurves == curves)
            #expect(try SafetensorsFile(path: path).metadata["version"] == "3")
            try style().write(to: path)
            #expect(try Style(path: path).toneCurves == nil)
            #expect(try SafetensorsFile(path: path).metadata["version"] == "1")
        }
    }

    @Test(
        "curves that fall, leave 0…255 or are of another length are no tone curves",
        arguments: [(768, 0, -1), (768, 100, 0), (768, 255, 256), (768, 300, .nan), (767, 0, 0)] as [(Int, Int, Float)])
    func badToneCurves(count: Int, level: Int, value: Float) throws {
        var values = (0..<count).map { Float($0 % 256) }
        values[level] = value
        #expect(throws: EngineError.self) { try ToneCurves(values, of: .channels) }
        try withFile { path in
            let metadata = try StyleTests.metadata(of: style(), version: "2")
            let rows = style().instruction.rows
            try SafetensorsFile.write(
                [("instruction", rows.shape, rows.values), ("tone_curves", [count], values)], metadata: metadata,
                to: path)
            let error = #expect(throws: EngineError.self) { try Style(path: path) }
            #expect(try #require(error).description.contains("tone_curves"))
        }
    }

    @Test("curves of the second version are of the channels, and of the third of what the file says, if that is known")
    func sourcesOfToneCurves() throws {
        let values = (0..<768).map { Float($0 % 256) }
        let rows = style().instruction.rows
        try withFile { path in
            for (version, source) in [("2", nil), ("3", "hue"), ("3", nil)] {
                var metadata = try StyleTests.metadata(of: style(), version: version)
                metadata["tone_source"] = source
                try SafetensorsFile.write(
                    [("instruction", rows.shape, rows.values), ("tone_curves", ToneCurves.shape, values)],
                    metadata: metadata, to: path)
                if version == "2" {
                    #expect(try Style(path: path).toneCurves == ToneCurves(values, of: .channels))
                } else {
                    let error = #expect(throws: EngineError.self) { try Style(path: path) }
                    #expect(try #require(error).description.contains("\"\(source ?? "")\""))
                }
            }
        }
    }

    @Test("settings that a file of an older build lacks are what that build did")
    func olderSettings() throws {
        var settings = style().origin.settings
        (settings.unitGradients, settings.freeRows) = (false, 7)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(settings), as: UTF8.self)
            .replacing(#""unitGradients":false,"#, with: "")
        #expect(!text.contains("unitGradients"))
        #expect(try JSONDecoder().decode(TuningSettings.self, from: Data(text.utf8)) == settings)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(
                TuningSettings.self, from: Data(text.replacing(#""patience":5"#, with: #""x":5"#).utf8))
        }
    }

    @Test("a style of a later version says which this build reads")
    func laterVersion() throws {
        try withFile { path in
            let rows = style().instruction.rows
            try SafetensorsFile.write(
                [("instruction", rows.shape, rows.values)], metadata: StyleTests.metadata(of: style(), version: "4"),
                to: path)
            let error = #expect(throws: EngineError.self) { try Style(path: path) }
            #expect(try #require(error).description.contains("version 4; this build reads 1 to 3"))
        }
    }

    private static func metadata(of style: Style, version: String) throws -> [String: String] {
        let origin = String(decoding: try JSONEncoder().encode(style.origin), as: UTF8.self)
        return ["format": "limner-style", "version": version, "origin": origin]
    }

    @Test("a style of another model is refused with both hashes")
    func foreign() throws {
        let error = #expect(throws: EngineError.self) {
            try model.instruction(of: style(modelHash: "0123456789abcdef"))
        }
        #expect(try #require(error).description.contains("0123456789ab"))
    }

    @Test("a style cut short at any place is an error, not a trap")
    func truncated() throws {
        try withFile { path in
            try style().write(to: path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            for length in stride(from: 0, to: bytes.count, by: 97) {
                try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
                #expect(throws: EngineError.self) { try Style(path: path) }
            }
        }
    }

    @Test("a number that is not finite is an error")
    func notFinite() throws {
        try withFile { path in
            var values = model.instruction("").rows.values
            values[5] = .nan
            let broken = Style(
                instruction: Instruction(rows: Tensor(values, shape: [77, 32]), wordCount: 1), origin: style().origin)
            try broken.write(to: path)
            #expect(throws: EngineError.self) { try Style(path: path) }
        }
    }

    @Test("a model's weights are no style")
    func notAStyle() throws {
        #expect(throws: EngineError.self) {
            try Style(path: Golden.modelFolder + "/unet/diffusion_pytorch_model.safetensors")
        }
    }

    @Test("tuning that begins from the pair names no sentence")
    func sentence() {
        #expect(TuningSettings(ModelDefaults(), start: .pair).sentence.isEmpty)
        #expect(TuningSettings(ModelDefaults()).sentence == ModelDefaults().tuning.text)
    }
}
