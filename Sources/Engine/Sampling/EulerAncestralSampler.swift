// Euler's method with fresh noise at every step, as diffusers' scheduling_euler_ancestral_discrete.py computes it
// (after k-diffusion).
//
//   σ_up = √(σ'² (σ² − σ'²) / σ²),   σ_down = √(σ'² − σ_up²),   x' = x + d (σ_down − σ) + σ_up z

struct EulerAncestralSampler: Sampler {
    let timesteps: [Float]
    let initialSigma: Float
    let needsNoise = true
    private let walk: SigmaWalk

    init(_ configuration: SchedulerConfiguration, steps: Int) throws(EngineError) {
        guard configuration.predictionType != .sample else {
            throw configuration.file.fault("prediction_type", "not implemented for euler-ancestral")
        }
        let table = SigmaTable(NoiseSchedule(configuration, rescaling: configuration.rescalesToZeroSNR))
        let spacing = configuration.timestepSpacing ?? .linspace
        let times = spacing.timesteps(
            training: configuration.trainingTimesteps, steps: steps, offset: configuration.stepsOffset, rounded: false)
        timesteps = times.map(Float.init)
        walk = SigmaWalk(
            sigmas: times.map { Float(table.sigma(at: $0)) } + [0], prediction: configuration.predictionType)
        initialSigma = walk.initialSigma(spacing)
    }

    func scaled(_ latents: [Float], at index: Int) -> [Float] { walk.scaled(latents, at: index) }

    func predictedOriginal(_ prediction: [Float], at index: Int, latents: [Float]) -> [Float] {
        walk.predictedOriginal(prediction, at: index, latents: latents)
    }

    mutating func step(_ prediction: [Float], at index: Int, latents: [Float], noise: [Float]?) -> [Float] {
        guard let noise else { preconditionFailure("euler-ancestral needs noise") }
        let (from, to) = (walk.sigmas[index], walk.sigmas[index + 1])
        let up = (to * to * (from * from - to * to) / (from * from)).squareRoot()
        let down = (to * to - up * up).squareRoot()
        return combine(walk.step(prediction, at: index, latents: latents, to: down), noise) { $0 + $1 * up }
    }
}
