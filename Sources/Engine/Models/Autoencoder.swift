// AutoencoderKL: pictures to latents and back. The photo's latent is the posterior's mode; no sampling takes place.

/// diffusers' `AutoencoderKL`; pictures are [batch, height, width, 3] in −1...1.
package struct Autoencoder {
    package let configuration: AutoencoderConfiguration
    private let encoder: AutoencoderEncoder
    private let decoder: AutoencoderDecoder
    private let quant, postQuant: ConvolutionLayer?

    package init(
        _ weights: Weights, _ configuration: AutoencoderConfiguration, _ options: EngineOptions = EngineOptions(),
        packed: PackedPart? = nil
    ) throws(EngineError) {
        self.configuration = configuration
        let reader = WeightReader(weights, options, packed)
        let (latent, point) = (configuration.latentChannels, ConvolutionGeometry(kernel: 1, padding: 0))
        encoder = try AutoencoderEncoder(reader["encoder"], configuration)
        decoder = try AutoencoderDecoder(reader["decoder"], configuration)
        quant =
            configuration.useQuantConv
            ? try ConvolutionLayer(reader["quant_conv"], 2 * latent, 2 * latent, point) : nil
        postQuant =
            configuration.usePostQuantConv
            ? try ConvolutionLayer(reader["post_quant_conv"], latent, latent, point) : nil
        try weights.finish()
    }

    /// Mean and log-variance of the posterior, [batch, h, w, 2·latent]; the log-variance is clamped to −30...20 by
    /// whoever samples, as in diffusers.
    package func moments(_ picture: Tensor, _ pass: Pass) -> Tensor {
        let h = encoder(picture, pass)
        return quant?(h, pass) ?? h
    }

    /// The posterior's mode, not scaled, [batch, h, w, latent].
    package func mode(_ picture: Tensor, _ pass: Pass) -> Tensor {
        let moments = moments(picture, pass)
        let latent = configuration.latentChannels
        let mode = Tensor(uninitialized: moments.shape.dropLast() + [latent])
        for row in 0..<mode.rows {
            (mode.pointer + row * latent).update(from: moments.pointer + row * 2 * latent, count: latent)
        }
        return mode
    }

    /// Unscaled latents [batch, h, w, latent] → the picture, about −1...1.
    package func decode(_ latents: Tensor, _ pass: Pass) -> Tensor {
        decoder(postQuant?(latents, pass) ?? latents, pass)
    }
}

/// The middle of encoder and decoder: residual, attention over all pixels, residual.
struct AutoencoderMiddle {
    private let first, second: ResidualBlock
    private let attention: AutoencoderAttention?

    init(_ reader: WeightReader, _ channels: Int, _ configuration: AutoencoderConfiguration) throws(EngineError) {
        let (groups, epsilon) = (configuration.normGroups, configuration.normEpsilon)
        first = try ResidualBlock(
            reader["resnets", 0], channels, channels, groups: groups, epsilon: epsilon)
        second = try ResidualBlock(
            reader["resnets", 1], channels, channels, groups: groups, epsilon: epsilon)
        attention =
            configuration.midBlockAttention
            ? try AutoencoderAttention(reader["attentions", 0], channels, groups: groups, epsilon: epsilon) : nil
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        let h = first(x, pass)
        return second(attention?(h, pass) ?? h, pass)
    }
}

/// Single-head attention over a map's pixels, under its new or its old parameter names.
struct AutoencoderAttention {
    private let norm: GroupNormLayer
    private let query, key, value, output: LinearLayer

    init(_ reader: WeightReader, _ channels: Int, groups: Int, epsilon: Float) throws(EngineError) {
        let old = reader.has("query.weight")
        norm = try GroupNormLayer(
            reader["group_norm"], channels, groups: groups, epsilon: epsilon)
        query = try LinearLayer(reader[old ? "query" : "to_q"], channels, channels)
        key = try LinearLayer(reader[old ? "key" : "to_k"], channels, channels)
        value = try LinearLayer(reader[old ? "value" : "to_v"], channels, channels)
        output = try LinearLayer(reader[old ? "proj_attn" : "to_out.0"], channels, channels)
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        let rows = [x.shape[0], x.shape[1] * x.shape[2], x.shape[3]]
        let held = pass.precision
        let n = norm(x, pass, as: held).reshaped(rows)
        let seen = pass.attention(
            query(n, pass, as: held), key(n, pass, as: held), value(n, pass, as: held), heads: 1)
        return output(seen, pass, adding: x.reshaped(rows)).reshaped(x.shape)
    }
}
