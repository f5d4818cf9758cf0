// A module's place in a checkpoint: takes parameters by the names diffusers and transformers give them, in the layout
// the engine computes with.

/// Reads the weights below one prefix.
struct WeightReader {
    let weights: Weights
    let options: EngineOptions
    private let prefix: String

    init(_ weights: Weights, _ options: EngineOptions, prefix: String = "") {
        self.weights = weights
        self.options = options
        self.prefix = prefix
    }

    /// The reader of the submodule `name`.
    subscript(_ name: String) -> WeightReader { WeightReader(weights, options, prefix: prefix + name + ".") }

    /// The reader of the list item `name.index`.
    subscript(_ name: String, _ index: Int) -> WeightReader { self["\(name).\(index)"] }

    func has(_ name: String) -> Bool { weights.has(prefix + name) }

    /// The parameter `name`, which must have exactly this shape.
    func tensor(_ name: String, _ shape: [Int]) throws(EngineError) -> Tensor {
        let tensor = Tensor(uninitialized: shape)
        try weights.take(prefix + name, shape: shape, into: tensor.buffer)
        return tensor
    }

    /// A matrix [outputs, inputs], stored so or as a 1×1 convolution [outputs, inputs, 1, 1].
    func matrix(_ name: String, _ outputs: Int, _ inputs: Int) throws(EngineError) -> Tensor {
        let convolution = weights.shape(prefix + name)?.count == 4
        return try tensor(name, convolution ? [outputs, inputs, 1, 1] : [outputs, inputs]).reshaped([outputs, inputs])
    }

    /// A kernel stored [outputs, inputs, k, k], as [outputs, k, k, inputs].
    func kernel(_ name: String, _ outputs: Int, _ inputs: Int, _ size: Int) throws(EngineError) -> Tensor {
        let stored = try tensor(name, [outputs, inputs, size, size])
        let taps = size * size
        let kernel = Tensor(uninitialized: [outputs, size, size, inputs])
        for output in 0..<outputs {
            transpose(
                stored.pointer + output * inputs * taps, rows: inputs, columns: taps,
                into: kernel.pointer + output * inputs * taps)
        }
        return kernel
    }
}
