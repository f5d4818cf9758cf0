// A photo and its sketch, laid exactly over one another.
//
// A pair is left alone, to the bit, when it lies well already or when what the search found is doubtful. Else the sketch
// is moved and both are cut to the largest rectangle that the sketch fills, so nothing is made up at the edges.

import Glibc

/// A pair that was looked at, and moved when it had to be.
public struct AlignedPair: Sendable, Equatable {
    /// The photo, cut to the common field when the sketch was moved; its pixels are never resampled.
    public let photo: Raster
    /// The sketch, of the photo's size when it was moved, else as it was given.
    public let sketch: Raster
    /// Whether the sketch was moved.
    public let isMoved: Bool
    /// What a person should know: that the sketch was moved and how, or that the pair does not seem to fit. Nil when it
    /// lies well.
    public let warning: String?

    /// Brings `sketch` over `photo`. Found are turns to 16°, scales from 0.75 to 1.33 and shifts to 15 % of the photo's
    /// longer side, on top of the sketch's covering the photo from the middle.
    public init(photo: Raster, sketch: Raster) {
        self.init(photo: photo, sketch: sketch, registration: Registration(photo: photo, sketch: sketch))
    }

    package init(photo: Raster, sketch: Raster, registration: Registration) {
        let similarity = registration.similarity
        let moved = similarity.distance(to: Similarity(), width: photo.width, height: photo.height)
        guard moved > Limits.alignedDistance else {
            self.init(photo: photo, sketch: sketch, isMoved: false, warning: nil)
            return
        }
        let placement = Placement(photo: photo, sketch: sketch, similarity: similarity)
        guard registration.isTrustworthy, let field = placement.commonField else {
            self.init(
                photo: photo, sketch: sketch, isMoved: false,
                warning:
                    "the sketch may not lie over the photo, and no turn, scale or shift was found that surely lays "
                    + "it there; it was used as it is. A pair that lies exactly over one another is learned best")
            return
        }
        self.init(
            photo: photo.cropped(x: field.x, y: field.y, width: field.width, height: field.height),
            sketch: placement.resampled(in: field), isMoved: true,
            warning: "the sketch was \(similarity.remark), to lie over the photo; both were cut to their common field "
                + "of \(field.width)×\(field.height)")
    }

    private init(photo: Raster, sketch: Raster, isMoved: Bool, warning: String?) {
        (self.photo, self.sketch, self.isMoved, self.warning) = (photo, sketch, isMoved, warning)
    }
}

extension Registration {
    /// Whether the movement is clearly better than none, clearly the best of its grid, and clearly a likeness.
    var isTrustworthy: Bool {
        agreement >= Limits.trustedAgreement && distinction >= Limits.trustedDistinction
            && agreement >= agreementInPlace * Limits.trustedGain
    }
}

extension Similarity {
    /// What was done to the sketch, the inverse of where the photo's points lie in it.
    fileprivate var remark: String {
        func rounded(_ number: Double, _ unit: Double) -> Double { (number * unit).rounded() / unit }
        let degrees = rounded(-angle * 180 / .pi, 10)
        return
            "turned by \(degrees)°, scaled by \(rounded(1 / scale, 1000)) and shifted by \(rounded(-100 * shiftX, 10)) % "
            + "and \(rounded(-100 * shiftY, 10)) % of the longer side"
    }
}

/// A sketch's place under a photo, in pixels.
private struct Placement {
    private let photo: Raster
    /// The sketch at the scale at which it is sampled, one of its pixels to a photo's.
    private let sketch: Raster
    /// From photo pixels, measured from the middle, to those of `sketch`.
    private let cosine: Double, sine: Double, shiftX: Double, shiftY: Double

    init(photo: Raster, sketch: Raster, similarity: Similarity) {
        self.photo = photo
        let cover = Registration.cover(photo, sketch)
        // a sketch with more pixels than the photo is reduced first, by a filter that averages
        let reduction = min(1, cover / similarity.scale)
        self.sketch = reduction < 1 ? sketch.scaled(by: reduction) : sketch
        let pixels = Double(self.sketch.width) / (Double(sketch.width) * cover)
        let entries = similarity.entries
        (cosine, sine) = (entries.cosine * pixels, entries.sine * pixels)
        let longest = Double(max(photo.width, photo.height)) * pixels
        (shiftX, shiftY) = (similarity.shiftX * longest, similarity.shiftY * longest)
    }

