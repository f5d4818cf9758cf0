// DDIM (Song et al., arXiv 2010.02502), as diffusers' scheduling_ddim.py computes it.
//
//   x₀ = (x − √(1−ᾱ) ε) / √ᾱ,   σ = η √((1−ᾱ') / (1−ᾱ)) √(1 − ᾱ/ᾱ')
//   x' = √ᾱ' x₀ + √(1−ᾱ'−σ²) ε + σ z                                                        (equations 12 and 16)

struct DDIMSampler: Sampler {
    let timesteps: [Float]
    let initialSigma: Float = 1
    private let prediction: PredictionType
    private let clip: Float?
    private let eta: Float
    /// ᾱ before and after each step.
    private let levels: [(current: Float, next: Float)]

    var needsNoise: Bool { eta > 0 }

    init(_ configuration: SchedulerConfiguration, steps: Int, eta: Float) throws(EngineError) {
        let file = configuration.file
        try file.refuseUnless(["thresholding": [.bool(false)]])
        let range = Float(try file.finite("clip_sample_range", default: 1))
        clip = try file.flag("clip_sample", default: true) ? range : nil
        let endsAtOne = try file.flag("set_alpha_to_one", default: true)
        self.eta = eta
        prediction = configuration.predictionType

        let schedule = NoiseSchedule(configuration, rescaling: configuration.rescalesToZeroSNR)
        let training = configuration.trainingTimesteps
        let times = (configuration.timestepSpacing ?? .leading).timesteps(
            training: training, steps: steps, offset: configuration.stepsOffset, rounded: true
        ).map { Int($0) }
        try AlphaTimesteps.check(times, training: training)
        timesteps = times.map { Float($0) }
        let alphas = schedule.alphasCumprod
        let final = endsAtOne ? 1 : alphas[0]
        levels = times.map { (alphas[$0], $0 >= training / steps ? alphas[$0 - training / steps] : final) }
        if prediction == .epsilon, levels.contains(where: { $0.current == 0 }) {
            throw file.fault(
                "prediction_type", "pure noise at the first step (rescale_betas_zero_snr) needs v_prediction or sample")
        }
    }

    func scaled(_ latents: [Float], at index: Int) -> [Float] { latents }

    func predictedOriginal(_ prediction: [Float], at index: Int, latents: [Float]) -> [Float] {
        let (a, b) = roots(index)
        let original: [Float]
        switch self.prediction {
        case .epsilon: original = combine(latents, prediction) { ($0 - b * $1) / a }
        case .velocity: original = combine(latents, prediction) { a * $0 - b * $1 }
        case .sample: original = prediction
        }
        guard let clip else { return original }
        return original.map { min(max($0, -clip), clip) }
    }

    mutating func step(_ prediction: [Float], at index: Int, latents: [Float], noise: [Float]?) -> [Float] {
        let original = predictedOriginal(prediction, at: index, latents: latents)
        let direction = noiseEstimate(prediction, at: index, latents: latents)
        let (current, next) = levels[index]
        let variance = ((1 - next) / (1 - current)) * (1 - current / next)
        let deviation = eta * variance.squareRoot()
        let share = (1 - next - deviation * deviation).squareRoot()
        let mean = combine(original, direction) { next.squareRoot() * $0 + share * $1 }
        guard needsNoise else { return mean }
        guard let noise else { preconditionFailure("DDIM with eta above 0 needs noise") }
        return combine(mean, noise) { $0 + deviation * $1 }
    }

    /// √ᾱ and √(1−ᾱ).
    private func roots(_ index: Int) -> (Float, Float) {
        let alpha = levels[index].current
        return (alpha.squareRoot(), (1 - alpha).squareRoot())
    }

    /// ε; from the prediction itself, not from the clipped x₀.
    private func noiseEstimate(_ prediction: [Float], at index: Int, latents: [Float]) -> [Float] {
        let (a, b) = roots(index)
        switch self.prediction {
        case .epsilon: return prediction
        case .velocity: return combine(latents, prediction) { a * $1 + b * $0 }
        case .sample: return combine(latents, prediction) { ($0 - a * $1) / b }
        }
    }
}

/// Timesteps that are used as indices of ᾱ.
enum AlphaTimesteps {
    /// `leading` with an offset and very many steps leaves the table; diffusers fails then, with an index error.
    static func check(_ times: [Int], training: Int) throws(EngineError) {
        guard times.allSatisfy({ (0..<training).contains($0) }) else {
            throw EngineError.setting(
                name: "steps",
                detail:
                    "with so many steps this schedule asks for timestep \(times.max() ?? 0) of \(training); use fewer")
        }
    }
}
