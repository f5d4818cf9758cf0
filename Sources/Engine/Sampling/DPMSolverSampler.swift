// DPM-Solver++ (Lu et al., arXiv 2211.01095), multistep, of order 1, 2 or 3, as diffusers'
// scheduling_dpmsolver_multistep.py computes it.
//
// With α = 1/√(σ²+1), s = σ α and λ = log α − log s, one step over h = λ' − λ is
//   x' = (s'/s) x − α' (e^{−h} − 1) D₀ + further terms in the differences D₁, D₂ of earlier x₀ estimates.

import Foundation

struct DPMSolverSampler: Sampler {
    let timesteps: [Float]
    let initialSigma: Float = 1
    let needsNoise = false
    private let sigmas: [Float]
    private let prediction: PredictionType
    private let rule: DPMSolverRule
    /// The latest x₀ estimates, newest last; at most `rule.order`.
    private var history: [[Float]] = []

    init(_ configuration: SchedulerConfiguration, steps: Int) throws(EngineError) {
        let file = configuration.file
        rule = try DPMSolverRule(file)
        prediction = configuration.predictionType
        let table = SigmaTable(NoiseSchedule(configuration, rescaling: configuration.rescalesToZeroSNR))
        let floor = try file.number("lambda_min_clipped") ?? -.infinity
        let last = configuration.trainingTimesteps - table.sigmas.count { -log(Double($0)) < floor }
        var times = (configuration.timestepSpacing ?? .linspace).solverTimesteps(
            training: configuration.trainingTimesteps, last: last, steps: steps, offset: configuration.stepsOffset)
        var sigmas = times.map { table.sigma(at: $0) }
        let smallest = try file.number("sigma_min") ?? Double(table.sigmas[0])
        let largest = try file.number("sigma_max") ?? Double(table.sigmas[table.sigmas.count - 1])
        let spacing = try SigmaSpacing(file)
        if let chosen = spacing.sigmas(from: largest, to: smallest, count: steps) {
            sigmas = chosen
            let rounds = spacing == .karras && configuration.betaSchedule != .squaredCosine
            times = sigmas.map { table.timestep(of: $0) }.map {
                rounds ? $0.rounded(.toNearestOrEven) : $0.rounded(.down)
            }
        }
        let final: FinalSigma = try file.choice("final_sigmas_type", default: .zero)
        self.sigmas = sigmas.map(Float.init) + [final.value(table)]
        timesteps = times.map(Float.init)
        guard !times.isEmpty, zip(self.sigmas, self.sigmas.dropFirst()).allSatisfy({ $0 > $1 }) else {
            throw EngineError.setting(
                name: "steps", detail: "\(steps) steps fall on equal noise levels in this schedule; use another number")
        }
    }

    func scaled(_ latents: [Float], at index: Int) -> [Float] { latents }

    func predictedOriginal(_ prediction: [Float], at index: Int, latents: [Float]) -> [Float] {
        let level = DPMSolverRule.Level(sigmas[index])
        let (alpha, sigma) = (level.alpha, level.sigma)
        switch self.prediction {
        case .epsilon: return combine(latents, prediction) { ($0 - sigma * $1) / alpha }
        case .velocity: return combine(latents, prediction) { alpha * $0 - sigma * $1 }
        case .sample: return prediction
        }
    }

    mutating func step(_ prediction: [Float], at index: Int, latents: [Float], noise: [Float]?) -> [Float] {
        history.append(predictedOriginal(prediction, at: index, latents: latents))
        history = history.suffix(rule.order)
        let order = min(rule.order(at: index, of: timesteps.count), history.count)
        let levels = (0..<order).map { DPMSolverRule.Level(sigmas[index - $0]) }
        let next = DPMSolverRule.Level(sigmas[index + 1])
        let estimates = Array(history.suffix(order).reversed())
        return rule.step(latents, estimates, levels, to: next)
    }
}
