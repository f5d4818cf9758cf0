// What BF16 may change: ops against F32 on the same inputs, and the networks against diffusers' goldens. BF16 keeps eight
// bits, so one rounding is an error of 2⁻⁸ at most; the networks' bars are a few such roundings.
import Testing

import LimnerEngine

@Suite("BF16 stays near F32", .enabled(if: LayerWeights.kernelName(.bf16) != nil))
struct PrecisionTests {
    private static let options = EngineOptions(precision: .bf16)
    private static let rounding = 4e-3

    @Test("narrowing rounds to nearest, ties to even")
    func narrowing() {
        let x = Tensor([1, 1.00390625, 1.01171875, 1.0078125, -1.011, 3e38, 1e-30, 0], shape: [8])
        #expect(Pass().narrowed(x).values[..<5] == [1, 1, 1.015625, 1.0078125, -1.0078125])
        #expect(zip(Pass().narrowed(x).values, x.values).allSatisfy { abs($0 - $1) <= abs($1) / 256 })
    }

    @Test("norms, modulation and gates")
    func ops() {
        let (x, gamma, beta) = (random([2, 5, 7, 48], seed: 60), random([48], seed: 61), random([48], seed: 62))
        let pass = Pass()
        let layer = { pass.layerNorm(x, gamma: gamma, beta: beta, epsilon: 1e-5, as: $0) }
        let group = { pass.groupNorm(x, gamma: gamma, beta: beta, groups: 6, epsilon: 1e-5, silu: true, as: $0) }
        let modulated = { pass.modulateSiLU(x, by: random([2, 96], seed: 63), as: $0) }
        for op in [layer, group, modulated] {
            let (narrow, wide) = (op(.bf16), op(.f32))
            #expect(narrow.element == .bf16)
            expectEqual(narrow.values, wide.values.map(Double.init), tolerance: Self.rounding)
        }
        let narrow = pass.narrowed(x)
        let gated = pass.geglu(pass.widened(narrow)).values.map(Double.init)
        expectEqual(pass.geglu(narrow).values, gated, tolerance: Self.rounding)
    }

    @Test("the gated GELU's gradient from rounded values is that from those values in F32")
    func gegluAdjoint() {
        let narrow = Pass().narrowed(random([3, 64], seed: 64))
        let seed = random([3, 32], seed: 65)
        let gradients = [narrow, Pass().widened(narrow)].map { x in
            let tape = Tape()
            let watched = tape.watch(x)
            let y = Pass(tape: tape).geglu(watched, span: 16)
            return tape.gradient(of: y, seed: seed, withRespectTo: watched).values
        }
        expectEqual(gradients[0], gradients[1].map(Double.init), tolerance: 1e-6)
    }

    @Test("the UNet against diffusers", arguments: [1, 500, 999])
    func unet(timestep: Int) throws {
        let unet = try UNet(
            Golden.weights("unet"), UNetConfiguration(contentsOf: Golden.configuration("unet")), Self.options)
        let output = try unet(
            Golden.map("unet.in"), timesteps: [Float(timestep)], instruction: Golden.tensor("unet.ctx"),
            Pass(Self.options))
        #expect(relativeError(output, try Golden.map("unet.out.t\(timestep)")) <= 0.03)
    }

    @Test("the autoencoder against diffusers")
    func autoencoder() throws {
        let autoencoder = try Autoencoder(
            Golden.weights("vae"), AutoencoderConfiguration(contentsOf: Golden.configuration("vae")), Self.options)
        let decoded = autoencoder.decode(try Golden.map("vae.z"), Pass(Self.options))
        #expect(relativeError(decoded, try Golden.map("vae.decoded")) <= 0.03)
    }
}
