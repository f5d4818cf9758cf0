// The single-file layout of the original code: its keys become those that diffusers' own converters give.

import Foundation
import LimnerEngine
import Testing

@Suite("Single-file checkpoints")
struct SingleFileTests {
    private static let schedule = "alphas_cumprod"

    private static func parts() throws -> [(ModelPart, prefixes: [String: String])] {
        let model = Fixture.model
        let names = try Fixture.json("single-file-keys.json")
        return try [
            (.unet(UNetConfiguration(contentsOf: "\(model)/unet/config.json")), names["unet"]?.object),
            (.autoencoder(AutoencoderConfiguration(contentsOf: "\(model)/vae/config.json")), names["vae"]?.object),
            (.textEncoder, nil),
        ].map { part, names in (part, (names ?? [:]).compactMapValues(\.string)) }
    }

    /// The tiny model's weights under the names of the original code, in one file, and empty folders for the parts.
    private func withSingleFile(extra: [String] = [], _ body: (String) throws -> Void) throws {
        try Fixture.withFolder { folder in
            var tensors: [(name: String, shape: [Int], values: [Float])] = extra.map { ($0, [1], [0]) }
            for (part, names) in try Self.parts() {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(part.folder)", withIntermediateDirectories: true)
                let source = try SafetensorsFile(path: "\(Fixture.model)/\(part.folder)/\(part.stem).safetensors")
                for (key, entry) in source.tensors {
                    let name = names[key] ?? "cond_stage_model.transformer.text_model.\(key)"
                    tensors.append((name, entry.shape, try source.floats(key)))
                }
            }
            try SafetensorsFile.write(tensors, metadata: [:], to: "\(folder)/all.safetensors")
            try body(folder)
        }
    }

    @Test("every weight of every part is found under the name of diffusers, and none is left")
    func all() throws {
        try withSingleFile(extra: [Self.schedule, "model_ema.decay"]) { folder in
            for (part, _) in try Self.parts() {
                let source = try SafetensorsFile(path: "\(Fixture.model)/\(part.folder)/\(part.stem).safetensors")
                let weights = try Weights(model: folder, part: part)
                for (key, entry) in source.tensors {
                    #expect(try weights.take(key, shape: entry.shape) == (try source.floats(key)))
                }
                try weights.finish()
            }
        }
    }

    @Test("a weight that the configuration has no place for is left over")
    func leftOver() throws {
        let stranger = "model.diffusion_model.input_blocks.9.0.in_layers.0.weight"
        try withSingleFile(extra: [stranger]) { folder in
            for (part, _) in try Self.parts().prefix(1) {
                let weights = try Weights(model: folder, part: part)
                let source = try SafetensorsFile(path: "\(Fixture.model)/unet/\(part.stem).safetensors")
                for (key, entry) in source.tensors { _ = try weights.take(key, shape: entry.shape) }
                let error = #expect(throws: EngineError.self) { try weights.finish() }
                #expect(error?.description.contains(stranger) == true)
            }
        }
    }

    @Test("a weight of no known part is refused with its name")
    func stranger() throws {
        try withSingleFile(extra: ["control_model.zero.weight"]) { folder in
            let error = #expect(throws: EngineError.self) { try Weights(model: folder, part: .textEncoder) }
            #expect(error?.description.contains("control_model.zero.weight") == true)
        }
    }

    @Test("a part's own folder comes before the single file")
    func folderFirst() throws {
        try withSingleFile { folder in
            let own = "\(folder)/text_encoder/model.safetensors"
            try SafetensorsFile.write([("text_model.a", [1], [5])], metadata: [:], to: own)
            #expect(try Weights(model: folder, part: .textEncoder).take("a", shape: [1]) == [5])
        }
    }
}
