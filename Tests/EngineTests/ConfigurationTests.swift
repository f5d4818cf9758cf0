// Configurations: the tiny model's own, diffusers' defaults, and what must be refused.

import LimnerEngine
import Testing

private func file(_ members: [String: JSONValue]) -> JSONFile { JSONFile(path: "config.json", members: members) }

private func strings(_ texts: String...) -> JSONValue { .array(texts.map { .string($0) }) }

private func integers(_ numbers: Int...) -> JSONValue { .array(numbers.map { .integer($0) }) }

/// Whether reading throws a configuration error that names `key`.
private func refuses(_ key: String, _ read: () throws -> Void) -> Bool {
    do {
        try read()
        return false
    } catch EngineError.configuration(file: "config.json", key: let named, _, _) {
        return named == key
    } catch {
        return false
    }
}

@Suite("Model configurations")
struct ConfigurationTests {
    @Test("the tiny UNet's file is read")
    func tinyUNet() throws {
        let unet = try UNetConfiguration(contentsOf: "\(Fixture.model)/unet/config.json")
        #expect(unet.inChannels == 8 && unet.outChannels == 4)
        #expect(unet.blockOutChannels == [32, 64])
        #expect(unet.layersPerBlock == [1, 1])
        #expect(unet.downBlockTypes == [.crossAttention, .plain])
        #expect(unet.upBlockTypes == [.plain, .crossAttention])
        #expect(unet.headsPerBlock == [4, 4])
        #expect(unet.crossAttentionWidth == 32)
        #expect(unet.timeEmbeddingWidth == 128)
        #expect(unet.sampleSize == [16, 16])
    }

    @Test("an empty UNet file means diffusers' defaults")
    func defaultUNet() throws {
        let unet = try UNetConfiguration(file([:]))
        #expect(unet.blockOutChannels == [320, 640, 1280, 1280])
        #expect(unet.layersPerBlock == [2, 2, 2, 2])
        #expect(unet.headsPerBlock == [8, 8, 8, 8])
        #expect(unet.crossAttentionWidth == 1280)
        #expect(unet.flipSinToCos && unet.freqShift == 0)
        #expect(unet.normGroups == 32 && unet.normEpsilon == 1e-5)
        #expect(unet.sampleSize == nil)
    }

    @Test("num_attention_heads wins over attention_head_dim")
    func heads() throws {
        let unet = try UNetConfiguration(
            file(["attention_head_dim": .integer(8), "num_attention_heads": integers(5, 10, 20, 20)]))
        #expect(unet.headsPerBlock == [5, 10, 20, 20])
    }

    @Test("one flag for all blocks holds for the middle too")
    func onlyCrossAttention() throws {
        let unet = try UNetConfiguration(file(["only_cross_attention": .bool(true)]))
        #expect(unet.onlyCrossAttention == [true, true, true, true] && unet.midBlockOnlyCrossAttention)
    }

    @Test("keys of the future and null values are ignored")
    func foreignKeys() throws {
        let unet = try UNetConfiguration(file(["new_key": .string("x"), "class_embed_type": .null]))
        #expect(unet == (try UNetConfiguration(file([:]))))
    }

    @Test(
        "a UNet that is not implemented is refused with the key's name",
        arguments: [
            ("class_embed_type", JSONValue.string("timestep")), ("num_class_embeds", .integer(10)),
            ("addition_embed_type", .string("text_time")), ("encoder_hid_dim", .integer(768)),
            ("time_embedding_type", .string("fourier")), ("dual_cross_attention", .bool(true)),
            ("center_input_sample", .bool(true)), ("act_fn", .string("gelu")), ("conv_in_kernel", .integer(5)),
            ("resnet_time_scale_shift", .string("shift")), ("attention_type", .string("gated")),
            ("mid_block_type", .string("UNetMidBlock2D")), ("cross_attention_norm", .string("layer_norm")),
            ("down_block_types", strings("AttnDownBlock2D")), ("up_block_types", strings("UpBlock2D", "SkipUpBlock2D")),
            ("cross_attention_dim", integers(768, 768, 768, 1024)),
            ("transformer_layers_per_block", .array([integers(1, 2)])),
        ])
    func unsupported(_ key: String, _ value: JSONValue) {
        #expect(refuses(key) { _ = try UNetConfiguration(file([key: value])) })
    }

