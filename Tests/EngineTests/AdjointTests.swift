// Each op's adjoint against a finite difference, on awkward shapes: odd sizes, tails of vectors, one row, borders.
import Testing

import LimnerEngine

@Suite("Adjoints agree with finite differences")
struct AdjointTests {
    @Test("sum and scaling", arguments: KernelSet.all)
    func elementwise(kernels: KernelSet) {
        expectAdjoint(of: [random([3, 7], seed: 1), random([3, 7], seed: 2)], kernels: kernels) { $0.add($1[0], $1[1]) }
        expectAdjoint(of: [random([3, 7], seed: 1)], kernels: kernels) { $0.scale($1[0], by: -1.7) }
    }

    @Test("a value used twice gathers both shares", arguments: KernelSet.all)
    func sharedInput(kernels: KernelSet) {
        expectAdjoint(of: [random([5, 9], seed: 3)], kernels: kernels) { $0.add($1[0], $0.silu($1[0])) }
    }

    @Test("SiLU, quick-GELU, GELU", arguments: KernelSet.all)
    func activations(kernels: KernelSet) {
        let x = random([5, 19], seed: 4, scale: 2)
        expectAdjoint(of: [x], kernels: kernels) { $0.silu($1[0]) }
        expectAdjoint(of: [x], kernels: kernels) { $0.quickGELU($1[0]) }
        expectAdjoint(of: [x], kernels: kernels) { $0.gelu($1[0]) }
    }

    @Test("the gated GELU", arguments: KernelSet.all)
    func geglu(kernels: KernelSet) {
        expectAdjoint(of: [random([2, 5, 22], seed: 5)], kernels: kernels) { $0.geglu($1[0]) }
        // x itself takes the gradient, so each pass has a copy
        expectAdjoint(of: [random([2, 5, 64], seed: 5)], kernels: kernels) {
            $0.geglu($0.scale($1[0], by: 1), span: 16, overwrites: true)
        }
    }

    @Test("a row added to every pixel of an image", arguments: KernelSet.all)
    func addPerImage(kernels: KernelSet) {
        let inputs = [random([2, 3, 5, 7], seed: 6), random([2, 7], seed: 7)]
        expectAdjoint(of: inputs, kernels: kernels) { $0.addPerImage($1[0], $1[1]) }
    }

    @Test("a scale and a shift of an image, then SiLU", arguments: KernelSet.all)
    func modulateSiLU(kernels: KernelSet) {
        let inputs = [random([2, 5, 3, 7], seed: 40), random([2, 14], seed: 41)]
        expectAdjoint(of: inputs, kernels: kernels) { $0.modulateSiLU($1[0], by: $1[1]) }
    }

    @Test("the mean before the rows, and the first row", arguments: KernelSet.all)
    func classToken(kernels: KernelSet) {
        let (x, offset) = (random([2, 5, 7], seed: 42), random([7], seed: 43))
        expectAdjoint(of: [x], kernels: kernels) { $0.prependMean($1[0], plus: offset) }
        expectAdjoint(of: [x], kernels: kernels) { $0.firstRow($1[0]) }
    }

    @Test("a linear layer, over few and many rows", arguments: KernelSet.all, [1, 3, 300])
    func linear(kernels: KernelSet, rows: Int) {
        let (weight, bias) = (random([130, 11], seed: 8), random([130], seed: 9))
        expectAdjoint(of: [random([rows, 11], seed: 10)], kernels: kernels) {
            $0.linear($1[0], weight: weight, bias: bias)
        }
    }

    @Test("layer norm", arguments: KernelSet.all)
    func layerNorm(kernels: KernelSet) {
        let (gamma, beta) = (random([37], seed: 11), random([37], seed: 12))
        expectAdjoint(of: [random([5, 37], seed: 13)], kernels: kernels) {
            $0.layerNorm($1[0], gamma: gamma, beta: beta, epsilon: 1e-5)
        }
    }

    @Test("group norm, with and without SiLU", arguments: KernelSet.all, [false, true])
    func groupNorm(kernels: KernelSet, silu: Bool) {
        let (gamma, beta) = (random([12], seed: 14), random([12], seed: 15))
        expectAdjoint(of: [random([2, 5, 3, 12], seed: 16)], kernels: kernels) {
            $0.groupNorm($1[0], gamma: gamma, beta: beta, groups: 4, epsilon: 1e-5, silu: silu)
        }
    }

    @Test("attention to another sequence", arguments: KernelSet.all)
    func crossAttention(kernels: KernelSet) {
        let inputs = [random([2, 9, 12], seed: 17), random([2, 5, 12], seed: 18), random([2, 5, 12], seed: 19)]
        expectAdjoint(of: inputs, kernels: kernels) { $0.attention($1[0], $1[1], $1[2], heads: 3) }
    }

    @Test("causal attention", arguments: KernelSet.all)
    func causalAttention(kernels: KernelSet) {
        let inputs = (20..<23).map { random([1, 7, 8], seed: $0) }
        expectAdjoint(of: inputs, kernels: kernels) { $0.attention($1[0], $1[1], $1[2], heads: 2, causal: true) }
    }

    @Test("attention in several tiles of queries", arguments: KernelSet.all)
    func tiledAttention(kernels: KernelSet) {
        let inputs = [random([1, 40, 4], seed: 23), random([1, 9000, 4], seed: 24), random([1, 9000, 4], seed: 25)]
        expectAdjoint(of: inputs, kernels: kernels) { $0.attention($1[0], $1[1], $1[2], heads: 1) }
    }

    @Test(
        "convolutions of every geometry in the models", arguments: KernelSet.all,
        [
            ConvolutionGeometry(kernel: 1, padding: 0), ConvolutionGeometry(kernel: 3, padding: 1),
            ConvolutionGeometry(kernel: 3, stride: 2, padding: 1), .downsampleAfter,
        ])
    func convolution(kernels: KernelSet, geometry: ConvolutionGeometry) {
        let weight = random([7, geometry.kernel, geometry.kernel, 5], seed: 26)
        let bias = random([7], seed: 27)
        expectAdjoint(of: [random([2, 9, 6, 5], seed: 28)], kernels: kernels) {
            $0.convolution($1[0], weight: weight, bias: bias, geometry)
        }
    }

    @Test("joined channels", arguments: KernelSet.all)
    func concatenate(kernels: KernelSet) {
        let inputs = [random([2, 3, 3, 5], seed: 29), random([2, 3, 3, 4], seed: 30)]
        expectAdjoint(of: inputs, kernels: kernels) { $0.concatenate($1[0], $1[1]) }
    }

    @Test("nearest enlargement, whole and broken", arguments: KernelSet.all, [[6, 10], [5, 9], [7, 11]])
    func nearest(kernels: KernelSet, size: [Int]) {
        expectAdjoint(of: [random([2, 3, 5, 4], seed: 31)], kernels: kernels) {
            $0.nearest($1[0], height: size[0], width: size[1])
        }
    }

    @Test("the mean squared error")
    func meanSquaredError() {
        let (x, target, direction) = (random([40], seed: 32), random([40], seed: 33), random([40], seed: 34))
        let moved = [Float(1e-2), -1e-2].map { step in
            Tensor(zip(x.values, direction.values).map { $0 + step * $1 }, shape: [40]).meanSquaredError(target)
        }
        let gradient = x.meanSquaredErrorGradient(target, weight: 3)
        #expect(abs(dot(gradient, direction) - 3 * (moved[0] - moved[1]) / 2e-2) < 1e-5)
    }
}
