// UNet2DConditionModel: predicts what noise is in a noisy latent, given the photo's latent (joined to it along the
// channels), the time and the instruction. Reads like the figure: down, middle, up, with skips across.
import Glibc

/// diffusers' `UNet2DConditionModel` of the InstructPix2Pix family.
package struct UNet {
    package let configuration: UNetConfiguration
    private let time1, time2: LinearLayer
    private let pooling: InstructionPooling?
    private let input, output: ConvolutionLayer
    private let down: [DownBlock]
    private let middle: MiddleBlock
    private let up: [UpBlock]
    private let norm: GroupNormLayer

    package init(
        _ weights: Weights, _ configuration: UNetConfiguration, _ options: EngineOptions = EngineOptions(),
        packed: PackedPart? = nil
    ) throws(EngineError) {
        self.configuration = configuration
        let reader = WeightReader(weights, options, packed)
        let widths = configuration.blockOutChannels
        let timeWidth = configuration.timeEmbeddingWidth
        time1 = try LinearLayer(reader["time_embedding.linear_1"], widths[0], timeWidth)
        time2 = try LinearLayer(reader["time_embedding.linear_2"], timeWidth, timeWidth)
        pooling = try configuration.pooledInstructionHeads.map { heads throws(EngineError) in
            try InstructionPooling(
                reader["add_embedding"], configuration.crossAttentionWidth, timeWidth, heads: heads)
        }
        input = try ConvolutionLayer(reader["conv_in"], configuration.inChannels, widths[0])
        var down: [DownBlock] = []
        for level in widths.indices { down.append(try DownBlock(reader, configuration, level: level)) }
        self.down = down
        middle = try MiddleBlock(reader["mid_block"], configuration)
        var up: [UpBlock] = []
        for level in widths.indices { up.append(try UpBlock(reader, configuration, level: level)) }
        self.up = up
        norm = try GroupNormLayer(
            reader["conv_norm_out"], widths[0], groups: configuration.normGroups, epsilon: configuration.normEpsilon)
        output = try ConvolutionLayer(reader["conv_out"], widths[0], configuration.outChannels)
        try weights.finish()
    }

    /// - Parameters:
    ///   - x: noisy latent and photo latent, [batch, height, width, inChannels].
    ///   - timesteps: 0...999, one for the whole batch or one per image; fractional where a sampler's are.
    ///   - instruction: [batch, tokens, crossAttentionWidth].
    /// - Returns: the prediction, [batch, height, width, outChannels].
    package func callAsFunction(_ x: Tensor, timesteps: [Float], instruction: Tensor, _ pass: Pass) -> Tensor {
        var embedding = timeEmbedding(timesteps, batch: x.shape[0], pass)
        if let pooling { embedding = pass.add(embedding, pass.named("add_embedding", pooling(instruction, pass))) }
        embedding = pass.silu(embedding)
        var h = pass.named("conv_in", input(x, pass))
        var skips = [h]
        for block in down { h = block(h, embedding, instruction, &skips, pass) }
        h = middle(h, embedding, instruction, pass)
        for block in up { h = block(h, embedding, instruction, &skips, pass) }
        return output(pass.silu(pass.named("conv_norm_out", norm(h, pass))), pass)
    }

    /// One time embedding per image, [batch, timeEmbeddingWidth].
    private func timeEmbedding(_ timesteps: [Float], batch: Int, _ pass: Pass) -> Tensor {
        precondition(timesteps.count == 1 || timesteps.count == batch, "one timestep, or one per image")
        let waves = timesteps.flatMap { sinusoids($0, configuration) }
        let projection = Tensor(waves, shape: [timesteps.count, configuration.blockOutChannels[0]])
        let embedding = time2(pass.silu(time1(pass.named("time_proj", projection), pass)), pass)
        let one = pass.named("time_embedding", embedding)
        return timesteps.count == batch ? one : .stacked(Array(repeating: one, count: batch))
    }
}

/// diffusers' `get_timestep_embedding`: cos and sin of t·10000^(−i/(half − shift)).
private func sinusoids(_ timestep: Float, _ configuration: UNetConfiguration) -> [Float] {
    let width = configuration.blockOutChannels[0]
    let half = width / 2
    let angles = (0..<half).map { index in
        timestep * expf(-logf(10000) * Float(index) / (Float(half) - Float(configuration.freqShift)))
    }
    let (sines, cosines) = (angles.map(sinf), angles.map(cosf))
    let padding = [Float](repeating: 0, count: width % 2)
    return (configuration.flipSinToCos ? cosines + sines : sines + cosines) + padding
}