    @Test(
        "a UNet that makes no sense is refused with the key's name",
        arguments: [
            ("in_channels", JSONValue.integer(0)), ("in_channels", .string("8")), ("out_channels", .integer(1 << 40)),
            ("block_out_channels", .array([])), ("block_out_channels", integers(-32)),
            ("layers_per_block", integers(2, 2)), ("attention_head_dim", .integer(7)),
            ("norm_num_groups", .integer(33)),
            ("norm_eps", .integer(0)), ("norm_eps", .number(.infinity)), ("flip_sin_to_cos", .integer(1)),
            ("down_block_types", strings("DownBlock2D")), ("only_cross_attention", .array([.bool(true)])),
        ])
    func nonsense(_ key: String, _ value: JSONValue) {
        #expect(refuses(key) { _ = try UNetConfiguration(file([key: value])) })
    }

    @Test("the tiny autoencoder's file is read")
    func tinyAutoencoder() throws {
        let autoencoder = try AutoencoderConfiguration(contentsOf: "\(Fixture.model)/vae/config.json")
        #expect(autoencoder.blockOutChannels == [32, 64] && autoencoder.stride == 2)
        #expect(autoencoder.latentChannels == 4 && autoencoder.scalingFactor == 0.18215)
        #expect(autoencoder.useQuantConv && autoencoder.usePostQuantConv && autoencoder.midBlockAttention)
    }

    @Test(
        "an autoencoder of another family is refused with the key's name",
        arguments: [
            ("shift_factor", JSONValue.number(0.1)), ("latents_mean", .array([.number(0)])),
            ("act_fn", .string("relu")),
            ("down_block_types", strings("AttnDownEncoderBlock2D")), ("scaling_factor", .integer(-1)),
            ("norm_num_groups", .integer(48)),
        ])
    func autoencoderRefusals(_ key: String, _ value: JSONValue) {
        #expect(refuses(key) { _ = try AutoencoderConfiguration(file([key: value])) })
    }

    @Test("the tiny text tower's file is read")
    func tinyText() throws {
        let text = try TextEncoderConfiguration(contentsOf: "\(Fixture.model)/text_encoder/config.json")
        #expect(text.vocabularySize == 541 && text.width == 32 && text.feedForwardWidth == 64)
        #expect(text.layers == 2 && text.heads == 4 && text.positions == 77)
        #expect(text.activation == .quickGELU && text.normEpsilon == 1e-5)
    }

    @Test("the text part of a whole CLIP configuration is read")
    func nestedText() throws {
        let text = try TextEncoderConfiguration(file(["text_config": .object(["hidden_size": .integer(768)])]))
        #expect(text.width == 768)
    }

    @Test(
        "a text tower that cannot be is refused with the key's name",
        arguments: [("hidden_act", JSONValue.string("swish")), ("num_attention_heads", .integer(7))])
    func textRefusals(_ key: String, _ value: JSONValue) {
        #expect(refuses(key) { _ = try TextEncoderConfiguration(file([key: value])) })
    }

    @Test("the tiny model's index is read")
    func index() throws {
        let index = try ModelIndex(contentsOf: "\(Fixture.model)/model_index.json")
        #expect(index.classes["scheduler"] == "EulerAncestralDiscreteScheduler")
        #expect(index.classes["safety_checker"] == nil)
    }

    @Test("another pipeline is refused")
    func otherPipeline() {
        #expect(
            refuses("_class_name") { _ = try ModelIndex(file(["_class_name": .string("StableDiffusionPipeline")])) })
    }

    @Test("the tiny scheduler's file is read")
    func scheduler() throws {
        let scheduler = try SchedulerConfiguration(contentsOf: "\(Fixture.model)/scheduler/scheduler_config.json")
        #expect(scheduler.kind == .eulerAncestral && scheduler.predictionType == .epsilon)
        #expect(scheduler.stepsOffset == 1 && scheduler.timestepSpacing == .linspace)
    }
}
