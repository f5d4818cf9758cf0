// The two halves of AutoencoderKL: residual blocks on ever smaller maps, and back.

/// diffusers' VAE `Encoder`: a picture to 2·latent channels.
struct AutoencoderEncoder {
    private let input, output: ConvolutionLayer
    private let levels: [(blocks: [ResidualBlock], downsample: ConvolutionLayer?)]
    private let middle: AutoencoderMiddle
    private let norm: GroupNormLayer

    init(_ reader: WeightReader, _ configuration: AutoencoderConfiguration) throws(EngineError) {
        let (widths, groups) = (configuration.blockOutChannels, configuration.normGroups)
        input = try ConvolutionLayer(reader["conv_in"], configuration.inChannels, widths[0])
        var levels: [(blocks: [ResidualBlock], downsample: ConvolutionLayer?)] = []
        for (level, width) in widths.enumerated() {
            let place = reader["down_blocks", level]
            var blocks: [ResidualBlock] = []
            for index in 0..<configuration.layersPerBlock {
                let inputs = index == 0 ? widths[max(level - 1, 0)] : width
                blocks.append(
                    try ResidualBlock(
                        place["resnets", index], inputs, width, groups: groups, epsilon: configuration.normEpsilon))
            }
            let last = level == widths.count - 1
            let downsample =
                last ? nil : try ConvolutionLayer(place["downsamplers.0.conv"], width, width, .downsampleAfter)
            levels.append((blocks, downsample))
        }
        self.levels = levels
        let deepest = widths[widths.count - 1]
        middle = try AutoencoderMiddle(reader["mid_block"], deepest, configuration)
        norm = try GroupNormLayer(
            reader["conv_norm_out"], deepest, groups: groups, epsilon: configuration.normEpsilon)
        output = try ConvolutionLayer(reader["conv_out"], deepest, 2 * configuration.latentChannels)
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        var h = input(x, pass)
        for level in levels {
            for block in level.blocks { h = block(h, pass) }
            h = level.downsample?(h, pass) ?? h
        }
        return output(norm(middle(h, pass), pass, silu: true, as: pass.precision), pass)
    }
}

/// diffusers' VAE `Decoder`: latents to a picture.
struct AutoencoderDecoder {
    private let input, output: ConvolutionLayer
    private let middle: AutoencoderMiddle
    private let levels: [(blocks: [ResidualBlock], upsample: UpsampleLayer?)]
    private let norm: GroupNormLayer

    init(_ reader: WeightReader, _ configuration: AutoencoderConfiguration) throws(EngineError) {
        let (widths, groups) = (Array(configuration.blockOutChannels.reversed()), configuration.normGroups)
        input = try ConvolutionLayer(reader["conv_in"], configuration.latentChannels, widths[0])
        middle = try AutoencoderMiddle(reader["mid_block"], widths[0], configuration)
        var levels: [(blocks: [ResidualBlock], upsample: UpsampleLayer?)] = []
        for (level, width) in widths.enumerated() {
            let place = reader["up_blocks", level]
            var blocks: [ResidualBlock] = []
            for index in 0...configuration.layersPerBlock {
                let inputs = index == 0 ? widths[max(level - 1, 0)] : width
                blocks.append(
                    try ResidualBlock(
                        place["resnets", index], inputs, width, groups: groups, epsilon: configuration.normEpsilon))
            }
            let last = level == widths.count - 1
            levels.append((blocks, last ? nil : try UpsampleLayer(place["upsamplers", 0], width)))
        }
        self.levels = levels
        let shallowest = widths[widths.count - 1]
        norm = try GroupNormLayer(
            reader["conv_norm_out"], shallowest, groups: groups, epsilon: configuration.normEpsilon)
        output = try ConvolutionLayer(reader["conv_out"], shallowest, configuration.outChannels)
    }

    func callAsFunction(_ latents: Tensor, _ pass: Pass) -> Tensor {
        var h = middle(input(latents, pass), pass)
        for level in levels {
            for block in level.blocks { h = block(h, pass) }
            if let upsample = level.upsample {
                h = upsample(h, height: 2 * h.shape[1], width: 2 * h.shape[2], pass)
            }
        }
        return output(norm(h, pass, silu: true, as: pass.precision), pass)
    }
}