    /// Where the middle of the photo's pixel lies on the sketch, in pixels whose middles are whole numbers.
    private func place(_ x: Int, _ y: Int) -> (x: Double, y: Double) {
        let (right, down) = (Double(x) - Double(photo.width - 1) / 2, Double(y) - Double(photo.height - 1) / 2)
        return (
            cosine * right - sine * down + shiftX + Double(sketch.width - 1) / 2,
            sine * right + cosine * down + shiftY + Double(sketch.height - 1) / 2
        )
    }

    private func isCovered(_ x: Int, _ y: Int) -> Bool {
        let (atX, atY) = place(x, y)
        return atX >= 0 && atY >= 0 && atX <= Double(sketch.width - 1) && atY <= Double(sketch.height - 1)
    }

    /// The largest rectangle of the photo that the sketch fills; nil when it is less than half of the photo. What the
    /// sketch fills is convex, so a rectangle lies in it when its left and its right column do.
    var commonField: PictureFrame? {
        let columns = (0..<photo.width).map(coveredRows)
        // a few hundred columns, evenly spread, are as good as all
        let step = max(1, photo.width / Limits.fieldColumns)
        let tried = stride(from: 0, to: photo.width, by: step).filter { columns[$0] != nil } + [photo.width - 1]
        var best: PictureFrame?
        for left in tried {
            guard let first = columns[left] else { continue }
            for right in tried where right >= left {
                guard let last = columns[right] else { continue }
                let (top, bottom) = (max(first.lowerBound, last.lowerBound), min(first.upperBound, last.upperBound))
                guard bottom >= top else { continue }
                let field = PictureFrame(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
                if field.width * field.height > (best.map { $0.width * $0.height } ?? 0) { best = field }
            }
        }
        guard let best, 2 * best.width * best.height >= photo.width * photo.height else { return nil }
        return best
    }

    /// The rows of a column that the sketch fills: one run, found from a row inside it.
    private func coveredRows(_ x: Int) -> ClosedRange<Int>? {
        let rows = stride(from: 0, to: photo.height, by: max(1, photo.height / Limits.fieldColumns))
        guard let inside = rows.first(where: { isCovered(x, $0) }) else { return nil }
        let top = boundary(x, covered: inside, beyond: -1)
        let bottom = boundary(x, covered: inside, beyond: photo.height)
        return top...bottom
    }

    /// The last covered row between a covered one and one that is not, by bisection.
    private func boundary(_ x: Int, covered: Int, beyond: Int) -> Int {
        var (covered, beyond) = (covered, beyond)
        while abs(covered - beyond) > 1 {
            let middle = (covered + beyond) / 2
            if isCovered(x, middle) { covered = middle } else { beyond = middle }
        }
        return covered
    }

    /// The sketch under `field`, by Keys' cubic; beyond its edge the edge's pixels are repeated for the filter.
    func resampled(in field: PictureFrame) -> Raster {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(3 * field.width * field.height)
        for y in field.y..<field.y + field.height {
            for x in field.x..<field.x + field.width {
                let at = place(x, y)
                let (red, green, blue) = sketch.interpolated(at.x, at.y)
                pixels.append(red)
                pixels.append(green)
                pixels.append(blue)
            }
        }
        return Raster(width: field.width, height: field.height, pixels: pixels)
    }
}

extension Raster {
    /// The colour between pixels, from the sixteen around (`x`, `y`).
    fileprivate func interpolated(_ x: Double, _ y: Double) -> (UInt8, UInt8, UInt8) {
        let (column, row) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
        let across = Raster.weights(x - Double(column))
        let down = Raster.weights(y - Double(row))
        var sum = SIMD3<Double>()
        for tapY in 0..<4 {
            let line = width * min(max(row - 1 + tapY, 0), height - 1)
            for tapX in 0..<4 {
                let at = 3 * (line + min(max(column - 1 + tapX, 0), width - 1))
                let colour = SIMD3(Double(pixels[at]), Double(pixels[at + 1]), Double(pixels[at + 2]))
                sum += colour * (across[tapX] * down[tapY])
            }
        }
        func byte(_ value: Double) -> UInt8 { UInt8(min(max(value, 0), 255).rounded()) }
        return (byte(sum.x), byte(sum.y), byte(sum.z))
    }

    private static func weights(_ fraction: Double) -> SIMD4<Double> {
        let filter = ResamplingFilter.bicubic
        return SIMD4(
            filter.value(at: fraction + 1), filter.value(at: fraction), filter.value(at: 1 - fraction),
            filter.value(at: 2 - fraction))
    }
}
