// Pixels moved, none changed: crop, pad, turn, paste.

extension Raster {
    /// The rectangle whose top left pixel is (`x`, `y`).
    ///
    /// - Precondition: it lies inside the picture and is not empty.
    public func cropped(x: Int, y: Int, width cropWidth: Int, height cropHeight: Int) -> Raster {
        precondition(x >= 0 && y >= 0 && cropWidth > 0 && cropHeight > 0, "a crop is a part of the picture")
        precondition(x + cropWidth <= width && y + cropHeight <= height, "a crop is a part of the picture")
        var cropped: [UInt8] = []
        cropped.reserveCapacity(3 * cropWidth * cropHeight)
        for row in y..<y + cropHeight {
            let start = 3 * (row * width + x)
            cropped += pixels[start..<start + 3 * cropWidth]
        }
        return Raster(width: cropWidth, height: cropHeight, pixels: cropped)
    }

    /// The picture with as many pixels added on each side, each a copy of the nearest edge pixel.
    ///
    /// - Precondition: no count is negative.
    public func padded(left: Int = 0, top: Int = 0, right: Int = 0, bottom: Int = 0) -> Raster {
        precondition(min(left, top, right, bottom) >= 0, "padding adds pixels")
        var padded: [UInt8] = []
        padded.reserveCapacity(3 * (width + left + right) * (height + top + bottom))
        for row in -top..<height + bottom {
            let start = 3 * width * min(max(row, 0), height - 1)
            let line = pixels[start..<start + 3 * width]
            for _ in 0..<left { padded += line.prefix(3) }
            padded += line
            for _ in 0..<right { padded += line.suffix(3) }
        }
        return Raster(width: width + left + right, height: height + top + bottom, pixels: padded)
    }

    /// Lays `picture` over this one with its top left pixel at (`x`, `y`).
    ///
    /// - Precondition: it fits inside.
    public mutating func paste(_ picture: Raster, x: Int, y: Int) {
        precondition(x >= 0 && y >= 0, "a pasted picture lies inside")
        precondition(x + picture.width <= width && y + picture.height <= height, "a pasted picture lies inside")
        for row in 0..<picture.height {
            let source = 3 * row * picture.width
            let target = 3 * ((y + row) * width + x)
            let line = picture.pixels[source..<source + 3 * picture.width]
            pixels.replaceSubrange(target..<target + 3 * picture.width, with: line)
        }
    }

    /// The upright picture, when this one is stored as `orientation` says.
    package func turnedUpright(from orientation: Orientation) -> Raster {
        if orientation == .upright { return self }
        let uprightWidth = orientation.swapsSides ? height : width
        let uprightHeight = orientation.swapsSides ? width : height
        let walk = orientation.walk(width: width, height: height)
        let upright = pixels.withUnsafeBufferPointer { stored in
            [UInt8](unsafeUninitializedCapacity: stored.count) { upright, filled in
                var target = 0
                for y in 0..<uprightHeight {
                    var source = walk.start + y * walk.down
                    for _ in 0..<uprightWidth {
                        upright[target] = stored[source]
                        upright[target + 1] = stored[source + 1]
                        upright[target + 2] = stored[source + 2]
                        target += 3
                        source += walk.right
                    }
                }
                filled = target
            }
        }
        return Raster(width: uprightWidth, height: uprightHeight, pixels: upright)
    }
}

extension Orientation {
    /// Where the upright picture's top left pixel is stored, and the steps in the stored bytes that go one
    /// pixel right and one row down in it.
    fileprivate func walk(width: Int, height: Int) -> (start: Int, right: Int, down: Int) {
        let column = 3
        let row = 3 * width
        let lastColumn = column * (width - 1)
        let lastRow = row * (height - 1)
        return switch self {
        case .upright: (0, column, row)
        case .mirrored: (lastColumn, -column, row)
        case .upsideDown: (lastRow + lastColumn, -column, -row)
        case .flipped: (lastRow, column, -row)
        case .transposed: (0, row, column)
        case .turnedLeft: (lastRow, -row, column)
        case .transversed: (lastRow + lastColumn, -row, -column)
        case .turnedRight: (lastColumn, row, -column)
        }
    }
}
