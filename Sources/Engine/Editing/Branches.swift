// The three branches of guidance, (T, I), (∅, I) and (∅, 0), as one batch through the UNet; fewer when their share in
// the result is nothing.

/// Predicts for a noisy latent, by instruction and photo.
package struct Branches: Sendable {
    private let model: DiffusionModel
    private let photo: Tensor
    private let instruction: Instruction
    private let empty: Instruction
    private let guidance: Guidance
    /// The memory of every step.
    private let arena: Arena
    private let memo = RunMemo()

    /// - Parameter photo: the photo's latent, [1, h, w, latent], not scaled.
    package init(
        model: DiffusionModel, photo: Tensor, instruction: Instruction, empty: Instruction, guidance: Guidance,
        arena: Arena = Arena()
    ) {
        self.model = model
        self.photo = photo
        self.instruction = instruction
        self.empty = empty
        self.guidance = guidance
        self.arena = arena
    }

    /// The guided prediction for `latents` [1, h, w, latent], which the sampler has scaled.
    package func predict(_ latents: Tensor, timestep: Float) -> Tensor {
        let pass = model.pass(arena: arena, memo: memo)
        let conditioned = pass.concatenate(latents, photo)
        guard guidance.isActive else {
            return model.unet(conditioned, timesteps: [timestep], instruction: instruction.batched, pass)
        }
        // with s_I = 1 the branch without a photo cancels out
        let blind = guidance.image != 1
        let unconditional = pass.concatenate(latents, Tensor(repeating: 0, shape: photo.shape))
        let inputs = [conditioned, conditioned] + (blind ? [unconditional] : [])
        let texts = [instruction.batched, empty.batched] + (blind ? [empty.batched] : [])
        let all = model.unet(.stacked(inputs), timesteps: [timestep], instruction: .stacked(texts), pass)
        let withPhoto = all.batch(1..<2)
        return guidance.combine(
            instructed: all.batch(0..<1), photo: withPhoto, unconditional: blind ? all.batch(2..<3) : withPhoto)
    }

    /// The predictions that no instruction changes, (∅, I) and (∅, 0): the constants of tuning.
    package func constants(_ latents: Tensor, timestep: Float) -> (photo: Tensor, unconditional: Tensor) {
        let pass = model.pass(arena: arena)
        let unconditional = pass.concatenate(latents, Tensor(repeating: 0, shape: photo.shape))
        let inputs = Tensor.stacked([pass.concatenate(latents, photo), unconditional])
        let texts = Tensor.stacked([empty.batched, empty.batched])
        let both = model.unet(inputs, timesteps: [timestep], instruction: texts, pass)
        return (both.batch(0..<1), both.batch(1..<2))
    }
}
