// What every metric and filter computes on: rows of doubles, because variances of bytes need more digits than F32 has.

/// `width` × `height` numbers, rows from the top.
package struct Plane: Sendable, Equatable {
    package let width: Int
    package let height: Int
    package var values: [Double]

    /// - Precondition: `values` has width · height numbers.
    package init(width: Int, height: Int, values: [Double]) {
        precondition(values.count == width * height, "one number a pixel")
        self.width = width
        self.height = height
        self.values = values
    }

    /// The picture's values times `scale`.
    package init(_ image: GrayImage, scale: Double = 1) {
        self.init(width: image.width, height: image.height, values: image.values.map { Double($0) * scale })
    }

    /// The numbers rounded, halves up, and clipped to bytes.
    package var bytes: [UInt8] { values.map { UInt8(min(max($0, 0), 255).rounded()) } }

    /// Each number through `change`.
    package func mapped(_ change: (Double) -> Double) -> Plane {
        Plane(width: width, height: height, values: values.map(change))
    }

    /// Each number and the one at its place in `other` through `combine`.
    package func merged(with other: Plane, _ combine: (Double, Double) -> Double) -> Plane {
        precondition(width == other.width && height == other.height, "planes of one size")
        return Plane(width: width, height: height, values: values.indices.map { combine(values[$0], other.values[$0]) })
    }
}

/// What lies beyond the edge of a plane.
package enum Edge: Sendable {
    /// Nothing: zeros.
    case zero
    /// The nearest number inside.
    case nearest
}

extension Plane {
    /// The plane with `margin` more numbers on every side.
    package func padded(by margin: Int, _ edge: Edge) -> Plane {
        let newWidth = width + 2 * margin
        var padded = [Double]()
        padded.reserveCapacity(newWidth * (height + 2 * margin))
        for y in -margin..<height + margin {
            if edge == .zero, y < 0 || y >= height {
                padded.append(contentsOf: repeatElement(0, count: newWidth))
                continue
            }
            let start = min(max(y, 0), height - 1) * width
            let (left, right) = edge == .zero ? (0, 0) : (values[start], values[start + width - 1])
            padded.append(contentsOf: repeatElement(left, count: margin))
            padded.append(contentsOf: values[start..<start + width])
            padded.append(contentsOf: repeatElement(right, count: margin))
        }
        return Plane(width: newWidth, height: height + 2 * margin, values: padded)
    }

    /// The means of the whole blocks of `side` × `side`; what is left over at the right and below is dropped.
    package func blockMeans(side: Int) -> Plane {
        guard side > 1 else { return self }
        let (newWidth, newHeight) = (width / side, height / side)
        var means = [Double](repeating: 0, count: newWidth * newHeight)
        for y in 0..<newHeight * side {
            for x in 0..<newWidth * side { means[y / side * newWidth + x / side] += values[y * width + x] }
        }
        let area = Double(side * side)
        return Plane(width: newWidth, height: newHeight, values: means.map { $0 / area })
    }
}
