// Euler's method on the probability-flow equation in σ (algorithm 2 of arXiv 2206.00364 without churn), as diffusers'
// scheduling_euler_discrete.py computes it.
//
//   x₀ = x − σ ε,   d = (x − x₀) / σ,   x' = x + d (σ' − σ)

import Foundation

struct EulerSampler: Sampler {
    let timesteps: [Float]
    let initialSigma: Float
    let needsNoise = false
    private let walk: SigmaWalk

    init(_ configuration: SchedulerConfiguration, steps: Int) throws(EngineError) {
        let file = configuration.file
        try file.refuseUnless(["interpolation_type": [.string("linear")]])
        let table = SigmaTable(NoiseSchedule(configuration, rescaling: configuration.rescalesToZeroSNR))
        let spacing = configuration.timestepSpacing ?? .linspace
        var times = spacing.timesteps(
            training: configuration.trainingTimesteps, steps: steps, offset: configuration.stepsOffset, rounded: false)
        var sigmas = times.map { table.sigma(at: $0) }
        let smallest = try file.number("sigma_min") ?? sigmas[sigmas.count - 1]
        let largest = try file.number("sigma_max") ?? sigmas[0]
        if let chosen = try SigmaSpacing(file).sigmas(from: largest, to: smallest, count: steps) {
            sigmas = chosen
            times = sigmas.map { table.timestep(of: $0) }
        }
        let final: FinalSigma = try file.choice("final_sigmas_type", default: .zero)
        walk = SigmaWalk(
            sigmas: sigmas.map(Float.init) + [final.value(table)], prediction: configuration.predictionType)
        let type: TimestepType = try file.choice("timestep_type", default: .discrete)
        let isContinuous = type == .continuous && configuration.predictionType == .velocity
        timesteps = isContinuous ? walk.sigmas.dropLast().map { 0.25 * log($0) } : times.map(Float.init)
        initialSigma = walk.initialSigma(spacing)
    }

    private enum TimestepType: String, CaseIterable { case discrete, continuous }

    func scaled(_ latents: [Float], at index: Int) -> [Float] { walk.scaled(latents, at: index) }

    func predictedOriginal(_ prediction: [Float], at index: Int, latents: [Float]) -> [Float] {
        walk.predictedOriginal(prediction, at: index, latents: latents)
    }

    mutating func step(_ prediction: [Float], at index: Int, latents: [Float], noise: [Float]?) -> [Float] {
        walk.step(prediction, at: index, latents: latents, to: walk.sigmas[index + 1])
    }
}

/// What the two Euler samplers share: a descending row of σ and the arithmetic of one straight step along it.
struct SigmaWalk {
    /// One per timestep, and where the last step ends.
    let sigmas: [Float]
    let prediction: PredictionType

    /// The largest σ; with leading spacing the variance of the clean latent is added.
    func initialSigma(_ spacing: TimestepSpacing) -> Float {
        let largest = sigmas.max() ?? 0
        return spacing == .leading ? (largest * largest + 1).squareRoot() : largest
    }

    func scaled(_ latents: [Float], at index: Int) -> [Float] {
        let divisor = (sigmas[index] * sigmas[index] + 1).squareRoot()
        return latents.map { $0 / divisor }
    }

    func predictedOriginal(_ prediction: [Float], at index: Int, latents: [Float]) -> [Float] {
        let sigma = sigmas[index]
        let total = sigma * sigma + 1
        switch self.prediction {
        case .epsilon: return combine(latents, prediction) { $0 - sigma * $1 }
        case .velocity:
            let share = -sigma / total.squareRoot()
            return combine(latents, prediction) { $1 * share + $0 / total }
        case .sample: return prediction
        }
    }

    func step(_ prediction: [Float], at index: Int, latents: [Float], to next: Float) -> [Float] {
        let sigma = sigmas[index]
        let original = predictedOriginal(prediction, at: index, latents: latents)
        return combine(latents, original) { $0 + ($0 - $1) / sigma * (next - sigma) }
    }
}
