// The denoising loop as a sequence: `for step in editor { … }` draws; progress, previews and cancellation fall out of
// the `for`. Follows diffusers' StableDiffusionInstructPix2PixPipeline number by number. Several edits go through it in
// lockstep, all in one pass of the UNet each step; each comes out as it would alone.

/// How pictures are drawn.
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

/// One step that has been made.
public struct EditStep: Sendable {
    /// From 1.
    public let number: Int
    public let count: Int
    /// The latents after the step, [edits, h, w, latent].
    public let latents: Tensor
    /// What the finished latents would be by this step's prediction, for previews, [edits, h, w, latent].
    public let predictedOriginal: Tensor
}

/// Draws photos by instructions.
public struct Editor: Sequence {
    private let branches: Branches
    private let sampler: any Sampler
    private let noises: [EditNoise]

    /// One edit.
    /// - Parameters:
    ///   - photo: [1, height, width, 3] in −1...1, sides multiples of `model.stride`.
    ///   - source: where the noise comes from.
    public init(
        _ model: DiffusionModel, photo: Tensor, instruction: Instruction, settings: EditSettings,
        noise source: NoiseSource
    ) throws(EngineError) {
        let edit = Edit(photo: photo, instruction: instruction, noise: source)
        try self.init(model, edits: [edit], settings: settings)
    }

    /// Several edits of one size in lockstep. An edit's noise is its own, so that its picture does not depend on the
    /// edits beside it.
    /// - Throws: `EngineError.setting` when there is no edit, when a photo's size is not the first one's, or when an
    ///   instruction's shape is not this model's.
    public init(_ model: DiffusionModel, edits: [Edit], settings: EditSettings) throws(EngineError) {
        let empty = model.instruction("")
        try Self.check(edits, tokens: empty.rows.shape)
        let sampler = try makeSampler(model.scheduler, kind: settings.sampler, steps: settings.steps)
        // one after the other: the autoencoder works on whole pictures, and its memory would grow with their number
        let photos = Tensor.stacked(edits.map { model.photoLatent($0.photo) })
        noises = try edits.map { edit throws(EngineError) in
            try EditNoise(edit.noise, [1] + photos.shape.dropFirst(), for: sampler)
        }
        self.sampler = sampler
        branches = Branches(
            model: model, photos: photos, instructions: edits.map(\.instruction), empty: empty,
            guidance: settings.guidance)
    }

    /// - Parameter tokens: the shape of this model's instructions.
    private static func check(_ edits: [Edit], tokens: [Int]) throws(EngineError) {
        guard let first = edits.first else { throw .setting(name: "edits", detail: "there is none to draw") }
        for edit in edits {
            guard edit.photo.shape == first.photo.shape else {
                throw .setting(
                    name: "photo",
                    detail: "edits drawn together must have one size, not \(first.photo.shape) and \(edit.photo.shape)")
            }
            guard edit.instruction.rows.shape == tokens else {
                throw .setting(
                    name: "instruction",
                    detail: "has shape \(edit.instruction.rows.shape), but this model's are \(tokens)")
            }
        }
    }

    public func makeIterator() -> Iterator { Iterator(sampler: sampler, branches: branches, noises: noises) }

    /// The state of a drawing between two steps.
    public struct Iterator: IteratorProtocol {
        private var sampler: any Sampler
        private let branches: Branches
        /// Of all edits, one after the other.
        private var latents: [Float]
        private let shape: [Int]
        private var noises: [EditNoise]
        private var index = 0

        fileprivate init(sampler: any Sampler, branches: Branches, noises: [EditNoise]) {
            self.sampler = sampler
            self.branches = branches
            self.noises = noises
            let start = Tensor.stacked(noises.map(\.start))
            shape = start.shape
            latents = start.values.map { $0 * sampler.initialSigma }
        }

        public mutating func next() -> EditStep? {
            guard index < sampler.timesteps.count else { return nil }
            let scaled = Tensor(sampler.scaled(latents, at: index), shape: shape)
            let prediction = branches.predict(scaled, timestep: sampler.timesteps[index]).values
            let original = sampler.predictedOriginal(prediction, at: index, latents: latents)
            let fresh = sampler.needsNoise ? noises.indices.flatMap { noises[$0].step(index).values } : nil
            latents = sampler.step(prediction, at: index, latents: latents, noise: fresh)
            index += 1
            return EditStep(
                number: index, count: sampler.timesteps.count, latents: Tensor(latents, shape: shape),
                predictedOriginal: Tensor(original, shape: shape))
        }
    }
}
