// The layers every model is made of: parameters and the op they feed.

/// y = x·Wᵀ + b.
struct LinearLayer {
    let weight: Tensor
    let bias: Tensor?

    init(_ reader: WeightReader, _ inputs: Int, _ outputs: Int, bias: Bool = true) throws(EngineError) {
        weight = try reader.matrix("weight", outputs, inputs)
        self.bias = bias ? try reader.tensor("bias", [outputs]) : nil
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor { pass.linear(x, weight: weight, bias: bias) }
}

/// A k×k convolution with bias.
struct ConvolutionLayer {
    let weight: Tensor
    let bias: Tensor
    let geometry: ConvolutionGeometry

    init(_ reader: WeightReader, _ inputs: Int, _ outputs: Int, _ geometry: ConvolutionGeometry) throws(EngineError) {
        weight = try reader.kernel("weight", outputs, inputs, geometry.kernel)
        bias = try reader.tensor("bias", [outputs])
        self.geometry = geometry
    }

    /// 3×3, the size kept.
    init(_ reader: WeightReader, _ inputs: Int, _ outputs: Int) throws(EngineError) {
        try self.init(reader, inputs, outputs, ConvolutionGeometry(kernel: 3, padding: 1))
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        pass.convolution(x, weight: weight, bias: bias, geometry)
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

    func callAsFunction(_ x: Tensor, _ pass: Pass, silu: Bool = false) -> Tensor {
        pass.groupNorm(x, gamma: gamma, beta: beta, groups: groups, epsilon: epsilon, silu: silu)
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

    func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
        pass.layerNorm(x, gamma: gamma, beta: beta, epsilon: epsilon)
    }
}

/// Nearest enlargement to a given size, then a 3×3 convolution.
struct UpsampleLayer {
    let convolution: ConvolutionLayer

    init(_ reader: WeightReader, _ channels: Int) throws(EngineError) {
        convolution = try ConvolutionLayer(reader["conv"], channels, channels)
    }

    func callAsFunction(_ x: Tensor, height: Int, width: Int, _ pass: Pass) -> Tensor {
        convolution(pass.nearest(x, height: height, width: width), pass)
    }
}
