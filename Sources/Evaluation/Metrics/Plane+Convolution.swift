// Separable filters, the one loop in which most of the time goes: whole rows times one weight, added up.
import Glibc

extension Plane {
    /// The correlation with the product of two kernels, `across` along rows and `down` along columns, where they lie
    /// wholly inside: width − across.count + 1 by height − down.count + 1 numbers.
    ///
    /// - Precondition: the plane is at least as large as the kernels.
    package func correlated(across: [Double], down: [Double]) -> Plane {
        let newWidth = width - across.count + 1
        let newHeight = height - down.count + 1
        precondition(newWidth > 0 && newHeight > 0, "a kernel fits into the plane")
        var rows = [Double](repeating: 0, count: newWidth * height)
        var result = [Double](repeating: 0, count: newWidth * newHeight)
        values.withUnsafeBufferPointer { source in
            rows.withUnsafeMutableBufferPointer { rows in
                for y in 0..<height {
                    let target = UnsafeMutableBufferPointer(rebasing: rows[y * newWidth..<(y + 1) * newWidth])
                    for (tap, weight) in across.enumerated() where weight != 0 {
                        Plane.add(source, from: y * width + tap, times: weight, to: target)
                    }
                }
            }
        }
        rows.withUnsafeBufferPointer { rows in
            result.withUnsafeMutableBufferPointer { result in
                for y in 0..<newHeight {
                    let target = UnsafeMutableBufferPointer(rebasing: result[y * newWidth..<(y + 1) * newWidth])
                    for (tap, weight) in down.enumerated() where weight != 0 {
                        Plane.add(rows, from: (y + tap) * newWidth, times: weight, to: target)
                    }
                }
            }
        }
        return Plane(width: newWidth, height: newHeight, values: result)
    }

    @inline(__always)
    private static func add(
        _ source: UnsafeBufferPointer<Double>, from start: Int, times weight: Double,
        to target: UnsafeMutableBufferPointer<Double>
    ) {
        let row = UnsafeBufferPointer(rebasing: source[start..<start + target.count])
        for x in 0..<target.count { target[x] += weight * row[x] }
    }

    /// The plane blurred with a Gaussian of `sigma` pixels, cut at four sigmas, the edge continued outwards.
    ///
    /// - Precondition: `sigma` is positive.
    package func blurred(sigma: Double) -> Plane {
        let radius = Int(4 * sigma + 0.5)
        let kernel = gaussianKernel(sigma: sigma, radius: radius)
        return padded(by: radius, .nearest).correlated(across: kernel, down: kernel)
    }

    /// The derivatives along rows and along columns: central differences of neighbours two apart, smoothed across
    /// by `smoothing`, which has three weights: (1, 2, 1) is Sobel's operator, (3, 10, 3) / 16 Scharr's as FSIM has it.
    package func gradient(smoothing: [Double], beyond edge: Edge) -> (x: Plane, y: Plane) {
        let padded = padded(by: 1, edge)
        let difference = [-1.0, 0, 1]
        return (
            padded.correlated(across: difference, down: smoothing),
            padded.correlated(across: smoothing, down: difference)
        )
    }

    /// The length of ``gradient(smoothing:beyond:)``.
    package func gradientMagnitude(smoothing: [Double], beyond edge: Edge) -> Plane {
        let (x, y) = gradient(smoothing: smoothing, beyond: edge)
        return x.merged(with: y) { ($0 * $0 + $1 * $1).squareRoot() }
    }
}

/// 2 · radius + 1 samples of a Gaussian of `sigma` pixels, with sum 1.
package func gaussianKernel(sigma: Double, radius: Int) -> [Double] {
    let samples = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = samples.reduce(0, +)
    return samples.map { $0 / sum }
}
