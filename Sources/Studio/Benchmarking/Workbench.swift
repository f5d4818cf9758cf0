// A model with everything laid out that one piece of work needs, so that what is timed is the work alone. Pictures are
// noise: no speed depends on what they show.
import LimnerEngine

/// The sizes of what is timed; what is nil is the model's own choice.
struct BenchSizes {
    /// Both sides of the picture in pixels.
    var side: Int
    /// Images through the UNet at once, photos of a whole sketch; nil are the branches of guidance, one pair in a tuning
    /// step and one photo.
    var batch: Int?
    /// Denoising steps of a whole sketch.
    var steps: Int?
    /// Steps of a whole tuning, all of which are made; nil leaves that to the model and its early stopping.
    var tuneSteps: Int?
}

/// Lays out pieces of work on one model.
struct Workbench {
    let model: DiffusionModel
    let sizes: BenchSizes
    private let photo: Tensor
    private let sketch: Tensor
    /// Kept between passes, as a run of many steps keeps its own.
    private let memory = RunMemory()

    /// Does the work once and says how much it was.
    typealias Work = () throws -> Arithmetic

    /// A timestep in the middle, for a model that is tuned over all of them.
    private static let timestep = 500

    init(model: DiffusionModel, sizes: BenchSizes) throws(StudioError) {
        guard sizes.side > 0, sizes.side.isMultiple(of: model.stride) else {
            throw .option(name: "--size", detail: "must be a multiple of this model's stride, \(model.stride)")
        }
        (self.model, self.sizes) = (model, sizes)
        (photo, sketch) = (Self.picture(1, sizes.side), Self.picture(2, sizes.side))
    }

    /// Noise of its own for each seed, [1, side, side, 3].
    private static func picture(_ seed: UInt64, _ side: Int) -> Tensor {
        var noise = GaussianNoise(seed: seed)
        let shape = [1, side, side, 3]
        return Tensor((0..<shape.reduce(1, *)).map { _ in Float(2 * noise.uniform() - 1) }, shape: shape)
    }

    /// `part`, ready to be done over and over.
    func work(on part: BenchPart) throws -> Work {
        switch part {
        case .start, .unet: sizes.batch.map(batch) ?? step()
        case .encode: encoding()
        case .decode: decoding()
        case .text: sentence()
        case .tune: try tuningStep()
        case .sketch: wholeSketch()
        case .tuning: wholeTuning()
        }
    }

    private func noise(_ count: Int, channels: Int) -> Tensor {
        var noise = GaussianNoise(seed: 2)
        return noise.tensor([count, latentSide, latentSide, channels])
    }

    private var latentSide: Int { sizes.side / model.stride }
    private var text: String { model.defaults.tuning.text }
    private var autoencoder: AutoencoderConfiguration { model.autoencoder.configuration }

    private func step() -> Work {
        let guidance = Guidance(text: 7.5, image: 1.5)
        let branches = Branches(
            model: model, photos: noise(1, channels: autoencoder.latentChannels),
            instructions: [model.instruction(text)], empty: model.instruction(""), guidance: guidance)
        let latents = noise(1, channels: autoencoder.latentChannels)
        return {
            _ = branches.predict(latents, timestep: Float(Self.timestep))
            return unet(batch: guidance.branches).forward
        }
    }

    private func batch(_ count: Int) -> Work {
        let rows = model.instruction(text).rows
        let input = noise(count, channels: model.unet.configuration.inChannels)
        let instruction = Tensor.stacked(Array(repeating: rows.reshaped([1] + rows.shape), count: count))
        return {
            _ = model.unet(
                input, timesteps: [Float(Self.timestep)], instruction: instruction, model.pass(memory: memory))
            return unet(batch: count).forward
        }
    }

    private func encoding() -> Work {
        return {
            _ = model.photoLatent(photo)
            return autoencoder.encoding(batch: 1, height: sizes.side, width: sizes.side)
        }
    }

    private func decoding() -> Work {
        let latents = noise(1, channels: autoencoder.latentChannels)
        return {
            _ = try model.picture(latents)
            return autoencoder.decoding(batch: 1, height: sizes.side, width: sizes.side)
        }
    }

    private func sentence() -> Work {
        return {
            _ = model.instruction(text)
            return sentenceArithmetic
        }
    }

    private func tuningStep() throws -> Work {
        let settings = TuningSettings(model.defaults)
        let pairs = try NoisyPairs(
            model, photo: photo, sketch: sketch, guidance: settings.guidance, objective: settings.objective)
        let start = model.instruction(text).rows
        let first = max(Self.timestep, settings.firstTimestep)
        let batch = (0..<(sizes.batch ?? 1)).map {
            pairs.pair(timestep: first + $0, noise: noise(1, channels: autoencoder.latentChannels))
        }
        return {
            _ = pairs.loss(start, batch, gradient: true)
            let one = unet(batch: batch.count)
            return one.forward + one.backward
        }
    }

    private func wholeSketch() -> Work {
        let guidance = Guidance(text: model.defaults.textGuidance, image: model.defaults.imageGuidance)
        let settings = EditSettings(steps: sizes.steps ?? model.defaults.steps, guidance: guidance)
        let photos = (1...(sizes.batch ?? 1)).map { (seed: UInt64($0), picture: Self.picture(UInt64($0), sizes.side)) }
        return {
            let edits = photos.map { photo in
                Edit(
                    photo: photo.picture, instruction: model.instruction("\(text), \(photo.seed)"),
                    noise: .seed(photo.seed))
            }
            var (count, latents) = (0, photo)
            for step in try Editor(model, edits: edits, settings: settings) {
                (count, latents) = (count + 1, step.latents)
            }
            for index in edits.indices { _ = try model.picture(latents.batch(index..<index + 1)) }
            let one =
                sentenceArithmetic + autoencoder.encoding(batch: 1, height: sizes.side, width: sizes.side)
                + autoencoder.decoding(batch: 1, height: sizes.side, width: sizes.side)
            return sentenceArithmetic + edits.count * one
                + count * unet(batch: guidance.branches * edits.count).forward
        }
    }

    private func wholeTuning() -> Work {
        var settings = TuningSettings(model.defaults, start: model.proposesInstructions ? .pair : .sentence)
        if let steps = sizes.tuneSteps { (settings.steps, settings.patience) = (steps, steps) }
        return { [settings] in
            let tuner = try Tuner(model, photo: photo, sketch: sketch, settings: settings)
            var steps = 0
            for step in tuner { steps = step.number }
            return arithmetic(of: settings, steps: steps, looks: tuner.curve.count)
        }
    }

    /// Both encodings, the constants of every (timestep, noise) pair that was met, looks at the probe, and the steps.
    private func arithmetic(of settings: TuningSettings, steps: Int, looks: Int) -> Arithmetic {
        let met = min(settings.sampleCount, steps * settings.batch) + settings.probeSamples
        let constants = settings.guidance.isActive ? met * unet(batch: 2).forward : Arithmetic()
        let step = unet(batch: settings.batch)
        return 2 * sentenceArithmetic + 2 * autoencoder.encoding(batch: 1, height: sizes.side, width: sizes.side)
            + constants + looks * settings.probeSamples * unet(batch: 1).forward + steps
            * (step.forward + step.backward)
    }

    private var sentenceArithmetic: Arithmetic {
        model.textEncoder.configuration.arithmetic(tokens: model.tokenCount)
    }

    private func unet(batch: Int) -> (forward: Arithmetic, backward: Arithmetic) {
        model.unet.configuration.arithmetic(
            batch: batch, height: latentSide, width: latentSide, tokens: model.tokenCount)
    }
}
