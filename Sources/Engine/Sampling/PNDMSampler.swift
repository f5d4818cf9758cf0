// PNDM (Liu et al., arXiv 2202.09778), as diffusers' scheduling_pndm.py computes it: a linear multistep method on ε,
// started either by a repeated second step (`skip_prk_steps`) or by three Runge-Kutta steps of four calls each.

struct PNDMSampler: Sampler {
    let timesteps: [Float]
    let initialSigma: Float = 1
    let needsNoise = false
    private let prediction: PredictionType
    private let alphas: [Float]
    private let finalAlpha: Float
    private let times: [Int]
    /// Training timesteps from one inference timestep to the next.
    private let stride: Int
    /// How many of the first calls belong to Runge-Kutta steps.
    private let rungeKuttaCalls: Int
    /// The latest outputs that the multistep formula uses, newest last; at most four.
    private var outputs: [[Float]] = []
    /// The weighted sum of the outputs of one Runge-Kutta step.
    private var sum: [Float] = []
    /// Where a step of several calls started.
    private var start: [Float] = []

    private static let rungeKuttaSteps = 3

    init(_ configuration: SchedulerConfiguration, steps: Int) throws(EngineError) {
        let file = configuration.file
        guard configuration.predictionType != .sample else {
            throw file.fault("prediction_type", "not implemented for pndm")
        }
        prediction = configuration.predictionType
        alphas = NoiseSchedule(configuration, rescaling: false).alphasCumprod
        finalAlpha = try file.flag("set_alpha_to_one", default: false) ? 1 : alphas[0]
        stride = configuration.trainingTimesteps / steps
        let plain = (configuration.timestepSpacing ?? .leading).timesteps(
            training: configuration.trainingTimesteps, steps: steps, offset: configuration.stepsOffset, rounded: true
        ).map { Int($0) }
        if try file.flag("skip_prk_steps", default: false) {
            rungeKuttaCalls = 0
            times = plain.count > 1 ? [plain[0], plain[1]] + plain.dropFirst() : plain
        } else {
            guard steps > Self.rungeKuttaSteps else {
                throw EngineError.setting(name: "steps", detail: "pndm with Runge-Kutta steps needs at least 4")
            }
            rungeKuttaCalls = 4 * Self.rungeKuttaSteps
            times = Self.rungeKuttaTimes(plain, half: stride / 2) + plain.dropFirst(Self.rungeKuttaSteps)
        }
        timesteps = times.map { Float($0) }
        let extra = rungeKuttaCalls == 0 && times.count > 1 ? [times[1] + stride] : []
        try AlphaTimesteps.check(times + extra, training: configuration.trainingTimesteps)
    }

    /// t, m, m, n for each step from t to n, with m half a stride above n.
    private static func rungeKuttaTimes(_ times: [Int], half: Int) -> [Int] {
        (0..<rungeKuttaSteps).flatMap { (step: Int) -> [Int] in
            let (current, next) = (times[step], times[step + 1])
            return [current, next + half, next + half, next]
        }
    }

    func scaled(_ latents: [Float], at index: Int) -> [Float] { latents }

    func predictedOriginal(_ prediction: [Float], at index: Int, latents: [Float]) -> [Float] {
        let a = alphas[times[index]].squareRoot()
        let b = (1 - alphas[times[index]]).squareRoot()
        if self.prediction == .velocity { return combine(latents, prediction) { a * $0 - b * $1 } }
        return combine(latents, prediction) { ($0 - b * $1) / a }
    }

    mutating func step(_ prediction: [Float], at index: Int, latents: [Float], noise: [Float]?) -> [Float] {
        index < rungeKuttaCalls
            ? rungeKutta(prediction, index, latents) : multistep(prediction, index, latents)
    }

    /// One of the four calls of a classical Runge-Kutta step, whose outputs weigh 1/6, 1/3, 1/3, 1/6.
    private mutating func rungeKutta(_ output: [Float], _ index: Int, _ latents: [Float]) -> [Float] {
        let next = times[index] - (index.isMultiple(of: 2) ? stride / 2 : 0)
        let current = times[index / 4 * 4]
        switch index % 4 {
        case 0:
            sum = output.map { 1 / 6 * $0 }
            outputs.append(output)
            start = latents
        case 1, 2: sum = combine(sum, output) { $0 + 1 / 3 * $1 }
        default:
            let whole = combine(sum, output) { $0 + 1 / 6 * $1 }
            return transfer(start, from: current, to: next, whole)
        }
        return transfer(start, from: current, to: next, output)
    }

    private mutating func multistep(_ output: [Float], _ index: Int, _ latents: [Float]) -> [Float] {
        let time = times[index]
        // The second call repeats the first step with the mean of both outputs.
        if rungeKuttaCalls == 0, index == 1 {
            let mean = combine(output, outputs[0]) { ($0 + $1) / 2 }
            return transfer(start, from: time + stride, to: time, mean)
        }
        if index == 0 { start = latents }
        outputs = outputs.suffix(3) + [output]
        return transfer(latents, from: time, to: time - stride, extrapolated())
    }

    /// The Adams-Bashforth formula of as high an order as there are outputs.
    private func extrapolated() -> [Float] {
        let newest = Array(outputs.reversed())
        switch newest.count {
        case 1: return newest[0]
        case 2: return combine(newest[0], newest[1]) { (3 * $0 - $1) / 2 }
        case 3: return combine(newest[0], newest[1], newest[2]) { (23 * $0 - 16 * $1 + 5 * $2) / 12 }
        default:
            let recent = combine(newest[0], newest[1], newest[2]) { 55 * $0 - 59 * $1 + 37 * $2 }
            return combine(recent, newest[3]) { 1 / 24 * ($0 - 9 * $1) }
        }
    }

    /// Formula 9 of the paper: from timestep `time` to `next` along `output`.
    private func transfer(_ latents: [Float], from time: Int, to next: Int, _ output: [Float]) -> [Float] {
        let a = alphas[time]
        let b = next >= 0 ? alphas[next] : finalAlpha
        var noise = output
        if prediction == .velocity {
            noise = combine(latents, output) { a.squareRoot() * $1 + (1 - a).squareRoot() * $0 }
        }
        let keep = (b / a).squareRoot()
        let divisor = a * (1 - b).squareRoot() + (a * (1 - a) * b).squareRoot()
        return combine(latents, noise) { keep * $0 - (b - a) * $1 / divisor }
    }
}
