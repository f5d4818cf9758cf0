// A module's place in a checkpoint: takes parameters by the names diffusers and transformers give them, in the layout
// the engine computes with.

/// Reads the weights below one prefix.
struct WeightReader {
    let weights: Weights
    let options: EngineOptions
    private let packed: PackedPart?
    private let prefix: String

    /// - Parameter packed: where this part's packed weights are or go to; nil keeps them in memory of their own.
    init(_ weights: Weights, _ options: EngineOptions, _ packed: PackedPart?, prefix: String = "") {
        self.weights = weights
        self.options = options
        self.packed = packed
        self.prefix = prefix
    }

    /// The reader of the submodule `name`.
    subscript(_ name: String) -> WeightReader { WeightReader(weights, options, packed, prefix: prefix + name + ".") }

    /// The reader of the list item `name.index`.
    subscript(_ name: String, _ index: Int) -> WeightReader { self["\(name).\(index)"] }

    func has(_ name: String) -> Bool { weights.has(prefix + name) }

    /// The parameter `name`, which must have exactly this shape.
    func tensor(_ name: String, _ shape: [Int]) throws(EngineError) -> Tensor {
        let tensor = Tensor(uninitialized: shape)
        try weights.take(prefix + name, shape: shape, into: tensor.buffer)
        return tensor
    }

    /// The packed weights of a linear layer.
    func linear(
        _ name: String, _ outputs: Int, _ inputs: Int, rearranging: (Tensor) -> Tensor = { $0 }
    ) throws(EngineError) -> LayerWeights {
        try layer(name, outputs, inputs, kernel: 1, taps: 1) { () throws(EngineError) in
            rearranging(try matrix(name, outputs, inputs))
        }
    }

    /// The packed weights of a convolution.
    func convolution(
        _ name: String, _ outputs: Int, _ inputs: Int, _ geometry: ConvolutionGeometry
    ) throws(EngineError) -> LayerWeights {
        let size = geometry.kernel
        guard Winograd.suits(inputs: inputs, outputs: outputs, geometry),
            LayerWeights.kernelName(options) != nil
        else {
            return try layer(name, outputs, inputs, kernel: size, taps: size * size) { () throws(EngineError) in
                try kernel(name, outputs, inputs, size)
            }
        }
        return try layer(name, outputs, inputs, kernel: size, taps: Winograd.taps) { () throws(EngineError) in
            Winograd.transformed(try kernel(name, outputs, inputs, size))
        }
    }

    /// Weights that are in the file already are checked for shape and not read again.
    private func layer(
        _ name: String, _ outputs: Int, _ inputs: Int, kernel: Int, taps: Int, read: () throws(EngineError) -> Tensor
    ) throws(EngineError) -> LayerWeights {
        var isRead = false
        let layer = try LayerWeights(
            outputs: outputs, inputs: inputs, taps: taps, options, place: packed?.place(prefix + name)
        ) { () throws(EngineError) in
            isRead = true
            return try read()
        }
        if !isRead { try weights.skip(prefix + name, shapes: Self.shapes(outputs, inputs, kernel)) }
        return layer
    }

    private static func shapes(_ outputs: Int, _ inputs: Int, _ kernel: Int) -> [[Int]] {
        [[outputs, inputs, kernel, kernel]] + (kernel == 1 ? [[outputs, inputs]] : [])
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

/// The packed weights of one part of a model, in a file that holds all parts'.
package struct PackedPart {
    let cache: PanelCache
    let part: String

    package init(cache: PanelCache, part: String) { (self.cache, self.part) = (cache, part) }

    func place(_ name: String) -> PanelPlace { PanelPlace(cache: cache, name: part + "/" + name) }
}
