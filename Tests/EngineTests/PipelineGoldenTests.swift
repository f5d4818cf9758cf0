// The whole pipeline from given noise against diffusers' StableDiffusionInstructPix2PixPipeline, step by step.
import Foundation
import Testing

import LimnerEngine

@Suite("The pipeline agrees with diffusers")
struct PipelineGoldenTests {
    private func photo() throws -> Tensor {
        let file = try SafetensorsFile(path: Golden.folder + "/golden.safetensors").integers("pipe.image_u8")
        return Tensor(file.map { Float($0) / 127.5 - 1 }, shape: [1, 32, 32, 3])
    }

    private func instruction(_ name: String) throws -> Instruction {
        let rows = try Golden.tensor(name)
        return Instruction(rows: rows.reshaped(Array(rows.shape.dropFirst())), wordCount: 1)
    }

    /// The tiny model under another scheduler: its folder with that class in the index and these settings in its file.
    private func modelFolder(scheduler: [String: String]) throws -> String {
        let folder = NSTemporaryDirectory() + "limner-model-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: Golden.modelFolder, toPath: folder)
        try rewrite(folder + "/scheduler/scheduler_config.json") { settings in
            for (key, value) in scheduler { settings[key] = value == "false" ? false : value }
        }
        try rewrite(folder + "/model_index.json") { $0["scheduler"] = ["diffusers", scheduler["_class_name"]] }
        return folder
    }

    private func rewrite(_ file: String, _ change: (inout [String: Any]) -> Void) throws {
        let stored = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file)))
        var object = try #require(stored as? [String: Any])
        change(&object)
        try JSONSerialization.data(withJSONObject: object).write(to: URL(fileURLWithPath: file))
    }

    @Test("a photo's latent")
    func photoLatent() throws {
        let latent = try DiffusionModel(folder: Golden.modelFolder).photoLatent(photo())
        expectGolden("pipe.image_latents", latent, try Golden.map("pipe.image_latents"))
    }

    @Test(
        "every step's latent and the picture",
        arguments: [
            (
                "ddim",
                [
                    "_class_name": "DDIMScheduler", "clip_sample": "false", "set_alpha_to_one": "false",
                    "timestep_spacing": "leading",
                ]
            ),
            ("euler", ["_class_name": "EulerDiscreteScheduler"]),
            ("euler_ancestral", ["_class_name": "EulerAncestralDiscreteScheduler"]),
            ("dpmpp_2m", ["_class_name": "DPMSolverMultistepScheduler"]),
        ])
    func pipeline(name: String, scheduler: [String: String]) throws {
        let folder = try modelFolder(scheduler: scheduler)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let model = try DiffusionModel(folder: folder)
        let settings = EditSettings(steps: 6, guidance: Guidance(text: 7.5, image: 1.5))
        let noise = try NoiseSource.given(
            latents: Golden.tensor("pipe.latents"), steps: Golden.tensor("pipe.noise").batch(0..<6))
        let editor = try Editor(
            model, photo: photo(), instruction: instruction("pipe.prompt_embeds"), settings: settings, noise: noise)
        let golden = try Golden.map("pipe.\(name).step_latents")
        var last: Tensor?
        for step in editor {
            expectGolden("pipe.\(name).\(step.number)", step.latents, golden.batch(step.number - 1..<step.number))
            last = step.latents
        }
        let picture = try model.picture(#require(last))
        let wanted = try Golden.tensor("pipe.\(name).image")
        let error = zip(picture.values, wanted.values).reduce(0) { max($0, abs($1.0 / 2 + 0.5 - $1.1)) }
        print("parity pipe.\(name).image \(error)")
        #expect(error <= 1.0 / 255)
    }

    @Test(
        "a tokenizer that the text tower has no rows for is an error",
        arguments: ["vocab_size", "max_position_embeddings"])
    func tokenizerAgreement(key: String) throws {
        let folder = try modelFolder(scheduler: ["_class_name": "DDIMScheduler"])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        if key == "vocab_size" {
            try rewrite(folder + "/tokenizer/vocab.json") { $0["unheard</w>"] = 5000 }
        } else {
            try rewrite(folder + "/tokenizer/tokenizer_config.json") { $0["model_max_length"] = 78 }
        }
        let error = #expect(throws: EngineError.self) { try DiffusionModel(folder: folder) }
        #expect(try #require(error).description.contains(key))
    }

    @Test("a drawing that does not stay finite is an error, not a picture")
    func notFinite() throws {
        let model = try DiffusionModel(folder: Golden.modelFolder)
        #expect(throws: EngineError.notFinite(what: "the drawing")) {
            try model.picture(Tensor(repeating: .nan, shape: [1, 8, 8, 4]))
        }
    }

    @Test("the empty instruction and a sentence are the text tower's own")
    func instructions() throws {
        let model = try DiffusionModel(folder: Golden.modelFolder)
        expectGolden("pipe.negative", model.instruction("").rows, try Golden.tensor("pipe.negative_prompt_embeds"))
        let sentence = model.instruction(try Golden.prompts()[1])
        expectGolden("pipe.prompt", sentence.rows, try Golden.tensor("pipe.prompt_embeds"))
        #expect(
            sentence.wordCount
                == (try CLIPTokenizer(folder: Golden.modelFolder + "/tokenizer").tokens(Golden.prompts()[1]).count))
    }
}
