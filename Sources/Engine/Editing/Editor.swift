// The denoising loop as a sequence: `for step in editor { … }` draws; progress, previews and cancellation fall out of
// the `for`. Follows diffusers' StableDiffusionInstructPix2PixPipeline number by number.

/// How one picture is drawn.
public struct EditSettings: Sendable, Equatable {
    /// Denoising steps, at least 1.
    public var steps: Int
    public var guidance: Guidance
    /// nil takes the model folder's scheduler with all that its config says.
    public var sampler: SamplerKind?

    public init(steps: Int, guidance: Guidance, sampler: SamplerKind? = nil) {
        self.steps = steps
        self.guidance = guidance
        self.sampler = sampler
    }
}

/// Where the noise of a drawing comes from.
public enum NoiseSource: Sendable {
    /// Drawn from a seed.
    case seed(UInt64)
    /// Given: the start [1, latent, h, w] before the initial sigma, and for ancestral samplers one tensor per step,
    /// [n, latent, h, w]; diffusers' `latents` argument.
    case given(latents: Tensor, steps: Tensor?)
}

/// One step that has been made.
public struct EditStep: Sendable {
    /// From 1.
    public let number: Int
    public let count: Int
    /// The latent after the step, [1, h, w, latent].
    public let latents: Tensor
    /// What the finished latent would be by this step's prediction, for previews.
    public let predictedOriginal: Tensor
}

/// Draws one photo by one instruction.
public struct Editor: Sequence {
    private let model: DiffusionModel
    private let branches: Branches
    private let sampler: any Sampler
    private let start: Tensor
    private let noise: StepNoise

    /// - Parameters:
    ///   - photo: [1, height, width, 3] in −1...1, sides multiples of `model.stride`.
    ///   - source: where the noise comes from.
    public init(
        _ model: DiffusionModel, photo: Tensor, instruction: Instruction, settings: EditSettings,
        noise source: NoiseSource
    ) throws(EngineError) {
        let photoLatent = model.photoLatent(photo)
        try self.init(model, photoLatent: photoLatent, instruction: instruction, settings: settings, noise: source)
    }

    /// The same from the photo's latent, [1, h, w, latent], not scaled.
    package init(
        _ model: DiffusionModel, photoLatent: Tensor, instruction: Instruction, settings: EditSettings,
        noise source: NoiseSource
    ) throws(EngineError) {
        self.model = model
        sampler = try makeSampler(model.scheduler, kind: settings.sampler, steps: settings.steps)
        branches = Branches(
            model: model, photo: photoLatent, instruction: instruction, empty: model.instruction(""),
            guidance: settings.guidance)
        switch source {
        case .seed(let seed):
            start = GaussianNoise.start(seed, photoLatent.shape)
            noise = .seeded(GaussianNoise(seed: seed, stream: 1))
        case .given(let latents, let steps):
            start = try Self.checked(latents, photoLatent.shape, count: 1, name: "latents")
            guard let steps else {
                guard !sampler.needsNoise else {
                    throw .setting(
                        name: "noise",
                        detail: "this sampler adds noise in every step: give \(sampler.timesteps.count) tensors of it")
                }
                noise = .none
                return
            }
            noise = .given(
                try Self.checked(steps, photoLatent.shape, count: sampler.timesteps.count, name: "noise"))
        }
    }

    private static func checked(_ tensor: Tensor, _ latent: [Int], count: Int, name: String) throws(EngineError)
        -> Tensor
    {
        let expected = [count, latent[3], latent[1], latent[2]]
        guard tensor.shape == expected else {
            throw .setting(name: name, detail: "has shape \(tensor.shape), but this picture needs \(expected)")
        }
        return tensor.channelsLast
    }

    public func makeIterator() -> Iterator {
        Iterator(sampler: sampler, branches: branches, start: start, noise: noise)
    }

    /// The state of a drawing between two steps.
    public struct Iterator: IteratorProtocol {
        private var sampler: any Sampler
        private let branches: Branches
        private var latents: [Float]
        private let shape: [Int]
        private var noise: StepNoise
        private var index = 0

        fileprivate init(sampler: any Sampler, branches: Branches, start: Tensor, noise: StepNoise) {
            self.sampler = sampler
            self.branches = branches
            self.noise = noise
            shape = start.shape
            latents = start.values.map { $0 * sampler.initialSigma }
        }

        public mutating func next() -> EditStep? {
            guard index < sampler.timesteps.count else { return nil }
            let scaled = Tensor(sampler.scaled(latents, at: index), shape: shape)
            let prediction = branches.predict(scaled, timestep: sampler.timesteps[index]).values
            let original = sampler.predictedOriginal(prediction, at: index, latents: latents)
            let fresh = sampler.needsNoise ? noise.take(index, shape) : nil
            latents = sampler.step(prediction, at: index, latents: latents, noise: fresh)
            index += 1
            return EditStep(
                number: index, count: sampler.timesteps.count, latents: Tensor(latents, shape: shape),
                predictedOriginal: Tensor(original, shape: shape))
        }
    }
}

/// The noise that ancestral samplers add.
private enum StepNoise: Sendable {
    case none
    case seeded(GaussianNoise)
    case given(Tensor)

    mutating func take(_ index: Int, _ shape: [Int]) -> [Float]? {
        switch self {
        case .none: return nil
        case .given(let steps): return steps.batch(index..<index + 1).values
        case .seeded(var generator):
            let values = generator.tensor(shape).values
            self = .seeded(generator)
            return values
        }
    }
}

extension GaussianNoise {
    /// The start of a drawing.
    fileprivate static func start(_ seed: UInt64, _ shape: [Int]) -> Tensor {
        var generator = GaussianNoise(seed: seed)
        return generator.tensor(shape)
    }
}
