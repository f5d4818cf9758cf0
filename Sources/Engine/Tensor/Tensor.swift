// The engine's one number container: F32, row-major, shared by reference and never written after the op that made it
// has returned. Feature maps are channels-last, [batch, height, width, channels], so that a 1×1 convolution, a linear
// layer and attention all read the same rows; token sequences are [batch, tokens, channels].

/// A row-major F32 array with a shape.
public struct Tensor: @unchecked Sendable {
    /// The axes' lengths, outermost first.
    public let shape: [Int]
    /// The memory, 64-byte aligned; contiguous, `count` values.
    let storage: Storage
    /// Where this value stands on a tape, when a gradient is wanted for it.
    var node: Int?

    /// The number of values.
    public var count: Int { storage.count }

    /// The values, copied out.
    public var values: [Float] { Array(UnsafeBufferPointer(start: storage.pointer, count: count)) }

    /// A tensor whose values are not set yet; the op that asks for it writes all of them.
    init(uninitialized shape: [Int]) {
        self.shape = shape
        storage = Storage(count: shape.reduce(1, *))
    }

    /// A tensor of `values` in row-major order; their count must fit `shape`.
    public init(_ values: [Float], shape: [Int]) {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values do not fill \(shape)")
        self.init(uninitialized: shape)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { storage.pointer.update(from: base, count: source.count) }
        }
    }

    /// A tensor of one repeated value.
    public init(repeating value: Float, shape: [Int]) {
        self.init(uninitialized: shape)
        storage.pointer.update(repeating: value, count: count)
    }

    private init(shape: [Int], storage: Storage, node: Int?) {
        self.shape = shape
        self.storage = storage
        self.node = node
    }

    /// The same values under another shape.
    public func reshaped(_ shape: [Int]) -> Tensor {
        precondition(shape.reduce(1, *) == count, "\(self.shape) cannot be seen as \(shape)")
        return Tensor(shape: shape, storage: storage, node: node)
    }

    /// The same values, unknown to any tape.
    var detached: Tensor { Tensor(shape: shape, storage: storage, node: nil) }

    /// The rows of width `shape.last`.
    var rows: Int { width == 0 ? 0 : count / width }

    /// The innermost axis's length.
    var width: Int { shape.last ?? 1 }

    var pointer: UnsafeMutablePointer<Float> { storage.pointer }

    /// The memory as a buffer, for filling a fresh tensor.
    var buffer: UnsafeMutableBufferPointer<Float> { .init(start: storage.pointer, count: count) }
}

/// The memory of a tensor and its views.
final class Storage: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Float>
    let count: Int

    private static let alignment = 64

    init(count: Int) {
        self.count = count
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        pointer = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
            .bindMemory(to: Float.self, capacity: max(count, 1))
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
