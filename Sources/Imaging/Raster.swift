// The one picture type of the project: 8-bit RGB, row-major, no padding, in whatever colour space the file had.

/// A picture of `width` × `height` pixels.
public struct Raster: Sendable, Equatable {
    public var width: Int
    public var height: Int
    /// Red, green, blue of each pixel, rows from the top: 3 · width · height bytes.
    public var pixels: [UInt8]

    /// - Precondition: sides are positive and `pixels` has 3 · width · height bytes.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        precondition(pixels.count == 3 * width * height, "three bytes a pixel")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// A picture of one colour.
    public init(width: Int, height: Int, red: UInt8, green: UInt8, blue: UInt8) {
        var pixels = [UInt8](repeating: red, count: 3 * width * height)
        if green != red || blue != red {
            for start in stride(from: 0, to: pixels.count, by: 3) {
                pixels[start + 1] = green
                pixels[start + 2] = blue
            }
        }
        self.init(width: width, height: height, pixels: pixels)
    }

    /// A picture in greys, one byte a pixel.
    public init(width: Int, height: Int, luminance: [UInt8]) {
        precondition(luminance.count == width * height, "one byte a pixel")
        var pixels = [UInt8](repeating: 0, count: 3 * luminance.count)
        for (index, grey) in luminance.enumerated() {
            pixels[3 * index] = grey
            pixels[3 * index + 1] = grey
            pixels[3 * index + 2] = grey
        }
        self.init(width: width, height: height, pixels: pixels)
    }

    /// Whether every pixel has equal red, green and blue.
    public var isGray: Bool {
        pixels.withUnsafeBufferPointer { pixels in
            for start in stride(from: 0, to: pixels.count, by: 3)
            where pixels[start] != pixels[start + 1] || pixels[start] != pixels[start + 2] {
                return false
            }
            return true
        }
    }

    /// Luma of ITU-R BT.601 in 16-bit fixed point, rounded: (19595 R + 38470 G + 7471 B + 32768) / 65536,
    /// the "L" of the Python imaging libraries. One byte a pixel.
    public var luminance: [UInt8] {
        let count = width * height
        return pixels.withUnsafeBufferPointer { pixels in
            [UInt8](unsafeUninitializedCapacity: count) { luma, filled in
                for index in 0..<count {
                    let red = UInt32(pixels[3 * index])
                    let green = UInt32(pixels[3 * index + 1])
                    let blue = UInt32(pixels[3 * index + 2])
                    let sum = 19595 &* red &+ 38470 &* green &+ 7471 &* blue &+ 32768
                    luma[index] = UInt8(truncatingIfNeeded: sum &>> 16)
                }
                filled = count
            }
        }
    }

    /// The values of red, green or blue, which are channels 0, 1 and 2.
    public func channel(_ index: Int) -> [UInt8] { stride(from: index, to: pixels.count, by: 3).map { pixels[$0] } }

    /// The picture in greys, by ``luminance``.
    public var gray: Raster { Raster(width: width, height: height, luminance: luminance) }
}
