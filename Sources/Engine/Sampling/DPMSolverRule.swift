// The update of DPM-Solver++: which order a step has, and the formula of each order.

import Foundation

struct DPMSolverRule {
    /// How second-order steps weigh the difference of the last two estimates.
    enum Solver { case midpoint, heun }

    /// One noise level in the three forms that the formulas use.
    struct Level {
        let alpha: Float
        let sigma: Float
        /// log α − log σ: half the logarithm of the signal-to-noise ratio; +∞ where there is no noise.
        let lambda: Float

        init(_ ratio: Float) {
            alpha = 1 / (ratio * ratio + 1).squareRoot()
            sigma = ratio * alpha
            lambda = log(alpha) - log(sigma)
        }
    }

    let order: Int
    private let solver: Solver
    private let lowersLastOrders: Bool
    private let endsWithEuler: Bool
    private let endsAtZero: Bool

    /// Below this number of steps, lower orders at the end make the result stable (the value of diffusers).
    private static let fewSteps = 15

    init(_ file: JSONFile) throws(EngineError) {
        try file.refuseUnless([
            // diffusers runs a `deis` configuration as DPM-Solver++.
            "algorithm_type": [.string("dpmsolver++"), .string("deis")],
            "thresholding": [.bool(false)],
            "use_lu_lambdas": [.bool(false)],
            "use_flow_sigmas": [.bool(false)],
            "variance_type": [],
        ])
        order = try file.size("solver_order", default: 2)
        guard (1...3).contains(order) else { throw file.fault("solver_order", "1, 2 or 3 is expected") }
        let name = try file.text("solver_type", default: "midpoint")
        switch name {
        // diffusers replaces the types of related solvers by midpoint.
        case "midpoint", "logrho", "bh1", "bh2": solver = .midpoint
        case "heun": solver = .heun
        default: throw file.fault("solver_type", "not implemented; implemented: midpoint, heun")
        }
        lowersLastOrders = try file.flag("lower_order_final", default: true)
        endsWithEuler = try file.flag("euler_at_final", default: false)
        let final: FinalSigma = try file.choice("final_sigmas_type", default: .zero)
        endsAtZero = final == .zero
    }

    /// The highest order that the step at `index` may have.
    func order(at index: Int, of count: Int) -> Int {
        let lowers = lowersLastOrders && count < Self.fewSteps
        if index == count - 1, endsWithEuler || lowers || endsAtZero { return 1 }
        return index == count - 2 && lowers ? min(order, 2) : order
    }

    /// One step from `levels[0]` to `next`. Estimates and levels: newest first, as many as the step's order.
    func step(_ latents: [Float], _ estimates: [[Float]], _ levels: [Level], to next: Level) -> [Float] {
        let h = next.lambda - levels[0].lambda
        let keep = next.sigma / levels[0].sigma
        let decay = exp(-h) - 1
        let first = combine(latents, estimates[0]) { keep * $0 - (next.alpha * decay) * $1 }
        guard levels.count > 1 else { return first }
        let ratio = (levels[0].lambda - levels[1].lambda) / h
        let slope = combine(estimates[0], estimates[1]) { (1 / ratio) * ($0 - $1) }
        let curved = next.alpha * (decay / h + 1)
        guard levels.count > 2 else {
            let weight = solver == .midpoint ? -0.5 * (next.alpha * decay) : curved
            return combine(first, slope) { $0 + weight * $1 }
        }
        let earlierRatio = (levels[1].lambda - levels[2].lambda) / h
        let earlierSlope = combine(estimates[1], estimates[2]) { (1 / earlierRatio) * ($0 - $1) }
        let bend = combine(slope, earlierSlope) { $0 - $1 }
        let extrapolated = combine(slope, bend) { $0 + (ratio / (ratio + earlierRatio)) * $1 }
        let cubic = next.alpha * ((decay + h) / (h * h) - 0.5) / (ratio + earlierRatio)
        return combine(first, extrapolated, bend) { $0 + curved * $1 - cubic * $2 }
    }
}
