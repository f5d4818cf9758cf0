// The denoising task of tuning: a noisy latent of the sketch at one time, and what the instructed branch should predict
// there. Only that branch carries a gradient, so the target folds the other two in once and for all (method of the
// one-branch loss: MSE(guided, n) = s_T²·MSE(ε(T,I), e*)).
import Glibc

/// One (timestep, noise) pair and its constants.
package struct NoisyPair {
    package let timestep: Int
    /// Noisy latent and photo latent, [1, h, w, 2·latent].
    package let input: Tensor
    /// e*, what the instructed branch should predict, [1, h, w, latent].
    package let target: Tensor
    /// How far the clean latent moves when the guided prediction moves by 1.
    let cleanPerPrediction: Float
}

/// Makes the pairs of one photo and its sketch.
package struct NoisyPairs {
    let model: DiffusionModel
    package let photo: Tensor
    package let sketch: Tensor
    package let guidance: Guidance
    package let empty: Instruction
    private let schedule: NoiseSchedule
    private let toneAndContrast: ToneAndContrast?
    /// The memory of every step.
    private let memory: RunMemory

    package init(
        _ model: DiffusionModel, photo: Tensor, sketch: Tensor, guidance: Guidance,
        objective: TuningObjective = .prediction
    ) throws(EngineError) {
        if objective == .toneAndContrast, model.scheduler.predictionType == .epsilon {
            throw .setting(
                name: "objective",
                detail:
                    "'tone_and_contrast' needs a model that predicts v or the sample, but this one predicts the noise")
        }
        self.model = model
        memory = model.runMemory()
        self.photo = model.photoLatent(photo)
        self.sketch = model.targetLatent(sketch)
        self.guidance = guidance
        toneAndContrast = objective == .toneAndContrast ? ToneAndContrast(clean: self.sketch) : nil
        empty = model.instruction("")
        schedule = NoiseSchedule(model.scheduler)
    }

    /// The number of training timesteps.
    var timestepCount: Int { schedule.alphasCumprod.count }

    /// Timesteps spread evenly from `first` to the schedule's end, `count` strata, one drawn inside each.
    func timesteps(_ count: Int, from first: Int, _ generator: inout GaussianNoise) -> [Int] {
        let span = Double(timestepCount - first)
        return (0..<count).map { stratum in
            min(first + Int((Double(stratum) + generator.uniform()) / Double(count) * span), timestepCount - 1)
        }
    }

    /// The pair at `timestep` with `noise` [1, h, w, latent]: √ᾱ·x₀ + √(1−ᾱ)·ε, directly from the schedule.
    package func pair(timestep: Int, noise: Tensor) -> NoisyPair {
        let signal = schedule.alphasCumprod[timestep].squareRoot()
        let deviation = (1 - schedule.alphasCumprod[timestep]).squareRoot()
        let noisy = Tensor(uninitialized: sketch.shape)
        let wanted = Tensor(uninitialized: sketch.shape)
        for i in 0..<sketch.count {
            let (x, n) = (sketch.pointer[i], noise.pointer[i])
            noisy.pointer[i] = signal * x + deviation * n
            switch model.scheduler.predictionType {
            case .epsilon: wanted.pointer[i] = n
            case .velocity: wanted.pointer[i] = signal * n - deviation * x
            case .sample: wanted.pointer[i] = x
            }
        }
        return NoisyPair(
            timestep: timestep, input: model.pass().concatenate(noisy, photo), target: target(wanted, noisy, timestep),
            cleanPerPrediction: model.scheduler.predictionType == .velocity ? -deviation : 1)
    }

    private func target(_ wanted: Tensor, _ noisy: Tensor, _ timestep: Int) -> Tensor {
        guard guidance.isActive else { return wanted }
        let branches = Branches(
            model: model, photos: photo, instructions: [empty], empty: empty, guidance: guidance, memory: memory)
        let constants = branches.constants(noisy, timestep: Float(timestep))
        return guidance.branchTarget(wanted, photo: constants.photo, unconditional: constants.unconditional)
    }

    /// s_T², the weight of the one-branch loss in the guided one.
    package var weight: Float { guidance.isActive ? guidance.text * guidance.text : 1 }

    /// The guided loss of `instruction` over `pairs`, and its gradient [tokens, width] when asked.
    package func loss(_ instruction: Tensor, _ pairs: [NoisyPair], gradient: Bool) -> (loss: Double, gradient: Tensor?)
    {
        let tape = gradient ? Tape() : nil
        let pass = model.pass(tape: tape, memory: memory)
        let rows = Tensor.stacked(Array(repeating: instruction.reshaped([1] + instruction.shape), count: pairs.count))
        let watched = tape?.watch(rows) ?? rows
        let prediction = model.unet(
            .stacked(pairs.map(\.input)), timesteps: pairs.map { Float($0.timestep) }, instruction: watched, pass)
        let target = Tensor.stacked(pairs.map(\.target))
        let (loss, seed) =
            toneAndContrast.map { compare(prediction, target, pairs, by: $0) }
            ?? (
                Double(weight) * prediction.meanSquaredError(target),
                prediction.meanSquaredErrorGradient(target, weight: weight)
            )
        guard let tape else { return (loss, nil) }
        let each = tape.gradient(of: prediction, seed: seed, withRespectTo: watched)
        let sum = Tensor(repeating: 0, shape: instruction.shape)
        for i in 0..<each.count { sum.pointer[i % sum.count] += each.pointer[i] }
        return (loss, sum)
    }

    /// The mean of the objective over every pair's clean latent, and its gradient by the prediction.
    ///
    /// The guided prediction is off by s_T·(e − e*), hence the clean latent by that times what one moves the other by.
    private func compare(
        _ prediction: Tensor, _ target: Tensor, _ pairs: [NoisyPair], by objective: ToneAndContrast
    ) -> (loss: Double, gradient: Tensor) {
        let (size, seed) = (sketch.count, Tensor(uninitialized: prediction.shape))
        var sum = 0.0
        for (index, pair) in pairs.enumerated() {
            let (start, factor) = (index * size, pair.cleanPerPrediction * weight.squareRoot())
            let guess = Tensor(uninitialized: sketch.shape)
            for i in 0..<size {
                let off = prediction.pointer[start + i] - target.pointer[start + i]
                guess.pointer[i] = sketch.pointer[i] + factor * off
            }
            let (loss, gradient) = objective(guess)
            for i in 0..<size { seed.pointer[start + i] = factor / Float(pairs.count) * gradient.pointer[i] }
            sum += loss / Double(pairs.count)
        }
        return (sum, seed)
    }
}
