// Finds the similarity that lays a drawing over the photo it was drawn from: every turn, scale and shift of a coarse
// grid on fields of 32 points, then the best ones improved, level by level, up to 256.

import Glibc

/// What a search over turns, scales and shifts found.
package struct Registration: Sendable {
    /// The best similarity.
    package let similarity: Similarity
    /// Agreement of the edge fields under it, and when nothing is moved; 1 is equal, about 0 unrelated.
    package let agreement: Float, agreementInPlace: Float
    /// How far the best of the coarse grid stands out from all of it, in standard deviations.
    package let distinction: Float

    /// Longer side, in points, of the finest field.
    private static let finestSide = 256
    private static let levels = 4
    /// How many of the best are followed from each level to the next finer one.
    private static let followed = [24, 6, 2]
    /// The grid: farthest values and steps of angle in radians, of the scale's logarithm, of shifts in longer sides.
    private static let angles = Grid(farthest: 16 * Double.pi / 180, steps: 4)
    private static let logScales = Grid(farthest: 0.3, steps: 4)
    private static let shifts = Grid(farthest: 5.0 / 32, steps: 5)

    package init(photo: Raster, sketch: Raster) {
        let scale = Double(Registration.finestSide) / Double(max(photo.width, photo.height))
        let cover = scale * Registration.cover(photo, sketch)
        var photos = [EdgeField(photo.scaled(by: scale)).softened]
        var sketches = [EdgeField(sketch.scaled(by: cover)).softened]
        for _ in 1..<Registration.levels {
            photos.insert(photos[0].halved, at: 0)
            sketches.insert(sketches[0].halved, at: 0)
        }
        var level = Level(photo: photos[0], sketch: sketches[0], unit: Double(Registration.finestSide >> 3))
        let grid = level.grid(Registration.angles, Registration.logScales, Registration.shifts)
        distinction = Registration.distinction(grid.map(\.agreement))
        var best = Registration.apart(grid, Registration.followed[0])
        for finer in 1..<Registration.levels {
            level = Level(photo: photos[finer], sketch: sketches[finer], unit: level.unit * 2)
            let improved = best.map { level.improved($0.similarity, steps: 1 / level.unit) }
            best = Registration.apart(
                improved, finer < Registration.followed.count ? Registration.followed[finer] : 1)
        }
        similarity = best.first?.similarity ?? Similarity()
        agreement = best.first?.agreement ?? 0
        agreementInPlace = level.agreement(Similarity()) ?? 0
    }

    /// How much the sketch has to be enlarged to just cover the photo's field.
    static func cover(_ photo: Raster, _ sketch: Raster) -> Double {
        max(Double(photo.width) / Double(sketch.width), Double(photo.height) / Double(sketch.height))
    }

    private static func distinction(_ agreements: [Float]) -> Float {
        let count = Float(max(agreements.count, 1))
        let mean = agreements.reduce(0, +) / count
        let variance = agreements.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        return variance > 0 ? ((agreements.max() ?? 0) - mean) / variance.squareRoot() : 0
    }

    /// The `count` best, none of them next to a better one.
    private static func apart(_ found: [Found], _ count: Int) -> [Found] {
        var kept: [Found] = []
        for candidate in found.sorted(by: { $0.agreement > $1.agreement }) where kept.count < count {
            let isNew = kept.allSatisfy {
                $0.similarity.distance(to: candidate.similarity, width: 1, height: 1) > 1 / Double(finestSide)
            }
            if isNew { kept.append(candidate) }
        }
        return kept
    }
}

/// A similarity and how well it does.
private struct Found {
    var similarity: Similarity
    var agreement: Float
}

/// Evenly spaced values on both sides of zero.
private struct Grid {
    let farthest: Double
    /// On each side.
    let steps: Int

    var values: [Double] { (-steps...steps).map { farthest * Double($0) / Double(steps) } }
}

/// Both fields at one resolution.
private struct Level {
    let photo: EdgeField, sketch: EdgeField
    /// Points to the photo's longer side.
    let unit: Double

    func agreement(_ similarity: Similarity) -> Float? {
        photo.agreement(with: sketch, by: similarity, unit: unit)
    }

    func grid(_ angles: Grid, _ logScales: Grid, _ shifts: Grid) -> [Found] {
        var found: [Found] = []
        for angle in angles.values {
            for logScale in logScales.values {
                for shiftX in shifts.values {
                    for shiftY in shifts.values {
                        let candidate = Similarity(
                            angle: angle, scale: exp(logScale), shiftX: shiftX, shiftY: shiftY)
                        if let agreement = agreement(candidate) {
                            found.append(Found(similarity: candidate, agreement: agreement))
                        }
                    }
                }
            }
        }
        return found
    }

    /// Walks uphill from `start` along each of the four parameters, in steps halved until they move a corner by less
    /// than an eighth of a point.
    func improved(_ start: Similarity, steps: Double) -> Found {
        var best = Found(similarity: start, agreement: agreement(start) ?? -1)
        var step = 2 * steps
        while step * unit >= 0.125 {
            var neighbour = best
            // a corner is about half a longer side from the middle, so angle and scale move it half as far as a shift
            let parameters: [(WritableKeyPath<Similarity, Double>, Double)] = [
                (\.angle, 2 * step), (\.logScale, 2 * step), (\.shiftX, step), (\.shiftY, step),
            ]
            for (parameter, size) in parameters {
                for sign in [-1.0, 1] {
                    var candidate = best.similarity
                    candidate[keyPath: parameter] += sign * size
                    if let agreement = agreement(candidate), agreement > neighbour.agreement {
                        neighbour = Found(similarity: candidate, agreement: agreement)
                    }
                }
            }
            if neighbour.agreement > best.agreement { best = neighbour } else { step /= 2 }
        }
        return best
    }
}

extension Raster {
    /// The picture enlarged or reduced by `factor`, at least three pixels on a side.
    func scaled(by factor: Double) -> Raster {
        resized(
            width: max(3, Int((Double(width) * factor).rounded())),
            height: max(3, Int((Double(height) * factor).rounded())))
    }
}
