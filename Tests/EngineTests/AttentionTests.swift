// The blockwise attention kernels against plain loops in double, at every width of the models and at awkward shapes.
import CKernels
import Testing

import LimnerEngine

@Suite("Blockwise attention agrees with plain loops in double")
struct AttentionTests {
    private func error(_ a: [Float], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { max($0, $1.0.isFinite ? abs(Double($1.0) - $1.1) : .infinity) }
    }

    private func largest(_ x: [Double]) -> Double { x.reduce(0) { max($0, abs($1)) } }

    @Test("values", arguments: AttentionTable.all, AttentionSizes.all)
    func values(table: AttentionTable, sizes: AttentionSizes) {
        let input = AttentionCase(sizes)
        let run = AttentionRun(table, input)
        #expect(error(run.y.values, input.y) <= table.valueTolerance * largest(input.y))
    }

    @Test("logarithms of the sums", arguments: AttentionTable.all, AttentionSizes.all)
    func logarithms(table: AttentionTable, sizes: AttentionSizes) {
        let input = AttentionCase(sizes)
        let run = AttentionRun(table, input)
        #expect(error(run.logarithms, input.logarithms) <= table.logarithmTolerance * max(1, largest(input.logarithms)))
    }

    @Test("gradients", arguments: AttentionTable.all, AttentionSizes.all)
    func gradients(table: AttentionTable, sizes: AttentionSizes) {
        let input = AttentionCase(sizes)
        let (dq, dk, dv) = AttentionRun(table, input).adjoint()
        // Of one key or two, or one query, little but rounding is left of dq and dk: they are held to the size of dv.
        let size = [input.dq, input.dk, input.dv].map(largest)
        let floor = sizes.keys <= 2 || sizes.queries == 1 ? size.max()! : 0
        #expect(error(dq.values, input.dq) <= table.gradientTolerance * max(size[0], floor))
        #expect(error(dk.values, input.dk) <= table.gradientTolerance * max(size[1], floor))
        #expect(error(dv.values, input.dv) <= table.gradientTolerance * size[2])
    }

    @Test("scores of some hundreds neither overflow nor vanish", arguments: AttentionTable.all)
    func largeScores(table: AttentionTable) {
        let input = AttentionCase(AttentionSizes(queries: 40, keys: 170, width: 40), spread: 100)
        let run = AttentionRun(table, input)
        let sharpness = largest(input.logarithms)
        #expect(sharpness > 200)
        #expect(error(run.logarithms, input.logarithms) <= table.logarithmTolerance * sharpness)
        // A score's rounding grows with it and is a relative error of the weight.
        #expect(error(run.y.values, input.y) <= (table.valueTolerance + 1e-6 * sharpness) * largest(input.y))
        #expect(run.adjoint().dk.values.allSatisfy { $0.isFinite })
    }

    @Test("channels beside the head are left alone", arguments: AttentionTable.all, [6, 7, 40, 64])
    func neighbours(table: AttentionTable, width: Int) {
        let run = AttentionRun(table, AttentionCase(AttentionSizes(queries: 35, keys: 81, width: width)))
        let (dq, dk, dv) = run.adjoint()
        #expect([run.y, dq, dk, dv].allSatisfy { $0.neighboursAreUntouched })
    }

    @Test("queries in spans give what they give together", arguments: AttentionTable.all, [false, true])
    func querySpans(table: AttentionTable, causal: Bool) {
        let input = AttentionCase(AttentionSizes(queries: 77, keys: 90, width: 40, causal: causal))
        #expect(AttentionRun(table, input, span: 32).y.values == AttentionRun(table, input).y.values)
    }

    @Test("gradients through spans of keys add up", arguments: AttentionTable.all, [false, true])
    func keySpans(table: AttentionTable, causal: Bool) {
        let input = AttentionCase(AttentionSizes(queries: 77, keys: 90, width: 40, causal: causal))
        let run = AttentionRun(table, input)
        let (a, b, whole) = (run.adjoint(first: 0, count: 50), run.adjoint(first: 50, count: 40), run.adjoint())
        let sum = zip(a.dq.values, b.dq.values).map { $0 + $1 }
        #expect(error(sum, whole.dq.values.map(Double.init)) <= table.gradientTolerance * largest(input.dq))
        #expect(a.dk.values[..<(50 * 40)] + b.dk.values[(50 * 40)...] == whole.dk.values[...])
        #expect(a.dv.values[..<(50 * 40)] + b.dv.values[(50 * 40)...] == whole.dv.values[...])
    }

    @Test(
        "all heads of all images, as by matrix products", arguments: [Precision.f32, .bf16],
        [(heads: 3, width: 40, keys: 77), (heads: 1, width: 24, keys: 700), (heads: 2, width: 7, keys: 300)])
    func heads(held: Precision, sizes: (heads: Int, width: Int, keys: Int)) {
        let (queries, keys) = ([2, 300, sizes.heads * sizes.width], [2, sizes.keys, sizes.heads * sizes.width])
        let inputs = [random(queries, seed: 1), random(keys, seed: 2), random(keys, seed: 3)]
        let seed = random(queries, seed: 4)
        func results(_ kernels: KernelSet, of input: Int) -> (y: Tensor, gradient: Tensor) {
            let tape = Tape()
            let pass = Pass(EngineOptions(threads: 2), tape: tape, kernels: limner_kernels_at(kernels.index))
            var watched = inputs
            watched[input] = tape.watch(inputs[input])
            let held = watched.map { held == .f32 ? $0 : pass.narrowed($0) }
            let y = pass.widened(pass.attention(held[0], held[1], held[2], heads: sizes.heads))
            return (y, tape.gradient(of: y, seed: seed, withRespectTo: watched[input]))
        }
        for input in inputs.indices {
            let (plain, best) = (results(KernelSet.all.first!, of: input), results(KernelSet.all.last!, of: input))
            expectEqual(best.y.values, plain.y.values.map(Double.init), tolerance: held == .f32 ? 4e-6 : 1e-2)
            expectEqual(
                best.gradient.values, plain.gradient.values.map(Double.init), tolerance: held == .f32 ? 8e-6 : 2e-2)
        }
    }
}
