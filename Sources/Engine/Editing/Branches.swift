// The three branches of guidance, (T, I), (∅, I) and (∅, 0), of all edits as one batch through the UNet; fewer when their
// share in the result is nothing.

/// Predicts for noisy latents, by an instruction and a photo each.
package struct Branches: Sendable {
    private let model: DiffusionModel
    /// [edits, h, w, latent].
    private let photos: Tensor
    /// [edits, tokens, width].
    private let instructions: Tensor
    /// The empty instruction once for each edit, [edits, tokens, width].
    private let empties: Tensor
    private let guidance: Guidance
    /// The memory of every step.
    private let memory: RunMemory
    private let memo = RunMemo()

    /// - Parameters:
    ///   - photos: the photos' latents, [edits, h, w, latent], not scaled.
    ///   - instructions: one for each photo, of the empty one's shape.
    package init(
        model: DiffusionModel, photos: Tensor, instructions: [Instruction], empty: Instruction, guidance: Guidance,
        memory: RunMemory? = nil
    ) {
        precondition(photos.shape[0] == instructions.count, "each photo needs an instruction")
        self.model = model
        self.photos = photos
        self.instructions = .stacked(instructions.map(\.batched))
        empties = empty.rows.repeated(instructions.count)
        self.guidance = guidance
        self.memory = memory ?? model.runMemory()
    }

    private var count: Int { photos.shape[0] }

    /// The guided predictions for `latents` [edits, h, w, latent], which the sampler has scaled.
    package func predict(_ latents: Tensor, timestep: Float) -> Tensor {
        let pass = model.pass(memory: memory, memo: memo)
        let conditioned = pass.concatenate(latents, photos)
        guard guidance.isActive else {
            return model.unet(conditioned, timesteps: [timestep], instruction: instructions, pass)
        }
        // with s_I = 1 the branch without a photo cancels out
        let blind = guidance.image != 1
        let inputs = [conditioned] + (blind ? [unconditional(latents, pass)] : [])
        let texts = [instructions, empties] + (blind ? [empties] : [])
        let all = model.unet(
            .stacked(inputs), timesteps: [timestep], instruction: .stacked(texts),
            images: Array(0..<count) + Array(0..<count * inputs.count), pass)
        let withPhoto = part(1, of: all)
        return guidance.combine(
            instructed: part(0, of: all), photo: withPhoto, unconditional: blind ? part(2, of: all) : withPhoto)
    }

    /// The predictions that no instruction changes, (∅, I) and (∅, 0): the constants of tuning.
    package func constants(_ latents: Tensor, timestep: Float) -> (photo: Tensor, unconditional: Tensor) {
        let pass = model.pass(memory: memory)
        let inputs = Tensor.stacked([pass.concatenate(latents, photos), unconditional(latents, pass)])
        let both = model.unet(
            inputs, timesteps: [timestep], instruction: .stacked([empties, empties]), pass)
        return (part(0, of: both), part(1, of: both))
    }

    /// `latents` with nothing where the photos were.
    private func unconditional(_ latents: Tensor, _ pass: Pass) -> Tensor {
        pass.concatenate(latents, Tensor(repeating: 0, shape: photos.shape))
    }

    /// The results of branch `index`, [edits, h, w, latent].
    private func part(_ index: Int, of all: Tensor) -> Tensor { all.batch(index * count..<(index + 1) * count) }
}
