// The UNet whose instruction also scales and shifts its features, and the instruction encoder, against torch.
import Testing

import LimnerEngine

@Suite("A pooled instruction that scales and shifts agrees with diffusers")
struct ConditionedGoldenTests {
    private let file: SafetensorsFile
    private let unet: UNet

    init() throws {
        file = try SafetensorsFile(path: Golden.folder + "/conditioned-extra.safetensors")
        let folder = Golden.folder + "/conditioned-unet"
        unet = try UNet(
            Weights(folder: folder, stem: "diffusion_pytorch_model"),
            UNetConfiguration(contentsOf: folder + "/config.json"))
    }

    private func tensor(_ name: String) throws -> Tensor {
        try Tensor(file.floats(name), shape: #require(file.tensors[name]).shape)
    }

    @Test("the pooled instruction and the prediction, a timestep per image")
    func forward() throws {
        var seen: [String: Tensor] = [:]
        let output = try unet(
            tensor("x").channelsLast, timesteps: [999, 250], instruction: tensor("rows"), Pass { seen[$0] = $1 })
        expectGolden("conditioned.pooled", try #require(seen["add_embedding"]), try tensor("pooled"))
        expectGolden("conditioned.out", output, try tensor("out").channelsLast)
    }

    @Test("loss and gradient with respect to the instruction")
    func gradient() throws {
        let tape = Tape()
        let watched = try tape.watch(tensor("rows"))
        let output = try unet(
            tensor("x").channelsLast, timesteps: [999, 250], instruction: watched, Pass(tape: tape))
        let wanted = try tensor("wanted").channelsLast
        let loss = try Double(tensor("loss").values[0])
        #expect(abs(output.meanSquaredError(wanted) - loss) <= 1e-5 * loss)
        let gradient = tape.gradient(
            of: output, seed: output.meanSquaredErrorGradient(wanted), withRespectTo: watched)
        expectGolden("conditioned.gradient", gradient, try tensor("gradient"), tolerance: 1e-3)
    }

    @Test("tone and contrast of the clean latent, and their gradient")
    func toneAndContrast() throws {
        let objective = try ToneAndContrast(clean: tensor("clean").channelsLast)
        let (loss, gradient) = try objective(tensor("guess").channelsLast)
        let golden = try Double(tensor("tone_loss").values[0])
        #expect(abs(loss - golden) <= 1e-5 * golden)
        expectGolden("tone.gradient", gradient, try tensor("tone_gradient").channelsLast)
    }

    @Test("the instruction that a pair proposes")
    func encoder() throws {
        let folder = Golden.folder + "/instruction-encoder"
        let encoder = try InstructionEncoder(
            Weights(folder: folder, stem: "model"),
            InstructionEncoderConfiguration(contentsOf: folder + "/config.json"))
        let proposed = try encoder(
            photo: tensor("photo").channelsLast, sketch: tensor("sketch").channelsLast, Pass())
        expectGolden("encoder.rows", proposed, try tensor("proposed").reshaped(proposed.shape))
    }
}
