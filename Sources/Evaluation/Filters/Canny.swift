// Canny's edges (1986), thinned between pixels and followed from strong to weak, and lines of a chosen width along
// them.

/// 1 on the edges of `photo`, else 0.
///
/// The photo, taken as 0…1, is blurred with `sigma`. An edge pixel's Sobel gradient is at least `low` long and no
/// shorter than the gradients, interpolated between two neighbours, one step forward and back in its direction; and
/// pixels of the same edge, corner to corner, lead to one that reaches `high`. Pixels on the rim are no edges. It is
/// scikit-image's `canny(mode="nearest")`.
///
/// - Precondition: 0 < low ≤ high.
package func cannyEdges(_ photo: Plane, sigma: Double, low: Double, high: Double) -> Plane {
    precondition(0 < low && low <= high, "thresholds are positive and in order")
    let soft = photo.mapped { $0 / 255 }.blurred(sigma: sigma)
    let (x, y) = soft.gradient(smoothing: [1, 2, 1], beyond: .nearest)
    let strength = x.merged(with: y) { ($0 * $0 + $1 * $1).squareRoot() }
    let ridge = ridge(strength, x.values, y.values, least: low)
    return followed(ridge, from: high)
}

/// The strengths where they are at least `least` and largest along the gradient, else 0.
private func ridge(_ strength: Plane, _ x: [Double], _ y: [Double], least: Double) -> Plane {
    let width = strength.width
    var ridge = strength.mapped { _ in 0 }
    for row in 1..<strength.height - 1 {
        for at in row * width + 1..<(row + 1) * width - 1 where strength.values[at] >= least {
            let stepX = x[at] < 0 ? -1 : 1
            let stepY = y[at] < 0 ? -width : width
            let isSteep = abs(y[at]) > abs(x[at])
            let straight = isSteep ? stepY : stepX
            let share = isSteep ? abs(x[at] / y[at]) : abs(y[at] / x[at])
            func neighbour(_ side: Int) -> Double {
                let diagonal = strength.values[at + side * (stepX + stepY)]
                return share * diagonal + (1 - share) * strength.values[at + side * straight]
            }
            if neighbour(1) <= strength.values[at], neighbour(-1) <= strength.values[at] {
                ridge.values[at] = strength.values[at]
            }
        }
    }
    return ridge
}

/// 1 where the ridge is connected, corner to corner, with a place that reaches `high`.
///
/// - Precondition: the ridge is 0 along the rim.
private func followed(_ ridge: Plane, from high: Double) -> Plane {
    let around = [-1, 0, 1].flatMap { [$0 - ridge.width, $0, $0 + ridge.width] }
    var edges = ridge.mapped { $0 >= high ? 1 : 0 }
    var open = edges.values.indices.filter { edges.values[$0] == 1 }
    while let at = open.popLast() {
        for step in around where ridge.values[at + step] > 0 && edges.values[at + step] == 0 {
            edges.values[at + step] = 1
            open.append(at + step)
        }
    }
    return edges
}

/// Black lines on white along `edges`: their blur with a Gaussian of `width` pixels, scaled so that a straight line is
/// black in its middle.
func drawnLines(_ edges: Plane, width: Double) -> Plane {
    let kernel = gaussianKernel(sigma: width, radius: Int(4 * width + 0.5))
    let middle = kernel[kernel.count / 2]
    return edges.blurred(sigma: width).mapped { 255 * (1 - min(1, $0 / middle)) }
}
