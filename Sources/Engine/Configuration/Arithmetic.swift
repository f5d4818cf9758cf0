// How much arithmetic a network needs, counted from its configuration and the sizes alone: two operations for each
// multiply-add of convolutions, linear layers and attention, as PyTorch's FlopCounterMode counts them. The plain
// algorithm is counted, whatever a kernel saves of it; norms and activations, which are bound by memory, are not.

/// Floating-point operations by kind.
public struct Arithmetic: Equatable, Sendable {
    /// Convolutions, those with a 1×1 kernel among them.
    public var convolution: Double
    /// Linear layers, the projections of attention among them.
    public var linear: Double
    /// The products of attention: queries with keys, probabilities with values.
    public var attention: Double

    public init(convolution: Double = 0, linear: Double = 0, attention: Double = 0) {
        (self.convolution, self.linear, self.attention) = (convolution, linear, attention)
    }

    public var total: Double { convolution + linear + attention }

    public static func + (a: Self, b: Self) -> Self {
        Self(
            convolution: a.convolution + b.convolution, linear: a.linear + b.linear,
            attention: a.attention + b.attention)
    }

    public static func * (count: Int, a: Self) -> Self {
        let times = Double(count)
        return Self(convolution: times * a.convolution, linear: times * a.linear, attention: times * a.attention)
    }
}

/// The height and width of a feature map.
struct MapSize {
    var height: Int
    var width: Int

    var pixels: Int { height * width }
    /// After a 3×3 convolution of stride 2 with padding 1.
    var halved: MapSize { MapSize(height: (height + 1) / 2, width: (width + 1) / 2) }
    var doubled: MapSize { MapSize(height: 2 * height, width: 2 * width) }
}

/// Adds up a network's operations on the way through it, and those of its gradient by the values that are tracked.
struct ArithmeticCounter {
    let batch: Int
    private(set) var forward = Arithmetic()
    /// Adjoints with respect to activations; weights are frozen.
    private(set) var backward = Arithmetic()

    init(batch: Int) { self.batch = batch }

    /// - Parameters:
    ///   - map: the output's size.
    ///   - tracked: whether the input's gradient is wanted.
    mutating func convolution(_ inputs: Int, _ outputs: Int, kernel: Int = 3, to map: MapSize, tracked: Bool = false) {
        let count = 2 * Double(batch * map.pixels) * Double(inputs * outputs * kernel * kernel)
        forward.convolution += count
        if tracked { backward.convolution += count }
    }

    /// - Parameter rows: those of one image.
    mutating func linear(_ inputs: Int, _ outputs: Int, rows: Int, tracked: Bool = false) {
        let count = 2 * Double(batch * rows) * Double(inputs * outputs)
        forward.linear += count
        if tracked { backward.linear += count }
    }

    /// Queries and keys of one image; `width` is that of all heads together. Of the adjoint's four products, dV, dP, dQ
    /// and dK, those are counted whose result is wanted; probabilities that are made again are not.
    mutating func attention(
        queries: Int, keys: Int, width: Int, trackedQueries: Bool = false, trackedKeys: Bool = false
    ) {
        let product = 2 * Double(batch * queries) * Double(keys * width)
        forward.attention += 2 * product
        guard trackedQueries || trackedKeys else { return }
        backward.attention += product * (1 + (trackedQueries ? 1 : 0) + (trackedKeys ? 2 : 0))
    }
}
