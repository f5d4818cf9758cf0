// What BF16 may change: ops against F32 on the same inputs, and the networks against diffusers' goldens. BF16 keeps eight
// bits, so one rounding is an error of 2⁻⁸ at most; the networks' bars are a few such roundings.
import Foundation
import Testing

import LimnerEngine

@Suite("BF16 stays near F32", .enabled(if: !LayerWeights.kernelNames(.bf16).isEmpty))
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

    @Test("group norm of rounded values is that of those values in F32, and so is its gradient")
    func groupNorm() {
        let narrow = Pass().narrowed(random([2, 150, 30, 48], seed: 66))
        let (gamma, beta, seed) = (random([48], seed: 61), random([48], seed: 62), random(narrow.shape, seed: 67))
        let both = [narrow, Pass().widened(narrow)].map { x in
            let tape = Tape()
            let watched = tape.watch(x)
            let y = Pass(tape: tape).groupNorm(
                watched, gamma: gamma, beta: beta, groups: 6, epsilon: 1e-5, silu: true, as: .bf16)
            return (y.values, tape.gradient(of: y, seed: seed, withRespectTo: watched).values)
        }
        #expect(both[0].0 == both[1].0)
        #expect(both[0].1 == both[1].1)
    }

    @Test("a norm's adjoint keeps its input rounded, so that the gradient is that at the rounded input")
    func norms() {
        let x = Pass().widened(Pass().narrowed(random([2, 9, 48], seed: 68)))
        let (gamma, beta, seed) = (random([48], seed: 61), random([48], seed: 62), random(x.shape, seed: 69))
        let ops: [(Pass, Tensor) -> Tensor] = [
            { $0.layerNorm($1, gamma: gamma, beta: beta, epsilon: 1e-5) },
            { $0.groupNorm($1, gamma: gamma, beta: beta, groups: 6, epsilon: 1e-5, silu: true) },
        ]
        let off = Pass().add(x, Pass().scale(x, by: 1e-3))
        for op in ops {
            let gradient = { (x: Tensor, options: EngineOptions) in
                let tape = Tape()
                let watched = tape.watch(x)
                let y = op(Pass(options, tape: tape), watched)
                return tape.gradient(of: y, seed: seed, withRespectTo: watched).values
            }
            let wanted = gradient(x, EngineOptions())
            #expect(gradient(x, Self.options) == wanted)
            expectEqual(gradient(off, Self.options), wanted.map(Double.init), tolerance: Self.rounding)
        }
    }

    @Test("a linear layer's gradient in BF16 is the one in F32, rounded")
    func linearGradient() throws {
        let layer = try LayerWeights(random([24, 40], seed: 70), Self.options)
        let (x, seed) = (Pass().narrowed(random([3, 40], seed: 71)), random([3, 24], seed: 72))
        let gradients = [Precision.f32, .bf16].map { held in
            let tape = Tape()
            let watched = tape.watch(x)
            let y = Pass(Self.options, tape: tape).linear(watched, layer, ProductEnd(gradient: held))
            return tape.gradient(of: y, seed: seed, withRespectTo: watched)
        }
        #expect(gradients.map(\.element) == [.f32, .bf16])
        #expect(gradients[1].values == Pass().narrowed(gradients[0]).values)
    }

    @Test("the gated GELU's gradient from rounded values is that from those values in F32, rounded")
    func gegluAdjoint() {
        let narrow = Pass().narrowed(random([3, 64], seed: 64))
        let seed = random([3, 32], seed: 65)
        let gradients = [narrow, Pass().widened(narrow)].map { x in
            let tape = Tape()
            let watched = tape.watch(x)
            let y = Pass(tape: tape).geglu(watched, span: 16)
            return tape.gradient(of: y, seed: seed, withRespectTo: watched).values
        }
        expectEqual(gradients[0], gradients[1].map(Double.init), tolerance: Self.rounding)
        let tape = Tape()
        let copy = tape.watch(Pass().narrowed(Pass().widened(narrow)))
        let y = Pass(tape: tape).geglu(copy, span: 16, overwrites: true)
        #expect(tape.gradient(of: y, seed: seed, withRespectTo: copy).values == gradients[0])
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

    /// The shipped model, in both precisions.
    private func mini(_ precision: Precision) throws -> DiffusionModel {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Models/limner-mini").path
        return try DiffusionModel(folder: folder, options: EngineOptions(precision: precision))
    }

    /// A face of a kind: an ellipse, two eyes and a mouth on a ramp of light; and its outline, drawn.
    private func pair(_ side: Int) -> (photo: Tensor, sketch: Tensor) {
        var (photo, sketch) = ([Float](), [Float]())
        for row in 0..<side {
            for column in 0..<side {
                let (y, x) = (2 * Float(row) / Float(side) - 1, 2 * Float(column) / Float(side) - 1)
                let face = (x / 0.6) * (x / 0.6) + (y / 0.8) * (y / 0.8)
                let eye = min((abs(x) - 0.25) * (abs(x) - 0.25), 1) + (y + 0.2) * (y + 0.2) < 0.006
                let mouth = abs(x) < 0.2 && abs(y - 0.4) < 0.03
                let tone: Float = eye || mouth ? -0.8 : face < 1 ? 0.5 - 0.4 * x : -0.3 + 0.2 * y
                photo += [tone + 0.1, tone, tone - 0.1]
                sketch += Array(repeating: eye || mouth || abs(face - 1) < 0.06 ? -0.9 : 1, count: 3)
            }
        }
        return (Tensor(photo, shape: [1, side, side, 3]), Tensor(sketch, shape: [1, side, side, 3]))
    }

    @Test("limner-mini's picture after 20 steps is within 35 dB of that in F32")
    func picture() throws {
        let pictures = try Precision.allCases.map { precision in
            let model = try mini(precision)
            let editor = try Editor(
                model, photo: pair(128).photo, instruction: model.instruction("a pencil sketch with thick lines"),
                settings: EditSettings(steps: 20, guidance: Guidance(text: 1, image: 1)), noise: .seed(3))
            var latents: Tensor?
            for step in editor { latents = step.latents }
            return try model.picture(#require(latents)).values
        }
        let square = zip(pictures[0], pictures[1]).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        let decibels = -10 * log10(square / Double(pictures[0].count) / 4)
        #expect(decibels >= 35)
    }

    @Test("a style tuned in BF16 has a probe within 2 % of one tuned in F32")
    func tuning() throws {
        let probes = try Precision.allCases.map { precision in
            let model = try mini(precision)
            var settings = TuningSettings(model.defaults, start: model.proposesInstructions ? .pair : .sentence)
            settings.steps = 20
            let (photo, sketch) = pair(96)
            let tuner = try Tuner(model, photo: photo, sketch: sketch, settings: settings)
            for _ in tuner {}
            let losses = tuner.curve.map(\.loss)
            #expect(losses.min()! < losses[0])
            return losses.min()!
        }
        #expect(abs(probes[0] - probes[1]) <= 0.02 * probes[0])
    }
}
