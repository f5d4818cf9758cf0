// The layers every model is made of: parameters and the op they feed.

/// y = x·Wᵀ + b.
struct LinearLayer {
    let weight: LayerWeights
    let bias: Tensor?

    init(_ reader: WeightReader, _ inputs: Int, _ outputs: Int, bias: Bool = true) throws(EngineError) {
        weight = try reader.linear("weight", outputs, inputs)
        self.bias = bias ? try reader.tensor("bias", [outputs]) : nil
    }

    /// - Parameters:
    ///   - residual: added to the result.
    ///   - element: what the result is held in.
    ///   - isResult: whether a part that may be recomputed ends here.
    ///   - gradient: what the gradient of x is held in.
    func callAsFunction(
        _ x: Tensor, _ pass: Pass, adding residual: Tensor? = nil, as element: Precision = .f32, isResult: Bool = false,
        gradient: Precision = .f32
    ) -> Tensor {
        let end = ProductEnd(bias: bias, residual: residual, as: element, isResult: isResult, gradient: gradient)
        return pass.linear(x, weight, end)
    }
}

/// The first half of a gated feed-forward layer, y = a · gelu(b) with (a | b) = x·Wᵀ + b. What gates a value lies near it,
/// so that both are in a core's cache together.
struct GatedLayer {
    private let weight: LayerWeights
    private let bias: Tensor
    private let span: Int

    /// Half a panel.
    private static let span = 32

    /// - Parameter inner: values of a, and of b.
    init(_ reader: WeightReader, _ inputs: Int, _ inner: Int) throws(EngineError) {
        let span = inner % Self.span == 0 ? Self.span : inner
        self.span = span
        weight = try reader.linear("weight", 2 * inner, inputs) { Self.interleaved($0, inner, span) }
        bias = Self.interleaved(try reader.tensor("bias", [2 * inner]), inner, span)
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        let isTracked = pass.tape != nil && x.node != nil
        let end = ProductEnd(bias: bias, as: pass.precision, gates: !isTracked && gatesInPanels)
        let y = pass.linear(x, weight, end)
        return end.gates ? y : pass.geglu(y, span: span, overwrites: true)
    }

    /// Whether a panel holds values beside those that gate them.
    private var gatesInPanels: Bool {
        if case .panels = weight { span == Self.span } else { false }
    }

    /// The rows of a and b in turns of `span`.
    private static func interleaved(_ x: Tensor, _ inner: Int, _ span: Int) -> Tensor {
        let width = x.count / (2 * inner)
        let result = Tensor(uninitialized: x.shape)
        for row in 0..<inner {
            let target = row / span * 2 * span + row % span
            (result.pointer + target * width).update(from: x.pointer + row * width, count: width)
            (result.pointer + (target + span) * width).update(from: x.pointer + (inner + row) * width, count: width)
        }
        return result
    }
}

/// A k×k convolution with bias.
struct ConvolutionLayer {
    let weight: LayerWeights
    let bias: Tensor
    let geometry: ConvolutionGeometry

    init(_ reader: WeightReader, _ inputs: Int, _ outputs: Int, _ geometry: ConvolutionGeometry) throws(EngineError) {
        weight = try reader.convolution("weight", outputs, inputs, geometry)
        bias = try reader.tensor("bias", [outputs])
        self.geometry = geometry
    }

    /// 3×3, the size kept.
    init(_ reader: WeightReader, _ inputs: Int, _ outputs: Int) throws(EngineError) {
        try self.init(reader, inputs, outputs, ConvolutionGeometry(kernel: 3, padding: 1))
    }

    /// - Parameters:
    ///   - residual: added to the result.
    ///   - row: [batch, outputs], added to every pixel of its image.
    ///   - enlarged: the size that x is brought to first.
    ///   - element: what the result is held in; F32 all the same when the row has a gradient.
    func callAsFunction(
        _ x: Tensor, _ pass: Pass, adding residual: Tensor? = nil, row: Tensor? = nil,
        enlarged: (height: Int, width: Int)? = nil, as element: Precision = .f32
    ) -> Tensor {
        if let row, row.node != nil, pass.tape != nil {
            let y = pass.convolution(
                x, weight, geometry, ProductEnd(bias: bias, residual: residual), enlarged: enlarged)
            return pass.addPerImage(y, row)
        }
        let bias = row.map { pass.addPerImage(self.bias.repeated($0.shape[0]), $0) } ?? self.bias
        let end = ProductEnd(bias: bias, residual: residual, as: element)
        return pass.convolution(x, weight, geometry, end, enlarged: enlarged)
    }
}

/// Group norm with its learnt scale and shift.
struct GroupNormLayer {
    let gamma: Tensor
    let beta: Tensor
    let groups: Int
    let epsilon: Float

    init(_ reader: WeightReader, _ channels: Int, groups: Int, epsilon: Float) throws(EngineError) {
        gamma = try reader.tensor("weight", [channels])
        beta = try reader.tensor("bias", [channels])
        self.groups = groups
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass, silu: Bool = false, as element: Precision = .f32) -> Tensor {
        pass.groupNorm(x, gamma: gamma, beta: beta, groups: groups, epsilon: epsilon, silu: silu, as: element)
    }
}

/// Layer norm with its learnt scale and shift.
struct LayerNormLayer {
    let gamma: Tensor
    let beta: Tensor
    let epsilon: Float

    init(_ reader: WeightReader, _ width: Int, epsilon: Float = 1e-5) throws(EngineError) {
        gamma = try reader.tensor("weight", [width])
        beta = try reader.tensor("bias", [width])
        self.epsilon = epsilon
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass, as element: Precision = .f32) -> Tensor {
        pass.layerNorm(x, gamma: gamma, beta: beta, epsilon: epsilon, as: element)
    }
}

/// Nearest enlargement to a given size, then a 3×3 convolution.
struct UpsampleLayer {
    let convolution: ConvolutionLayer

    init(_ reader: WeightReader, _ channels: Int) throws(EngineError) {
        convolution = try ConvolutionLayer(reader["conv"], channels, channels)
    }

    func callAsFunction(_ x: Tensor, height: Int, width: Int, _ pass: Pass) -> Tensor {
        convolution(x, pass, enlarged: (height, width))
    }
}
