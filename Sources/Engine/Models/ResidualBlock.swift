// ResnetBlock2D: norm, SiLU, convolution, twice, with the embedding added between, or scaling and shifting the second
// norm, and the input added at the end.

/// How the embedding reaches a residual block: its width, and diffusers' `resnet_time_scale_shift`.
struct EmbeddingUse {
    let width: Int
    let scalesAndShifts: Bool
}

/// One residual block of the UNet (with a time embedding) or the autoencoder (without).
struct ResidualBlock {
    private let norm1, norm2: GroupNormLayer
    private let conv1, conv2: ConvolutionLayer
    private let projection: LinearLayer?
    private let scalesAndShifts: Bool
    private let shortcut: ConvolutionLayer?

    /// - Parameter embedding: nil where there is none.
    init(
        _ reader: WeightReader, _ inputs: Int, _ outputs: Int, groups: Int, epsilon: Float,
        embedding: EmbeddingUse? = nil
    ) throws(EngineError) {
        norm1 = try GroupNormLayer(reader["norm1"], inputs, groups: groups, epsilon: epsilon)
        conv1 = try ConvolutionLayer(reader["conv1"], inputs, outputs)
        norm2 = try GroupNormLayer(reader["norm2"], outputs, groups: groups, epsilon: epsilon)
        conv2 = try ConvolutionLayer(reader["conv2"], outputs, outputs)
        scalesAndShifts = embedding?.scalesAndShifts ?? false
        let projected = scalesAndShifts ? 2 * outputs : outputs
        projection = try embedding.map { use throws(EngineError) in
            try LinearLayer(reader["time_emb_proj"], use.width, projected)
        }
        let point = ConvolutionGeometry(kernel: 1, padding: 0)
        shortcut =
            inputs == outputs ? nil : try ConvolutionLayer(reader["conv_shortcut"], inputs, outputs, point)
    }

    /// x [batch, height, width, inputs]; `embedding` is SiLU of the embedding, [batch, its width].
    func callAsFunction(_ x: Tensor, embedding: Tensor? = nil, _ pass: Pass) -> Tensor {
        let given = embedding.flatMap { embedding in projection.map { $0(embedding, pass) } }
        let held = pass.precision
        var h = norm1(x, pass, silu: true, as: held)
        if let given, scalesAndShifts {
            h = pass.modulateSiLU(norm2(conv1(h, pass, as: held), pass), by: given, as: held)
        } else {
            h = norm2(conv1(h, pass, row: given, as: held), pass, silu: true, as: held)
        }
        return conv2(h, pass, adding: shortcut?(x, pass) ?? x)
    }
}
