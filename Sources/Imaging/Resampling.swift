// The weights of a separable resampling filter, in fixed point.
//
// When a picture shrinks the filter is stretched by the same factor, so that it covers every source pixel
// (antialiasing). Weights are computed in Double, normalised to sum 1 at the edges too, and rounded to
// 22 fractional bits: a sum of 8-bit samples then fits 32 bits. Filters, centres and rounding are those of
// Pillow's `Image.resize`, whose results diffusers' image processor and most training data rest on.

import Glibc

/// A resampling filter.
public enum ResamplingFilter: Sendable, CaseIterable {
    /// Windowed sinc of radius 3.
    case lanczos
    /// Keys' cubic of radius 2 with a = -1/2.
    case bicubic

    /// Half the filter's width in source pixels when nothing shrinks.
    var radius: Double {
        switch self {
        case .lanczos: 3
        case .bicubic: 2
        }
    }

    /// The filter's value at distance `x` from its centre.
    func value(at x: Double) -> Double {
        let distance = abs(x)
        guard distance < radius else { return 0 }
        switch self {
        case .lanczos:
            return sinc(distance) * sinc(distance / radius)
        case .bicubic:
            let a = -0.5
            return distance < 1
                ? ((a + 2) * distance - (a + 3)) * distance * distance + 1
                : (((distance - 5) * distance + 8) * distance - 4) * a
        }
    }

    private func sinc(_ x: Double) -> Double {
        x == 0 ? 1 : sin(x * .pi) / (x * .pi)
    }
}

/// For each target position, the source positions it is made of and their weights.
struct ResamplingWeights {
    /// Fractional bits of a weight.
    static let fraction: Int32 = 22

    struct Span {
        /// First source position.
        let source: Int
        /// Place of its weight in `weights`.
        let weight: Int
        let count: Int
    }

    private(set) var spans: [Span] = []
    private(set) var weights: [Int32] = []

    /// Weights that turn `source` positions into `target`.
    init(source: Int, target: Int, filter: ResamplingFilter) {
        let scale = Double(source) / Double(target)
        let stretch = max(scale, 1)
        let reach = filter.radius * stretch
        spans.reserveCapacity(target)
        for position in 0..<target {
            let centre = (Double(position) + 0.5) * scale
            let first = max(Int(centre - reach + 0.5), 0)
            let end = min(Int(centre + reach + 0.5), source)
            let values = (first..<end).map { filter.value(at: (Double($0) - centre + 0.5) / stretch) }
            let sum = values.reduce(0, +)
            spans.append(Span(source: first, weight: weights.count, count: values.count))
            weights += values.map { Int32(($0 / sum * Double(1 << ResamplingWeights.fraction)).rounded()) }
        }
    }
}
