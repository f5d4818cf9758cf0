// Between the engine's channels-last maps and the channels-first order of checkpoints, goldens and diffusers' files;
// stacking and slicing along the batch. These copy: they are for the edges of the engine, not for its inner loops.

extension Tensor {
    /// [batch, channels, height, width] → [batch, height, width, channels].
    public var channelsLast: Tensor {
        let (batch, channels, pixels) = (shape[0], shape[1], shape[2] * shape[3])
        let result = Tensor(uninitialized: [batch, shape[2], shape[3], channels])
        for b in 0..<batch {
            transpose(
                pointer + b * pixels * channels, rows: channels, columns: pixels,
                into: result.pointer + b * pixels * channels)
        }
        return result
    }

    /// [batch, height, width, channels] → [batch, channels, height, width].
    public var channelsFirst: Tensor {
        let (batch, pixels, channels) = (shape[0], shape[1] * shape[2], shape[3])
        let result = Tensor(uninitialized: [batch, channels, shape[1], shape[2]])
        for b in 0..<batch {
            transpose(
                pointer + b * pixels * channels, rows: pixels, columns: channels,
                into: result.pointer + b * pixels * channels)
        }
        return result
    }

    /// Tensors of one shape, one after the other along the first axis.
    public static func stacked(_ parts: [Tensor]) -> Tensor {
        let first = parts[0]
        let result = Tensor(uninitialized: [parts.reduce(0) { $0 + $1.shape[0] }] + first.shape.dropFirst())
        var offset = 0
        for part in parts {
            precondition(part.shape.dropFirst() == first.shape.dropFirst(), "stacked tensors differ in shape")
            (result.pointer + offset).update(from: part.pointer, count: part.count)
            offset += part.count
        }
        return result
    }

    /// A row as the `count` rows of a batch.
    func repeated(_ count: Int) -> Tensor { .stacked(Array(repeating: reshaped([1] + shape), count: count)) }

    /// The part `range` of the first axis.
    public func batch(_ range: Range<Int>) -> Tensor {
        let stride = count / shape[0]
        let result = Tensor(uninitialized: [range.count] + shape.dropFirst())
        result.pointer.update(from: pointer + range.lowerBound * stride, count: range.count * stride)
        return result
    }
}

/// [rows, columns] → [columns, rows].
func transpose(
    _ source: UnsafePointer<Float>, rows: Int, columns: Int, into target: UnsafeMutablePointer<Float>
) {
    for row in 0..<rows {
        for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
    }
}
