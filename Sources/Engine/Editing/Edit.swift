// What is asked of one picture, and its noise: nothing here knows of the edits that are drawn beside it.

/// A photo and what becomes of it.
public struct Edit: Sendable {
    /// [1, height, width, 3] in −1...1, sides multiples of the model's stride.
    public var photo: Tensor
    public var instruction: Instruction
    public var noise: NoiseSource

    public init(photo: Tensor, instruction: Instruction, noise: NoiseSource) {
        self.photo = photo
        self.instruction = instruction
        self.noise = noise
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

/// The noise of one edit.
struct EditNoise: Sendable {
    /// Where the drawing begins, before the initial sigma, [1, h, w, latent].
    let start: Tensor
    private var steps: Steps

    /// What ancestral samplers add.
    private enum Steps {
        case none
        case seeded(GaussianNoise)
        case given(Tensor)
    }

    /// - Parameter shape: the latent's, [1, h, w, latent].
    init(_ source: NoiseSource, _ shape: [Int], for sampler: any Sampler) throws(EngineError) {
        switch source {
        case .seed(let seed):
            var generator = GaussianNoise(seed: seed)
            start = generator.tensor(shape)
            steps = .seeded(GaussianNoise(seed: seed, stream: 1))
        case .given(let latents, let steps):
            start = try Self.checked(latents, shape, count: 1, name: "latents")
            let count = sampler.timesteps.count
            guard steps != nil || !sampler.needsNoise else {
                throw .setting(
                    name: "noise", detail: "this sampler adds noise in every step: give \(count) tensors of it")
            }
            self.steps =
                try steps.map { steps throws(EngineError) in
                    .given(try Self.checked(steps, shape, count: count, name: "noise"))
                } ?? .none
        }
    }

    /// Fresh noise for the step at `index`, [1, h, w, latent]; called in the steps' order.
    mutating func step(_ index: Int) -> Tensor {
        switch steps {
        case .none: preconditionFailure("noise for a sampler that adds none")
        case .given(let steps): return steps.batch(index..<index + 1)
        case .seeded(var generator):
            let noise = generator.tensor(start.shape)
            steps = .seeded(generator)
            return noise
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
}
