// Looks at a pair and proposes the instruction that would draw it, in one pass: a start from which tuning goes on. A
// component of Limner's own (`instruction_encoder/` in the model folder), trained together with the UNet; a model
// without it is tuned from a sentence.

/// The shape of an instruction encoder, from its `config.json`.
package struct InstructionEncoderConfiguration: Equatable, Sendable {
    package var latentChannels: Int
    /// Channels after each convolution of stride 2.
    package var channels: [Int]
    package var hiddenWidth: Int
    /// Instruction rows it proposes, and their width.
    package var rows: Int
    package var width: Int

    static let className = "LimnerInstructionEncoder"

    package init(contentsOf path: String) throws(EngineError) {
        let file = try JSONFile(contentsOf: path)
        guard file.present("_class_name") == .string(Self.className) else {
            throw file.fault("_class_name", "must be \(Self.className)")
        }
        latentChannels = try file.size("latent_channels")
        channels = try file.sizes("channels", default: [])
        hiddenWidth = try file.size("hidden_width")
        rows = try file.size("rows")
        width = try file.size("width")
        guard !channels.isEmpty else { throw file.fault("channels", "at least one convolution is expected") }
    }
}

/// Convolutions of stride 2 with SiLU over both latents; of every level's channels the mean and the standard deviation
/// over the picture, which tell a style whatever the pose; two linear layers and a layer norm.
package struct InstructionEncoder {
    package let configuration: InstructionEncoderConfiguration
    private let convolutions: [ConvolutionLayer]
    private let hidden, output: LinearLayer
    private let norm: LayerNormLayer

    /// Added to the variance before the root, as in training.
    private static let epsilon = 1e-5

    package init(
        _ weights: Weights, _ configuration: InstructionEncoderConfiguration,
        _ options: EngineOptions = EngineOptions(),
        packed: PackedPart? = nil
    ) throws(EngineError) {
        self.configuration = configuration
        let reader = WeightReader(weights, options, packed)
        let geometry = ConvolutionGeometry(kernel: 3, stride: 2, padding: 1)
        var (inputs, convolutions) = (2 * configuration.latentChannels, [ConvolutionLayer]())
        for (index, outputs) in configuration.channels.enumerated() {
            convolutions.append(try ConvolutionLayer(reader["convolutions", index], inputs, outputs, geometry))
            inputs = outputs
        }
        self.convolutions = convolutions
        let told = 2 * configuration.channels.reduce(0, +)
        hidden = try LinearLayer(reader["hidden"], told, configuration.hiddenWidth)
        output = try LinearLayer(
            reader["out"], configuration.hiddenWidth, configuration.rows * configuration.width)
        norm = try LayerNormLayer(reader["norm"], configuration.width)
        try weights.finish()
    }

    /// The pair's latents, photo unscaled and sketch scaled, [1, height, width, latentChannels] each → [rows, width].
    package func callAsFunction(photo: Tensor, sketch: Tensor, _ pass: Pass) -> Tensor {
        var x = pass.concatenate(photo, sketch)
        var told: [Float] = []
        for convolution in convolutions {
            x = pass.silu(convolution(x, pass))
            told += Self.statistics(x, pass)
        }
        let h = pass.silu(hidden(Tensor(told, shape: [1, told.count]), pass))
        return norm(output(h, pass).reshaped([configuration.rows, configuration.width]), pass)
    }

    /// The mean of every channel over the picture, then the standard deviation of every channel.
    private static func statistics(_ x: Tensor, _ pass: Pass) -> [Float] {
        let count = Double(x.rows)
        let (sums, squares) = pass.channelSums(x, x)
        let means = sums.map { $0 / count }
        let deviations = zip(squares, means).map { max(0, $0 / count - $1 * $1) + epsilon }.map { $0.squareRoot() }
        return (means + deviations).map(Float.init)
    }
}
