// A turn, a scale and a shift: where a point of one picture lies in another.

import Glibc

/// The similarity that takes a point p of the photo to scale · R(angle) · p + shift in the sketch. Both are measured from
/// their picture's middle, x to the right and y down, in the photo's longer side, with the sketch so enlarged that it
/// just covers the photo's field.
package struct Similarity: Sendable, Equatable {
    /// Radians; positive turns x towards y, clockwise as seen.
    package var angle = 0.0
    /// Natural logarithm of the scale.
    package var logScale = 0.0
    package var shiftX = 0.0, shiftY = 0.0

    package init(angle: Double = 0, scale: Double = 1, shiftX: Double = 0, shiftY: Double = 0) {
        (self.angle, logScale, self.shiftX, self.shiftY) = (angle, log(scale), shiftX, shiftY)
    }

    package var scale: Double { exp(logScale) }

    /// Scale times the cosine and sine of the angle: the similarity's two matrix entries.
    var entries: (cosine: Double, sine: Double) { (scale * cos(angle), scale * sin(angle)) }

    package func callAsFunction(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        let (cosine, sine) = entries
        return (cosine * x - sine * y + shiftX, sine * x + cosine * y + shiftY)
    }

    /// The farthest that this and `other` take one corner of a photo of `width` × `height` apart, in its longer side.
    package func distance(to other: Similarity, width: Int, height: Int) -> Double {
        let longest = Double(max(width, height))
        let (right, bottom) = (Double(width) / longest / 2, Double(height) / longest / 2)
        return [(-right, -bottom), (right, -bottom), (-right, bottom), (right, bottom)].map { x, y in
            let (mine, its) = (self(x, y), other(x, y))
            return hypot(mine.x - its.x, mine.y - its.y)
        }.max() ?? 0
    }
}
