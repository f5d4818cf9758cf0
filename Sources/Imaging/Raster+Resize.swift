// Antialiased resizing: rows first, then columns, with an 8-bit picture between, as Pillow does it.
//
// Fixed point rather than floating: the result is the same on every machine, and equal to Pillow's.

extension Raster {
    /// The picture at another size, in its own 8-bit values (no linear light), each axis on its own.
    ///
    /// - Precondition: both sides are positive.
    public func resized(width newWidth: Int, height newHeight: Int, filter: ResamplingFilter = .lanczos) -> Raster {
        precondition(newWidth > 0 && newHeight > 0, "a picture has at least one pixel")
        var picture = self
        if newWidth != width {
            picture = picture.rowsResized(ResamplingWeights(source: width, target: newWidth, filter: filter))
        }
        if newHeight != height {
            picture = picture.columnsResized(ResamplingWeights(source: height, target: newHeight, filter: filter))
        }
        return picture
    }

    /// The picture in its own aspect with its longer side `longSide` pixels, the shorter at least one.
    public func fitted(longSide: Int, filter: ResamplingFilter = .lanczos) -> Raster {
        let longest = max(width, height)
        let shortest = max((min(width, height) * longSide * 2 + longest) / (2 * longest), 1)
        return width >= height
            ? resized(width: longSide, height: shortest, filter: filter)
            : resized(width: shortest, height: longSide, filter: filter)
    }

    private func rowsResized(_ plan: ResamplingWeights) -> Raster {
        let newWidth = plan.spans.count
        let count = 3 * newWidth * height
        let resized = pixels.withUnsafeBufferPointer { source in
            plan.weights.withUnsafeBufferPointer { weights in
                [UInt8](unsafeUninitializedCapacity: count) { target, filled in
                    for row in 0..<height {
                        Raster.resizeRow(
                            UnsafeBufferPointer(rebasing: source[3 * row * width..<3 * (row + 1) * width]),
                            into: UnsafeMutableBufferPointer(
                                rebasing: target[3 * row * newWidth..<3 * (row + 1) * newWidth]),
                            plan.spans, weights)
                    }
                    filled = count
                }
            }
        }
        return Raster(width: newWidth, height: height, pixels: resized)
    }

    private static func resizeRow(
        _ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>,
        _ spans: [ResamplingWeights.Span], _ weights: UnsafeBufferPointer<Int32>
    ) {
        let half: Int32 = 1 << (ResamplingWeights.fraction - 1)
        for (x, span) in spans.enumerated() {
            var red = half
            var green = half
            var blue = half
            var at = 3 * span.source
            for index in span.weight..<span.weight + span.count {
                let weight = weights[index]
                red &+= Int32(source[at]) &* weight
                green &+= Int32(source[at + 1]) &* weight
                blue &+= Int32(source[at + 2]) &* weight
                at += 3
            }
            target[3 * x] = clipped(red)
            target[3 * x + 1] = clipped(green)
            target[3 * x + 2] = clipped(blue)
        }
    }

    /// Sums whole rows, so that the inner loop runs over neighbouring bytes.
    private func columnsResized(_ plan: ResamplingWeights) -> Raster {
        let stride = 3 * width
        let count = stride * plan.spans.count
        var sums = [Int32](repeating: 0, count: stride)
        let resized = pixels.withUnsafeBufferPointer { source in
            sums.withUnsafeMutableBufferPointer { sums in
                [UInt8](unsafeUninitializedCapacity: count) { target, filled in
                    for (y, span) in plan.spans.enumerated() {
                        sums.update(repeating: 1 << (ResamplingWeights.fraction - 1))
                        for tap in 0..<span.count {
                            let start = (span.source + tap) * stride
                            let row = UnsafeBufferPointer(rebasing: source[start..<start + stride])
                            Raster.add(row, times: plan.weights[span.weight + tap], to: sums)
                        }
                        for x in 0..<stride { target[y * stride + x] = Raster.clipped(sums[x]) }
                    }
                    filled = count
                }
            }
        }
        return Raster(width: width, height: plan.spans.count, pixels: resized)
    }

    private static func add(
        _ row: UnsafeBufferPointer<UInt8>, times weight: Int32, to sums: UnsafeMutableBufferPointer<Int32>
    ) {
        for x in 0..<sums.count { sums[x] &+= Int32(row[x]) &* weight }
    }

    @inline(__always)
    private static func clipped(_ sum: Int32) -> UInt8 {
        UInt8(truncatingIfNeeded: min(max(sum >> ResamplingWeights.fraction, 0), 255))
    }
}
