// What `vae/config.json` says of the autoencoder.
//
// Keys and defaults are those of `AutoencoderKL` in diffusers (models/autoencoders/autoencoder_kl.py).

/// The shape of an AutoencoderKL. Channels run from the outermost to the innermost resolution.
public struct AutoencoderConfiguration: Equatable, Sendable {
    public enum DownBlockType: String, CaseIterable, Sendable { case encoder = "DownEncoderBlock2D" }
    public enum UpBlockType: String, CaseIterable, Sendable { case decoder = "UpDecoderBlock2D" }

    public var inChannels: Int
    public var outChannels: Int
    public var latentChannels: Int
    public var blockOutChannels: [Int]
    /// Residual layers of an encoder block; a decoder block has one more.
    public var layersPerBlock: Int
    public var normGroups: Int
    /// Fixed in diffusers, not in the file.
    public let normEpsilon: Float = 1e-6
    /// Latents of pictures to be denoised are multiplied by it, so that their variance is about 1.
    public var scalingFactor: Float
    public var useQuantConv: Bool
    public var usePostQuantConv: Bool
    public var midBlockAttention: Bool
    /// Sides of the pictures that the model was made for, if the file says.
    public var sampleSize: Int?

    /// How many pixels of a side make one latent.
    public var stride: Int { 1 << (blockOutChannels.count - 1) }

    /// Reads `config.json` at `path`.
    ///
    /// - Throws: `EngineError.configuration` naming file, key and value.
    public init(contentsOf path: String) throws(EngineError) {
        try self.init(JSONFile(contentsOf: path))
    }

    package init(_ file: JSONFile) throws(EngineError) {
        try file.refuseUnless([
            "act_fn": [.string("silu"), .string("swish")],
            "shift_factor": [.integer(0), .number(0)],
            "latents_mean": [],
            "latents_std": [],
        ])
        inChannels = try file.size("in_channels", default: 3)
        outChannels = try file.size("out_channels", default: 3)
        latentChannels = try file.size("latent_channels", default: 4)
        blockOutChannels = try file.sizes("block_out_channels", default: [64])
        layersPerBlock = try file.size("layers_per_block", default: 1)
        normGroups = try file.size("norm_num_groups", default: 32)
        scalingFactor = Float(try file.finite("scaling_factor", default: 0.18215))
        useQuantConv = try file.flag("use_quant_conv", default: true)
        usePostQuantConv = try file.flag("use_post_quant_conv", default: true)
        midBlockAttention = try file.flag("mid_block_add_attention", default: true)
        sampleSize = file.present("sample_size")?.integer
        try check(file)
    }

    private func check(_ file: JSONFile) throws(EngineError) {
        let blocks = blockOutChannels.count
        let down: [DownBlockType] = try file.choices("down_block_types", default: [.encoder])
        let up: [UpBlockType] = try file.choices("up_block_types", default: [.decoder])
        guard down.count == blocks else {
            throw file.fault("down_block_types", "one for each of the \(blocks) block_out_channels is expected")
        }
        guard up.count == blocks else {
            throw file.fault("up_block_types", "one for each of the \(blocks) block_out_channels is expected")
        }
        guard blockOutChannels.allSatisfy({ $0.isMultiple(of: normGroups) }) else {
            throw file.fault("norm_num_groups", "the channels \(blockOutChannels) are not multiples of it")
        }
        guard scalingFactor > 0 else { throw file.fault("scaling_factor", "it must be positive") }
    }
}
