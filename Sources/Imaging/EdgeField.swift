// Where a picture has edges and how they run, in a form in which a drawing and a photo agree.
//
// The gradient's angle is doubled, so that dark-to-light and light-to-dark are the same and the two sides of a drawn
// line add up instead of cancelling; the square root of its length keeps a hard outline from outweighing all else. Such
// vectors may be averaged, so a coarser field is the mean of a finer one, and thin lines do not vanish from it.

import Glibc

/// Doubled edge directions on a grid.
struct EdgeField {
    let width: Int, height: Int
    /// Two numbers a point: cosine and sine of the doubled angle, times the strength.
    private(set) var vectors: [Float]

    /// The field of `picture`, at its own size.
    init(_ picture: Raster) {
        let (width, height) = (picture.width, picture.height)
        let light = picture.luminance.map { Float($0) / 255 }
        var vectors = [Float](repeating: 0, count: 2 * width * height)
        light.withUnsafeBufferPointer { light in
            vectors.withUnsafeMutableBufferPointer { vectors in
                for y in 1..<max(height - 1, 1) {
                    for x in 1..<max(width - 1, 1) {
                        let at = y * width + x
                        let (dx, dy) = (light[at + 1] - light[at - 1], light[at + width] - light[at - width])
                        let strength = (dx * dx + dy * dy).squareRoot()
                        guard strength > 0 else { continue }
                        let weight = 1 / (strength * strength.squareRoot())
                        vectors[2 * at] = (dx * dx - dy * dy) * weight
                        vectors[2 * at + 1] = 2 * dx * dy * weight
                    }
                }
            }
        }
        self.init(width: width, height: height, vectors: vectors)
    }

    private init(width: Int, height: Int, vectors: [Float]) {
        (self.width, self.height, self.vectors) = (width, height, vectors)
    }

    /// The field at half the size; a last odd row or column is left out.
    var halved: EdgeField {
        let (halfWidth, halfHeight) = (width / 2, height / 2)
        var half = [Float](repeating: 0, count: 2 * halfWidth * halfHeight)
        for y in 0..<halfHeight {
            for x in 0..<halfWidth {
                let source = 2 * (2 * y * width + 2 * x)
                for part in 0..<2 {
                    let above = vectors[source + part] + vectors[source + part + 2]
                    let below = vectors[source + 2 * width + part] + vectors[source + 2 * width + part + 2]
                    half[2 * (y * halfWidth + x) + part] = (above + below) / 4
                }
            }
        }
        return EdgeField(width: halfWidth, height: halfHeight, vectors: half)
    }

    /// The field with each point the weighted mean of its neighbours (1 2 1 along both axes), so that edges a little
    /// apart still meet. The outermost points keep their value.
    var softened: EdgeField {
        var soft = self
        for (step, count) in [(2, width), (2 * width, height)] where count > 2 {
            let source = soft.vectors
            for y in 0..<height {
                for x in 0..<width where step == 2 ? (1..<width - 1).contains(x) : (1..<height - 1).contains(y) {
                    let at = 2 * (y * width + x)
                    for part in at..<at + 2 {
                        soft.vectors[part] = (source[part - step] + 2 * source[part] + source[part + step]) / 4
                    }
                }
            }
        }
        return soft
    }

    /// How well `sketch`, laid under this photo's field by `similarity`, agrees with it: the cosine between the two as
    /// far as they overlap, 1 for equal fields, about 0 for unrelated ones; nil when less than half is covered.
    ///
    /// - Parameter unit: points of either grid to the photo's longer side.
    func agreement(with sketch: EdgeField, by similarity: Similarity, unit: Double) -> Float? {
        let (cosine, sine) = similarity.entries
        // the sketch's own directions are turned by the angle, doubled ones by twice as much
        let (turnX, turnY) = (Float(cos(2 * similarity.angle)), Float(sin(2 * similarity.angle)))
        let (stepX, stepY) = (Float(cosine), Float(sine))
        let (middleX, middleY) = (Double(width - 1) / 2, Double(height - 1) / 2)
        var dot: Float = 0
        var mine: Float = 0
        var its: Float = 0
        var covered = 0
        vectors.withUnsafeBufferPointer { photo in
            sketch.vectors.withUnsafeBufferPointer { drawn in
                let (lastX, lastY) = (Float(sketch.width - 1), Float(sketch.height - 1))
                for y in 0..<height {
                    let down = Double(y) - middleY
                    let rowX = cosine * -middleX - sine * down + similarity.shiftX * unit
                    let rowY = sine * -middleX + cosine * down + similarity.shiftY * unit
                    var atX = Float(rowX + Double(sketch.width - 1) / 2)
                    var atY = Float(rowY + Double(sketch.height - 1) / 2)
                    for x in 0..<width {
                        if atX >= 0, atY >= 0, atX < lastX, atY < lastY {
                            covered += 1
                            let (column, row) = (Int(atX), Int(atY))
                            let (right, below) = (atX - Float(column), atY - Float(row))
                            let near = 2 * (row * sketch.width + column)
                            let far = near + 2 * sketch.width
                            let upperX = drawn[near] + right * (drawn[near + 2] - drawn[near])
                            let upperY = drawn[near + 1] + right * (drawn[near + 3] - drawn[near + 1])
                            let lowerX = drawn[far] + right * (drawn[far + 2] - drawn[far])
                            let lowerY = drawn[far + 1] + right * (drawn[far + 3] - drawn[far + 1])
                            let (foundX, foundY) = (
                                upperX + below * (lowerX - upperX), upperY + below * (lowerY - upperY)
                            )
                            let (turnedX, turnedY) = (turnX * foundX + turnY * foundY, turnX * foundY - turnY * foundX)
                            let at = 2 * (y * width + x)
                            dot += photo[at] * turnedX + photo[at + 1] * turnedY
                            mine += photo[at] * photo[at] + photo[at + 1] * photo[at + 1]
                            its += turnedX * turnedX + turnedY * turnedY
                        }
                        atX += stepX
                        atY += stepY
                    }
                }
            }
        }
        guard 2 * covered >= width * height else { return nil }
        let scale = (mine * its).squareRoot()
        return scale > 0 ? dot / scale : 0
    }
}
