// What `unet/config.json` says of the denoising network.
//
// Keys and defaults are those of `UNet2DConditionModel` in diffusers (models/unets/unet_2d_condition.py). Variants that
// InstructPix2Pix models do not use (class or added embeddings, dual cross-attention, Fourier time, …) are refused.

/// The shape of a UNet2DConditionModel. Lists run from the outermost to the innermost resolution, except
/// `upBlockTypes`, which runs from the innermost outwards, as in the file.
public struct UNetConfiguration: Equatable, Sendable {
    public enum DownBlockType: String, CaseIterable, Sendable {
        case plain = "DownBlock2D"
        case crossAttention = "CrossAttnDownBlock2D"
    }

    public enum UpBlockType: String, CaseIterable, Sendable {
        case plain = "UpBlock2D"
        case crossAttention = "CrossAttnUpBlock2D"
    }

    public enum MidBlockType: String, CaseIterable, Sendable {
        case crossAttention = "UNetMidBlock2DCrossAttn"
    }

    /// Channels of the input: 4 of the noisy latent and 4 of the photo's latent.
    public var inChannels: Int
    public var outChannels: Int
    public var blockOutChannels: [Int]
    /// Residual layers of each down block; an up block has one more.
    public var layersPerBlock: [Int]
    public var downBlockTypes: [DownBlockType]
    public var upBlockTypes: [UpBlockType]
    public var midBlockType: MidBlockType
    /// Attention heads of each block. The file calls them `attention_head_dim`, by an old mistake.
    public var headsPerBlock: [Int]
    public var transformerLayersPerBlock: [Int]
    /// Width of the instruction's rows.
    public var crossAttentionWidth: Int
    /// Whether a block's first attention also looks at the instruction instead of the picture.
    public var onlyCrossAttention: [Bool]
    public var midBlockOnlyCrossAttention: Bool
    public var normGroups: Int
    public var normEpsilon: Float
    /// Whether the transformers' outer projections are matrices instead of 1×1 convolutions.
    public var useLinearProjection: Bool
    public var flipSinToCos: Bool
    public var freqShift: Float
    /// Width of the time embedding, 4 × the first block's channels unless the file says otherwise.
    public var timeEmbeddingWidth: Int
    /// Whether the embedding scales and shifts a residual block's second norm rather than being added before it
    /// (`resnet_time_scale_shift`).
    public var scalesAndShifts: Bool
    /// Heads of the pooled instruction that joins the time embedding (`addition_embed_type: "text"`); nil where none does.
    public var pooledInstructionHeads: Int?
    /// Height and width of the latent that the model was made for, if the file says.
    public var sampleSize: [Int]?

    /// Reads `config.json` at `path`.
    ///
    /// - Throws: `EngineError.configuration` naming file, key and value.
    public init(contentsOf path: String) throws(EngineError) {
        try self.init(JSONFile(contentsOf: path))
    }

    package init(_ file: JSONFile) throws(EngineError) {
        try file.refuseUnless(Self.implemented)
        inChannels = try file.size("in_channels", default: 4)
        outChannels = try file.size("out_channels", default: 4)
        blockOutChannels = try file.sizes("block_out_channels", default: [320, 640, 1280, 1280])
        let blocks = blockOutChannels.count
        layersPerBlock = try file.sizes("layers_per_block", blocks: blocks, default: 2)
        downBlockTypes = try file.choices(
            "down_block_types", default: [.crossAttention, .crossAttention, .crossAttention, .plain])
        upBlockTypes = try file.choices(
            "up_block_types", default: [.plain, .crossAttention, .crossAttention, .crossAttention])
        midBlockType = try file.choice("mid_block_type", default: .crossAttention)
        let headsKey = file.present("num_attention_heads") == nil ? "attention_head_dim" : "num_attention_heads"
        headsPerBlock = try file.sizes(headsKey, blocks: blocks, default: 8)
        transformerLayersPerBlock = try file.sizes("transformer_layers_per_block", blocks: blocks, default: 1)
        let widths = try file.sizes("cross_attention_dim", blocks: blocks, default: 1280)
        crossAttentionWidth = widths[0]
        onlyCrossAttention = try file.flags("only_cross_attention", blocks: blocks)
        let sharedFlag = file.present("only_cross_attention")?.bool ?? false
        midBlockOnlyCrossAttention = try file.flag("mid_block_only_cross_attention", default: sharedFlag)
        normGroups = try file.size("norm_num_groups", default: 32)
        normEpsilon = Float(try file.finite("norm_eps", default: 1e-5))
        useLinearProjection = try file.flag("use_linear_projection", default: false)
        flipSinToCos = try file.flag("flip_sin_to_cos", default: true)
        freqShift = Float(try file.finite("freq_shift", default: 0))
        timeEmbeddingWidth = try file.size("time_embedding_dim", default: 4 * blockOutChannels[0])
        scalesAndShifts = file.present("resnet_time_scale_shift") == .string("scale_shift")
        let pooled = file.present("addition_embed_type") != nil
        pooledInstructionHeads = pooled ? try file.size("addition_embed_type_num_heads", default: 64) : nil
        sampleSize = try Self.sampleSize(file)
        try check(file, crossAttentionWidths: widths)
    }

