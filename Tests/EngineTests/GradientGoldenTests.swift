// The gradient of the denoising loss with respect to the instruction, and AdamW from it, against torch.
import Testing

import LimnerEngine

@Suite("The gradient agrees with torch")
struct GradientGoldenTests {
    /// The denoising loss of the golden pair at `timestep` and its gradient.
    private func lossAndGradient(_ unet: UNet, _ timestep: Int, _ instruction: Tensor) throws -> (Double, Tensor) {
        let alpha = try Golden.tensor("sched.alphas_cumprod").values[timestep]
        let (clean, noise) = try (Golden.map("grad.z0"), Golden.map("grad.eps"))
        let noisy = zip(clean.values, noise.values).map { alpha.squareRoot() * $0 + (1 - alpha).squareRoot() * $1 }
        let tape = Tape()
        let pass = Pass(tape: tape)
        let watched = tape.watch(instruction)
        let input = try pass.concatenate(Tensor(noisy, shape: clean.shape), Golden.map("grad.cond"))
        let output = unet(input, timesteps: [Float(timestep)], instruction: watched, pass)
        let seed = output.meanSquaredErrorGradient(noise)
        return (output.meanSquaredError(noise), tape.gradient(of: output, seed: seed, withRespectTo: watched))
    }

    @Test("loss and gradient", arguments: [100, 500, 900])
    func gradient(timestep: Int) throws {
        let (loss, gradient) = try lossAndGradient(Golden.unet(), timestep, Golden.tensor("grad.emb"))
        let goldenLoss = Double(try Golden.tensor("grad.t\(timestep).loss").values[0])
        let golden = try Golden.tensor("grad.t\(timestep).demb")
        #expect(abs(loss - goldenLoss) <= 1e-5 * goldenLoss)
        expectGolden("grad.t\(timestep)", gradient, golden, tolerance: 1e-3)
        let cosine = dot(gradient, golden) / (dot(gradient, gradient) * dot(golden, golden)).squareRoot()
        print("parity grad.t\(timestep).cosine \(cosine)")
        #expect(cosine >= 0.99999)
    }

    @Test("four steps of AdamW")
    func adamW() throws {
        let (unet, start) = try (Golden.unet(), Golden.tensor("grad.emb"))
        let golden = try Golden.tensor("grad.adamw.emb")
        var optimizer = AdamW(count: start.count, learningRate: 1e-2)
        var values = start.values
        for (step, timestep) in [100, 500, 900, 500].enumerated() {
            let (_, gradient) = try lossAndGradient(unet, timestep, Tensor(values, shape: start.shape))
            optimizer.update(&values, gradient: gradient.values)
            let tensor = Tensor(values, shape: start.shape)
            expectGolden("adamw.\(step)", tensor, golden.batch(step..<step + 1))
        }
    }
}
