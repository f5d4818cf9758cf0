// The training noise levels as σ, for the samplers that walk along σ instead of ᾱ.
//
// Interpolation between timesteps, its inverse, and the spacings of Karras and of the exponential schedule; all follow
// diffusers' scheduling_euler_discrete.py, with numpy's precisions.

import Foundation

/// σ of each training timestep.
struct SigmaTable {
    let sigmas: [Float]
    private let logarithms: [Float]

    init(_ schedule: NoiseSchedule) {
        sigmas = schedule.sigmas
        logarithms = sigmas.map { Float(log(Double($0))) }
    }

    /// numpy.interp: σ at a fractional timestep, constant beyond both ends.
    func sigma(at timestep: Double) -> Double {
        guard timestep > 0 else { return Double(sigmas[0]) }
        let low = Int(timestep)
        guard low < sigmas.count - 1 else { return Double(sigmas[sigmas.count - 1]) }
        let (below, above) = (Double(sigmas[low]), Double(sigmas[low + 1]))
        return (above - below) * (timestep - Double(low)) + below
    }

    /// The fractional timestep at which σ is `sigma`, interpolated in log σ (`_sigma_to_t`).
    func timestep(of sigma: Double) -> Double {
        let target = log(max(sigma, 1e-10))
        let last = logarithms.lastIndex { target - Double($0) >= 0 } ?? 0
        let low = min(last, logarithms.count - 2)
        let span = Double(logarithms[low] - logarithms[low + 1])
        let weight = min(max((Double(logarithms[low]) - target) / span, 0), 1)
        return (1 - weight) * Double(low) + weight * Double(low + 1)
    }

    /// Equation 5 of Karras et al. (arXiv 2206.00364) with ρ = 7: descending from `largest` to `smallest`.
    static func karras(from largest: Double, to smallest: Double, count: Int) -> [Double] {
        let rho = 7.0
        let (top, bottom) = (pow(largest, 1 / rho), pow(smallest, 1 / rho))
        return TimestepSpacing.evenlySpaced(to: 1, count: count).map { pow(top + $0 * (bottom - top), rho) }
    }

    /// Evenly spaced in log σ: descending from `largest` to `smallest`.
    static func exponential(from largest: Double, to smallest: Double, count: Int) -> [Double] {
        let (top, bottom) = (log(largest), log(smallest))
        guard count > 1 else { return [exp(top)] }
        let step = (bottom - top) / Double(count - 1)
        return (0..<count).map { exp($0 == count - 1 ? bottom : top + Double($0) * step) }
    }
}

/// How a σ sampler spaces its noise levels.
enum SigmaSpacing {
    case ofTimesteps, karras, exponential

    /// Reads `use_karras_sigmas` and its siblings.
    init(_ file: JSONFile) throws(EngineError) {
        try file.refuseUnless(["use_beta_sigmas": [.bool(false)]])
        let karras = try file.flag("use_karras_sigmas", default: false)
        let exponential = try file.flag("use_exponential_sigmas", default: false)
        guard !(karras && exponential) else {
            throw file.fault("use_exponential_sigmas", "use_karras_sigmas is true too; only one can be")
        }
        self = karras ? .karras : exponential ? .exponential : .ofTimesteps
    }

    /// The descending noise levels between `largest` and `smallest`, or nil where the timesteps decide.
    func sigmas(from largest: Double, to smallest: Double, count: Int) -> [Double]? {
        switch self {
        case .ofTimesteps: nil
        case .karras: SigmaTable.karras(from: largest, to: smallest, count: count)
        case .exponential: SigmaTable.exponential(from: largest, to: smallest, count: count)
        }
    }
}

/// What the last step goes to: no noise at all, or the least of the training.
enum FinalSigma: String, CaseIterable {
    case zero
    case least = "sigma_min"

    func value(_ table: SigmaTable) -> Float { self == .zero ? 0 : table.sigmas[0] }
}