    /// Values of known keys that are implemented; all others are refused.
    private static let implemented: KeyValuePairs<String, [JSONValue]> = [
        "act_fn": [.string("silu"), .string("swish")],
        "addition_embed_type": [.string("text")],
        "attention_type": [.string("default")],
        "center_input_sample": [.bool(false)],
        "class_embed_type": [],
        "class_embeddings_concat": [.bool(false)],
        "conv_in_kernel": [.integer(3)],
        "conv_out_kernel": [.integer(3)],
        "cross_attention_norm": [],
        "downsample_padding": [.integer(1)],
        "dual_cross_attention": [.bool(false)],
        "encoder_hid_dim": [],
        "encoder_hid_dim_type": [],
        "mid_block_scale_factor": [.integer(1), .number(1)],
        "num_class_embeds": [],
        "resnet_out_scale_factor": [.integer(1), .number(1)],
        "resnet_skip_time_act": [.bool(false)],
        "resnet_time_scale_shift": [.string("default"), .string("scale_shift")],
        "reverse_transformer_layers_per_block": [],
        "time_cond_proj_dim": [],
        "time_embedding_act_fn": [],
        "time_embedding_type": [.string("positional")],
        "timestep_post_act": [],
    ]

    private static func sampleSize(_ file: JSONFile) throws(EngineError) -> [Int]? {
        switch file.present("sample_size") {
        case nil: return nil
        case .array: return try file.sizes("sample_size", blocks: 2, default: 1)
        default:
            let side = try file.size("sample_size")
            return [side, side]
        }
    }

    private func check(_ file: JSONFile, crossAttentionWidths: [Int]) throws(EngineError) {
        let blocks = blockOutChannels.count
        guard downBlockTypes.count == blocks else {
            throw file.fault("down_block_types", "one for each of the \(blocks) block_out_channels is expected")
        }
        guard upBlockTypes.count == blocks else {
            throw file.fault("up_block_types", "one for each of the \(blocks) block_out_channels is expected")
        }
        guard crossAttentionWidths.allSatisfy({ $0 == crossAttentionWidth }) else {
            throw file.fault("cross_attention_dim", "different widths for different blocks are not implemented")
        }
        guard blockOutChannels.allSatisfy({ $0.isMultiple(of: normGroups) }) else {
            throw file.fault("norm_num_groups", "the channels \(blockOutChannels) are not multiples of it")
        }
        guard zip(blockOutChannels, headsPerBlock).allSatisfy({ $0.isMultiple(of: $1) }) else {
            throw file.fault(
                "attention_head_dim", "the channels \(blockOutChannels) do not divide into \(headsPerBlock) heads")
        }
        if let heads = pooledInstructionHeads, !crossAttentionWidth.isMultiple(of: heads) {
            throw file.fault(
                "addition_embed_type_num_heads",
                "the instruction's width \(crossAttentionWidth) does not divide into \(heads) heads")
        }
        guard blockOutChannels[0].isMultiple(of: 2) else {
            throw file.fault("block_out_channels", "the first is also the width of the time's sines and must be even")
        }
        guard normEpsilon > 0 else { throw file.fault("norm_eps", "it must be positive") }
    }
}

extension UNetConfiguration {
    /// How the embedding reaches this model's residual blocks.
    var embeddingUse: EmbeddingUse { EmbeddingUse(width: timeEmbeddingWidth, scalesAndShifts: scalesAndShifts) }
}
