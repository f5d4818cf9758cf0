// ResnetBlock2D: norm, SiLU, convolution, twice, with the time embedding added between and the input added at the end.

/// One residual block of the UNet (with a time embedding) or the autoencoder (without).
struct ResidualBlock {
    private let norm1, norm2: GroupNormLayer
    private let conv1, conv2: ConvolutionLayer
    private let time: LinearLayer?
    private let shortcut: ConvolutionLayer?

    /// - Parameter timeWidth: the time embedding's width, nil where there is none.
    init(
        _ reader: WeightReader, _ inputs: Int, _ outputs: Int, groups: Int, epsilon: Float, timeWidth: Int? = nil
    ) throws(EngineError) {
        norm1 = try GroupNormLayer(reader["norm1"], inputs, groups: groups, epsilon: epsilon)
        conv1 = try ConvolutionLayer(reader["conv1"], inputs, outputs)
        norm2 = try GroupNormLayer(reader["norm2"], outputs, groups: groups, epsilon: epsilon)
        conv2 = try ConvolutionLayer(reader["conv2"], outputs, outputs)
        if let timeWidth { time = try LinearLayer(reader["time_emb_proj"], timeWidth, outputs) } else { time = nil }
        let point = ConvolutionGeometry(kernel: 1, padding: 0)
        shortcut =
            inputs == outputs ? nil : try ConvolutionLayer(reader["conv_shortcut"], inputs, outputs, point)
    }

    /// x [batch, height, width, inputs]; `embedding` is SiLU of the time embedding, [batch, timeWidth].
    func callAsFunction(_ x: Tensor, embedding: Tensor? = nil, _ pass: Pass) -> Tensor {
        var h = conv1(norm1(x, pass, silu: true), pass)
        if let time, let embedding { h = pass.addPerImage(h, time(embedding, pass)) }
        h = conv2(norm2(h, pass, silu: true), pass)
        return pass.add(shortcut?(x, pass) ?? x, h)
    }
}
