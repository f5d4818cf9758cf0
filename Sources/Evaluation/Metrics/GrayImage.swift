// The one picture type of the evaluation: gray, in numbers. It knows no files; whoever reads those converts.

/// A gray picture of `width` × `height` values, black 0 and white 255.
public struct GrayImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// Rows from the top, width · height values in 0…255, whole or not.
    public var values: [Float]

    /// - Precondition: sides are positive and `values` has width · height numbers.
    public init(width: Int, height: Int, values: [Float]) {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        precondition(values.count == width * height, "one value a pixel")
        self.width = width
        self.height = height
        self.values = values
    }

    /// The luma of a colour picture: ITU-R BT.601 in 16-bit fixed point, (19595 R + 38470 G + 7471 B + 32768) / 65536
    /// rounded down, which is mode "L" of the Python imaging library.
    ///
    /// - Precondition: sides are positive and `rgb` has 3 · width · height bytes, rows from the top.
    public init(rgb: [UInt8], width: Int, height: Int) {
        precondition(rgb.count == 3 * width * height, "three bytes a pixel")
        let values = stride(from: 0, to: rgb.count, by: 3).map { at in
            let luma = 19595 * UInt32(rgb[at]) + 38470 * UInt32(rgb[at + 1]) + 7471 * UInt32(rgb[at + 2])
            return Float((luma + 32768) >> 16)
        }
        self.init(width: width, height: height, values: values)
    }

    /// The values as a file would keep them: rounded, halves up, and clipped to bytes.
    package var bytes: [UInt8] { values.map { UInt8(min(max($0, 0), 255).rounded()) } }
}
