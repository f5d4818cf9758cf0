// The networks against diffusers and transformers, tensor by tensor.
import Testing

import LimnerEngine

@Suite("The networks agree with diffusers")
struct ModelGoldenTests {
    @Test("the text tower, five sentences")
    func text() throws {
        let encoder = try Golden.textEncoder()
        let tokenizer = try CLIPTokenizer(folder: Golden.modelFolder + "/tokenizer")
        let golden = try Golden.tensor("text.last_hidden_state")
        for (index, sentence) in try Golden.prompts().enumerated() {
            let state = encoder(tokenizer.encode(sentence), Pass())
            expectGolden("text.\(index)", state, golden.batch(index..<index + 1))
        }
    }

    @Test("the UNet, batch 3", arguments: [0, 1, 251, 500, 999])
    func unet(timestep: Int) throws {
        let output = try Golden.unet()(
            Golden.map("unet.in"), timesteps: [Float(timestep)], instruction: Golden.tensor("unet.ctx"), Pass())
        expectGolden("unet.out.t\(timestep)", output, try Golden.map("unet.out.t\(timestep)"))
    }

    @Test("UNet and autoencoder with weights that are not packed, as on other CPUs")
    func plainWeights() throws {
        var options = EngineOptions()
        options.panels = .none
        let unet = try UNet(
            Golden.weights("unet"), UNetConfiguration(contentsOf: Golden.configuration("unet")), options)
        let output = try unet(
            Golden.map("unet.in"), timesteps: [500], instruction: Golden.tensor("unet.ctx"), Pass(options))
        expectGolden("unet.out.t500", output, try Golden.map("unet.out.t500"))
        let autoencoder = try Autoencoder(
            Golden.weights("vae"), AutoencoderConfiguration(contentsOf: Golden.configuration("vae")), options)
        let decoded = autoencoder.decode(try Golden.map("vae.z"), Pass(options))
        expectGolden("vae.decoded", decoded, try Golden.map("vae.decoded"))
    }

    @Test("results that share an image are those of the image given twice")
    func sharedImages() throws {
        let (unet, x, instruction) = try (Golden.unet(), Golden.map("unet.in"), Golden.tensor("unet.ctx"))
        let twice = Tensor.stacked([x.batch(0..<1), x.batch(0..<1), x.batch(1..<2)])
        let expected = unet(twice, timesteps: [500], instruction: instruction, Pass())
        let shared = unet(x.batch(0..<2), timesteps: [500], instruction: instruction, images: [0, 0, 1], Pass())
        #expect(shared.shape == expected.shape)
        #expect(relativeError(shared, expected) <= 1e-5)
    }

    @Test("the UNet with a timestep per image")
    func timesteps() throws {
        let output = try Golden.unet()(
            Golden.map("unet.in"), timesteps: [0, 251, 999], instruction: Golden.tensor("unet.ctx"), Pass())
        for (image, timestep) in [0, 251, 999].enumerated() {
            let golden = try Golden.map("unet.out.t\(timestep)").batch(image..<image + 1)
            #expect(relativeError(output.batch(image..<image + 1), golden) <= 1e-4)
        }
    }

    @Test("the UNet's activations")
    func activations() throws {
        var seen: [String: Tensor] = [:]
        let pass = Pass { seen[$0] = $1 }
        _ = try Golden.unet()(
            Golden.map("unet.in").batch(0..<1), timesteps: [500], instruction: Golden.tensor("unet.ctx").batch(0..<1),
            pass)
        let names = [
            "time_proj", "time_embedding", "conv_in", "down_blocks.0.resnets.0", "down_blocks.0.attentions.0",
            "down_blocks.0.downsamplers.0", "down_blocks.1.resnets.0", "mid_block.attentions.0", "mid_block",
            "up_blocks.0.resnets.0", "up_blocks.0.upsamplers.0", "up_blocks.1.attentions.1", "conv_norm_out",
        ]
        for name in names {
            let golden = try Golden.tensor("unet.act.t500.b1.\(name)")
            let activation = try #require(seen[name], "\(name) was not seen")
            expectGolden("unet.act.\(name)", activation, golden.shape.count == 4 ? golden.channelsLast : golden)
        }
    }

    @Test("the UNet on a map that is not square")
    func rectangle() throws {
        let output = try Golden.unet()(
            Golden.map("unet.rect.in"), timesteps: [500], instruction: Golden.tensor("unet.ctx").batch(0..<1), Pass())
        expectGolden("unet.rect.out.t500", output, try Golden.map("unet.rect.out.t500"))
    }

    @Test("the autoencoder's posterior and its picture")
    func autoencoder() throws {
        let autoencoder = try Golden.autoencoder()
        let moments = try autoencoder.moments(Golden.map("vae.image"), Pass()).channelsFirst.values
        let half = moments.count / 2
        let (mean, variance) = try (Golden.tensor("vae.mean"), Golden.tensor("vae.logvar"))
        expectGolden("vae.mean", Tensor(Array(moments[..<half]), shape: mean.shape), mean)
        expectGolden("vae.logvar", Tensor(Array(moments[half...]), shape: variance.shape), variance)
        expectGolden("vae.decoded", autoencoder.decode(try Golden.map("vae.z"), Pass()), try Golden.map("vae.decoded"))
    }

    @Test("every kernel set gives the same picture", arguments: KernelSet.all)
    func kernels(kernels: KernelSet) throws {
        let output = try Golden.unet()(
            Golden.map("unet.in"), timesteps: [500], instruction: Golden.tensor("unet.ctx"), kernels.pass())
        #expect(relativeError(output, try Golden.map("unet.out.t500")) <= 1e-5)
    }
}
