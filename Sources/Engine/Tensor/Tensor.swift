// The engine's one number container: row-major, F32 or the BF16 that products are fed with, shared by reference and never
// written after the op that made it has returned. Feature maps are channels-last, [batch, height, width, channels], so that a 1×1 convolution, a linear
// layer and attention all read the same rows; token sequences are [batch, tokens, channels].

/// A row-major array with a shape.
public struct Tensor: @unchecked Sendable {
    /// The axes' lengths, outermost first.
    public let shape: [Int]
    /// The memory, 64-byte aligned; contiguous, `count` values.
    let storage: Storage
    /// Where this value stands on a tape, when a gradient is wanted for it.
    var node: Int?

    /// The number of values.
    public var count: Int { storage.count }

    /// How the values are held.
    package var element: Precision { storage.element }

    /// The values, copied out.
    public var values: [Float] {
        switch element {
        case .f32: Array(UnsafeBufferPointer(start: pointer, count: count))
        case .bf16: (0..<count).map { Float(bitPattern: UInt32(halves[$0]) << 16) }
        }
    }

    /// A tensor whose values are not set yet; the op that asks for it writes all of them.
    /// - Parameter arena: where its memory comes from; nil takes it from the system.
    init(uninitialized shape: [Int], _ element: Precision = .f32, arena: Arena? = nil) {
        self.shape = shape
        storage = Storage(count: shape.reduce(1, *), element, arena)
    }

    /// A tensor of `values` in row-major order; their count must fit `shape`.
    public init(_ values: [Float], shape: [Int]) {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values do not fill \(shape)")
        self.init(uninitialized: shape)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.update(from: base, count: source.count) }
        }
    }

    /// A tensor of one repeated value.
    public init(repeating value: Float, shape: [Int]) {
        self.init(uninitialized: shape)
        pointer.update(repeating: value, count: count)
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

    /// The values of an F32 tensor.
    var pointer: UnsafeMutablePointer<Float> {
        precondition(element == .f32, "\(shape) is held in \(element)")
        return storage.memory.assumingMemoryBound(to: Float.self)
    }

    /// The values of a BF16 tensor: the upper halves of floats.
    var halves: UnsafeMutablePointer<UInt16> {
        precondition(element == .bf16, "\(shape) is held in \(element)")
        return storage.memory.assumingMemoryBound(to: UInt16.self)
    }

    /// The memory of either.
    var memory: UnsafeMutableRawPointer { storage.memory }

    /// The memory as a buffer, for filling a fresh tensor.
    var buffer: UnsafeMutableBufferPointer<Float> { .init(start: pointer, count: count) }
}

/// The memory of a tensor and its views.
final class Storage: @unchecked Sendable {
    let memory: UnsafeMutableRawPointer
    let count: Int
    let element: Precision
    private let arena: Arena?

    private static let alignment = 64

    init(count: Int, _ element: Precision, _ arena: Arena?) {
        (self.count, self.element, self.arena) = (count, element, arena)
        let bytes = count * element.width
        memory = arena?.take(bytes) ?? .allocate(byteCount: max(bytes, 1), alignment: Self.alignment)
    }

    deinit {
        guard let arena else { return memory.deallocate() }
        arena.giveBack(memory, count * element.width)
    }
}
