import LimnerEngine
import Testing

@Suite("Parts of a network that are computed twice")
struct RecomputationTests {
    private static var options: [EngineOptions] {
        var plain = EngineOptions()
        plain.panels = .none
        let narrow = LayerWeights.kernelNames(.bf16).isEmpty ? [] : [EngineOptions(precision: .bf16)]
        return [EngineOptions(), plain] + narrow
    }

    /// Attention over many keys, whose result is kept, and a product whose values are not made again; in F32 by the CPU's
    /// own kernels, and by OpenBLAS; in BF16 from inputs that rounding leaves as they are.
    @Test("have the gradient of the same part computed once", arguments: Self.options)
    func gradient(options: EngineOptions) throws {
        let layer = try LayerWeights(random([24, 16], seed: 1), options)
        let bias = random([24], seed: 2)
        let body = { (pass: Pass, x: [Tensor]) in
            let seen = pass.attention(x[0], x[1], pass.scale(x[1], by: 0.5), heads: 2)
            let h = pass.attention(pass.silu(seen), x[1], x[1], heads: 2)
            return pass.linear(h, layer, ProductEnd(bias: bias, isResult: true))
        }
        let inputs = [random([1, 40, 16], seed: 3), random([1, 600, 16], seed: 4)].map {
            Pass().widened(Pass().narrowed($0))
        }
        let seed = random([1, 40, 24], seed: 5)
        for wanted in inputs.indices {
            var (results, gradients) = ([[Float]](), [[Float]]())
            for twice in [false, true] {
                let tape = Tape()
                var watched = inputs
                watched[wanted] = tape.watch(inputs[wanted])
                let pass = Pass(options, tape: tape)
                let y = twice ? pass.recomputed(watched, body) : body(pass, watched)
                results.append(y.values)
                gradients.append(tape.gradient(of: y, seed: seed, withRespectTo: watched[wanted]).values)
            }
            #expect(results[0] == results[1])
            #expect(gradients[0] == gradients[1])
            #expect(gradients[0].contains { $0 != 0 })
        }
    }
}
