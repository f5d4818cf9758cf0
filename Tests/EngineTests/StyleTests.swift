// A style file comes back as it was written, and nothing damaged or foreign is drawn with.
import Foundation
import Testing

import LimnerEngine

@Suite("Style files")
struct StyleTests {
    private let model: DiffusionModel

    init() throws { model = try DiffusionModel(folder: Golden.modelFolder) }

    private func style(modelHash: String? = nil) -> Style {
        let origin = StyleOrigin(
            name: "pencil", modelName: "tiny", modelHash: modelHash ?? model.hash,
            settings: TuningSettings(ModelDefaults(), seed: 3), freeRows: 4,
            photoHash: "aa", sketchHash: "bb", curve: [])
        return Style(instruction: model.instruction("make it a sketch"), origin: origin)
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
