// The blocks of the UNet, by diffusers' names: (CrossAttn)DownBlock2D, UNetMidBlock2DCrossAttn, (CrossAttn)UpBlock2D.
// A block with cross-attention has a spatial transformer after each residual block; one without has none.

/// What a block's transformers attend to.
private enum Attends {
    case no
    case toPictureAndInstruction
    case toInstructionOnly

    init(_ crossAttention: Bool, only: Bool) {
        self = crossAttention ? (only ? .toInstructionOnly : .toPictureAndInstruction) : .no
    }
}

/// A residual block and the transformer that may follow it.
private struct Unit {
    let residual: ResidualBlock
    let transformer: SpatialTransformer?
    let index: Int

    init(
        _ place: WeightReader, index: Int, _ inputs: Int, _ outputs: Int, attends: Attends, level: Int,
        _ configuration: UNetConfiguration
    ) throws(EngineError) {
        self.index = index
        residual = try ResidualBlock(
            place["resnets", index], inputs, outputs, groups: configuration.normGroups,
            epsilon: configuration.normEpsilon, embedding: configuration.embeddingUse)
        transformer =
            attends == .no
            ? nil
            : try SpatialTransformer(
                place["attentions", index], outputs, layers: configuration.transformerLayersPerBlock[level],
                heads: configuration.headsPerBlock[level], onlyCrossAttention: attends == .toInstructionOnly,
                configuration: configuration)
    }

    func callAsFunction(_ x: Tensor, _ embedding: Tensor, _ instruction: Instructions, _ name: String, _ pass: Pass)
        -> Tensor
    {
        let h = pass.named("\(name).resnets.\(index)", residual(x, embedding: embedding.batch(0..<x.shape[0]), pass))
        guard let transformer else { return h }
        return pass.named("\(name).attentions.\(index)", transformer(h, instruction: instruction, pass))
    }
}

/// One level on the way down; leaves every output among the skips.
struct DownBlock {
    private let units: [Unit]
    private let downsample: ConvolutionLayer?
    private let name: String

    init(_ reader: WeightReader, _ configuration: UNetConfiguration, level: Int) throws(EngineError) {
        name = "down_blocks.\(level)"
        let (place, widths) = (reader[name], configuration.blockOutChannels)
        let attends = Attends(
            configuration.downBlockTypes[level] == .crossAttention, only: configuration.onlyCrossAttention[level])
        var units: [Unit] = []
        for index in 0..<configuration.layersPerBlock[level] {
            let inputs = index == 0 ? widths[max(level - 1, 0)] : widths[level]
            units.append(
                try Unit(
                    place, index: index, inputs, widths[level], attends: attends, level: level, configuration))
        }
        self.units = units
        let geometry = ConvolutionGeometry(kernel: 3, stride: 2, padding: 1)
        downsample =
            level == widths.count - 1
            ? nil : try ConvolutionLayer(place["downsamplers.0.conv"], widths[level], widths[level], geometry)
    }

    func callAsFunction(
        _ x: Tensor, _ embedding: Tensor, _ instruction: Instructions, _ skips: inout [Tensor], _ pass: Pass
    ) -> Tensor {
        var h = x
        for unit in units {
            h = unit(h, embedding, instruction, name, pass)
            skips.append(h)
        }
        if let downsample {
            h = pass.named("\(name).downsamplers.0", downsample(h, pass))
            skips.append(h)
        }
        return pass.named(name, h)
    }
}

/// The deepest level: residual, transformer, residual.
struct MiddleBlock {
    private let first: Unit
    private let second: Unit

    init(_ place: WeightReader, _ configuration: UNetConfiguration) throws(EngineError) {
        let level = configuration.blockOutChannels.count - 1
        let width = configuration.blockOutChannels[level]
        let attends = Attends(true, only: configuration.midBlockOnlyCrossAttention)
        first = try Unit(place, index: 0, width, width, attends: attends, level: level, configuration)
        second = try Unit(place, index: 1, width, width, attends: .no, level: level, configuration)
    }

    func callAsFunction(_ x: Tensor, _ embedding: Tensor, _ instruction: Instructions, _ pass: Pass) -> Tensor {
        let h = first(x, embedding, instruction, "mid_block", pass)
        return pass.named("mid_block", second(h, embedding, instruction, "mid_block", pass))
    }
}

/// One level on the way up; joins one skip to the input of each residual block.
struct UpBlock {
    private let units: [Unit]
    private let upsample: UpsampleLayer?
    private let name: String

    /// - Parameter level: 0 is the deepest, as diffusers numbers them.
    init(_ reader: WeightReader, _ configuration: UNetConfiguration, level: Int) throws(EngineError) {
        name = "up_blocks.\(level)"
        let (place, widths) = (reader[name], Array(configuration.blockOutChannels.reversed()))
        let mirrored = widths.count - 1 - level
        let (width, below) = (widths[level], widths[max(level - 1, 0)])
        let above = widths[min(level + 1, widths.count - 1)]
        let count = configuration.layersPerBlock[mirrored] + 1
        let attends = Attends(
            configuration.upBlockTypes[level] == .crossAttention, only: configuration.onlyCrossAttention[mirrored])
        var units: [Unit] = []
        for index in 0..<count {
            let inputs = (index == 0 ? below : width) + (index == count - 1 ? above : width)
            units.append(
                try Unit(
                    place, index: index, inputs, width, attends: attends, level: mirrored, configuration))
        }
        self.units = units
        upsample = level == widths.count - 1 ? nil : try UpsampleLayer(place["upsamplers", 0], width)
    }

    func callAsFunction(
        _ x: Tensor, _ embedding: Tensor, _ instruction: Instructions, _ skips: inout [Tensor], _ pass: Pass
    ) -> Tensor {
        var h = x
        for unit in units {
            h = unit(
                pass.concatenate(instruction.spread(h, pass), instruction.spread(skips.removeLast(), pass)), embedding,
                instruction, name, pass)
        }
        if let upsample, let next = skips.last {
            // the next skip's size, which a map of odd sides needs to be met exactly
            h = pass.named("\(name).upsamplers.0", upsample(h, height: next.shape[1], width: next.shape[2], pass))
        }
        return pass.named(name, h)
    }
}
