// The classical filters that make drawings of photos, and what can be turned on each of them.
import Glibc

/// A filter that draws a photo without having learned anything.
public enum FilterKind: String, CaseIterable, Codable, Sendable {
    /// The photo lightened by its own blurred negative: pencil on white paper.
    case dodgeAndBurn
    /// A thresholded difference of Gaussians: ink and charcoal.
    case xdog
    /// Canny's edges in a chosen width: lines alone.
    case canny
}

/// One number of a filter and where it may lie.
struct FilterParameter {
    let name: String
    let range: ClosedRange<Double>
    /// Whether equal steps are equal ratios.
    let isLogarithmic: Bool

    /// The value at a place in 0…1 of the range.
    func value(at place: Double) -> Double {
        let (low, high) = (range.lowerBound, range.upperBound)
        let value = isLogarithmic ? low * pow(high / low, place) : low + (high - low) * place
        return min(max(value, low), high)
    }
}

extension FilterKind {
    /// What can be set: Gaussians' σ and line widths in pixels, thresholds for a photo in 0…1.
    var parameters: [FilterParameter] {
        switch self {
        case .dodgeAndBurn: [.ratio("sigma", 0.5...40)]
        case .xdog:
            [
                .ratio("sigma", 0.3...5), .ratio("k", 1.1...4), .ratio("p", 0.5...100), .even("epsilon", -0.2...1.2),
                .ratio("phi", 0.5...200),
            ]
        case .canny:
            [.ratio("sigma", 0.5...6), .ratio("low", 0.01...2), .ratio("high", 0.02...4), .ratio("width", 0.3...4)]
        }
    }

    /// The drawing of `photo`, 0…255, before its tone curve.
    ///
    /// - Precondition: `settings` has a value in range for each of ``parameters``.
    package func draw(_ photo: Plane, _ settings: [String: Double]) -> Plane {
        func setting(_ name: String) -> Double {
            guard let value = settings[name] else { preconditionFailure("a \(rawValue) filter has \(name)") }
            return value
        }
        switch self {
        case .dodgeAndBurn: return dodgedAndBurned(photo, sigma: setting("sigma"))
        case .xdog:
            return extendedDifference(
                photo, sigma: setting("sigma"), k: setting("k"), p: setting("p"), epsilon: setting("epsilon"),
                phi: setting("phi"))
        case .canny:
            let (low, high) = (setting("low"), setting("high"))
            let edges = cannyEdges(photo, sigma: setting("sigma"), low: min(low, high), high: high)
            return drawnLines(edges, width: setting("width"))
        }
    }
}

extension FilterParameter {
    fileprivate static func ratio(_ name: String, _ range: ClosedRange<Double>) -> FilterParameter {
        FilterParameter(name: name, range: range, isLogarithmic: true)
    }

    fileprivate static func even(_ name: String, _ range: ClosedRange<Double>) -> FilterParameter {
        FilterParameter(name: name, range: range, isLogarithmic: false)
    }
}
