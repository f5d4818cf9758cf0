// Where the left side's rows of a product lie: for every row and every tap of the kernel a pointer into the map, so that a
// convolution reads its input in place. A map that is to be enlarged first is read as if it were.

/// The rows of a product over the pixels of a map.
struct PixelRows {
    /// The map's first value, and bytes from one pixel to the next.
    let base: UnsafeRawPointer
    let bytes: Int
    /// What a tap outside the map reads.
    let zeros: UnsafeRawPointer
    /// Rows and columns that are there, that the taps see (more when the map is enlarged), and of the result.
    let map: (height: Int, width: Int)
    let seen: (height: Int, width: Int)
    let result: (height: Int, width: Int)
    let kernel: Int
    /// Tap t of result row y sees row (y·times + shift + t)/divisor, where that is whole.
    let times: Int
    let shift: Int
    let divisor: Int

    /// Rows one after the other, no map.
    init(rows: Int, base: UnsafeRawPointer, bytes: Int, zeros: UnsafeRawPointer) {
        (self.base, self.bytes, self.zeros) = (base, bytes, zeros)
        (map, seen, result) = ((1, rows), (1, rows), (1, rows))
        (kernel, times, shift, divisor) = (1, 1, 0, 1)
    }

    /// A convolution's inputs.
    init(
        forward geometry: ConvolutionGeometry, map: (height: Int, width: Int), seen: (height: Int, width: Int),
        base: UnsafeRawPointer, bytes: Int, zeros: UnsafeRawPointer
    ) {
        (self.base, self.bytes, self.zeros, self.map, self.seen) = (base, bytes, zeros, map, seen)
        result = (geometry.output(seen.height), geometry.output(seen.width))
        (kernel, times, shift, divisor) = (geometry.kernel, geometry.stride, -geometry.before, 1)
    }

    /// The output gradients that reach each input pixel, taps in reverse:
    /// y[o] = Σ_t W[t]·x[o·stride + t − before]  ⇒  dx[i] = Σ_t W[t]ᵀ·dy[(i + before − t)/stride].
    init(
        adjoint geometry: ConvolutionGeometry, of input: (height: Int, width: Int), base: UnsafeRawPointer,
        bytes: Int, zeros: UnsafeRawPointer
    ) {
        (self.base, self.bytes, self.zeros) = (base, bytes, zeros)
        map = (geometry.output(input.height), geometry.output(input.width))
        (seen, result) = (map, input)
        (kernel, times, divisor) = (geometry.kernel, 1, geometry.stride)
        shift = geometry.before - geometry.kernel + 1
    }

    /// The 4×4 windows of a 3×3 convolution by Winograd's method, one for every 2×2 pixels of its result.
    init(
        windowsOf map: (height: Int, width: Int), seen: (height: Int, width: Int), base: UnsafeRawPointer, bytes: Int,
        zeros: UnsafeRawPointer
    ) {
        (self.base, self.bytes, self.zeros, self.map, self.seen) = (base, bytes, zeros, map, seen)
        result = ((seen.height + 1) / 2, (seen.width + 1) / 2)
        (kernel, times, shift, divisor) = (4, 2, -1, 1)
    }

    var taps: Int { kernel * kernel }

    /// Pointers of the result's pixels `rows`, counted over the whole batch, into `target` [taps, rows].
    func fill(_ rows: Range<Int>, _ target: UnsafeMutablePointer<UnsafeRawPointer?>) {
        let count = rows.count
        var (column, line) = (rows.lowerBound % result.width, rows.lowerBound / result.width)
        for index in 0..<count {
            let image = base + line / result.height * map.height * map.width * bytes
            let (top, left) = (line % result.height * times + shift, column * times + shift)
            for tap in 0..<kernel {
                let row = source(top + tap, seen.height, map.height)
                for other in 0..<kernel {
                    let place = source(left + other, seen.width, map.width)
                    target[(tap * kernel + other) * count + index] =
                        row < 0 || place < 0 ? zeros : image + (row * map.width + place) * bytes
                }
            }
            column += 1
            if column == result.width { (column, line) = (0, line + 1) }
        }
    }

    /// The map's row or column behind the seen one number `at`/divisor, −1 where there is none.
    @inline(__always)
    private func source(_ at: Int, _ seen: Int, _ map: Int) -> Int {
        guard at >= 0 else { return -1 }
        let place = divisor == 1 ? at : at % divisor == 0 ? at / divisor : seen
        guard place < seen else { return -1 }
        return seen == map ? place : place * map / seen
    }
}
