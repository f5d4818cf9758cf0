// Each op's value against a plain loop in double, on every kernel set: a kernel can't be fast and wrong.
import Glibc
import Testing

import LimnerEngine

@Suite("Ops agree with plain loops in double")
struct OpValueTests {
    private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    private func gelu(_ x: Double) -> Double { 0.5 * x * (1 + erf(x / 2.0.squareRoot())) }

    @Test("activations over the whole range", arguments: KernelSet.all)
    func activations(kernels: KernelSet) {
        let x = Tensor((-600...600).map { Float($0) / 20 }, shape: [1201])
        let wide = x.values.map(Double.init)
        expectEqual(kernels.pass().silu(x).values, wide.map { $0 * sigmoid($0) }, tolerance: 1e-6)
        expectEqual(kernels.pass().quickGELU(x).values, wide.map { $0 * sigmoid(1.702 * $0) }, tolerance: 1e-6)
        expectEqual(kernels.pass().gelu(x).values, wide.map(gelu), tolerance: 1e-6)
    }

    @Test("SiLU far from zero neither overflows nor turns into nothing", arguments: KernelSet.all)
    func extremes(kernels: KernelSet) {
        let y = kernels.pass().silu(Tensor([-1000, -100, 100, 1000], shape: [4])).values
        #expect(abs(y[0]) < 1e-30 && abs(y[1]) < 1e-30)
        #expect(y[2...] == [100, 1000])
    }

    @Test("the gated GELU", arguments: KernelSet.all)
    func geglu(kernels: KernelSet) {
        let x = random([3, 14], seed: 1)
        let expected = (0..<21).map { i in
            Double(x.values[i / 7 * 14 + i % 7]) * gelu(Double(x.values[i / 7 * 14 + 7 + i % 7]))
        }
        expectEqual(kernels.pass().geglu(x).values, expected, tolerance: 1e-6)
    }

    @Test("a scale and a shift of an image, then SiLU", arguments: KernelSet.all)
    func modulateSiLU(kernels: KernelSet) {
        let (x, modulation) = (random([2, 3, 7], seed: 30), random([2, 14], seed: 31))
        let expected = (0..<42).map { i in
            let row = i / 21 * 14 + i % 7
            let z = Double(x.values[i]) * (1 + Double(modulation.values[row])) + Double(modulation.values[row + 7])
            return z / (1 + exp(-z))
        }
        expectEqual(kernels.pass().modulateSiLU(x, by: modulation).values, expected, tolerance: 1e-6)
    }

    @Test("layer norm of rows with a large mean", arguments: KernelSet.all)
    func layerNorm(kernels: KernelSet) {
        let x = Tensor(random([4, 33], seed: 2).values.map { $0 + 50 }, shape: [4, 33])
        let (gamma, beta) = (random([33], seed: 3), random([33], seed: 4))
        let y = kernels.pass().layerNorm(x, gamma: gamma, beta: beta, epsilon: 1e-5)
        var expected: [Double] = []
        for row in 0..<4 {
            let values = x.values[row * 33..<(row + 1) * 33].map(Double.init)
            let mean = values.reduce(0, +) / 33
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 33
            expected += values.enumerated().map {
                ($1 - mean) / (variance + 1e-5).squareRoot() * Double(gamma.values[$0]) + Double(beta.values[$0])
            }
        }
        expectEqual(y.values, expected, tolerance: 2e-5)
    }

    @Test("group norm over more pixels than one block of sums", arguments: KernelSet.all)
    func groupNorm(kernels: KernelSet) {
        let x = Tensor(random([2, 17, 11, 6], seed: 5).values.map { $0 + 3 }, shape: [2, 17, 11, 6])
        let (gamma, beta) = (random([6], seed: 6), random([6], seed: 7))
        let y = kernels.pass().groupNorm(x, gamma: gamma, beta: beta, groups: 3, epsilon: 1e-5, silu: true)
        var expected = [Double](repeating: 0, count: x.count)
        for image in 0..<2 {
            for group in 0..<3 {
                let places = (0..<187 * 2).map { (image * 187 + $0 / 2) * 6 + group * 2 + $0 % 2 }
                let values = places.map { Double(x.values[$0]) }
                let mean = values.reduce(0, +) / 374
                let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 374
                for (place, value) in zip(places, values) {
                    let normal = (value - mean) / (variance + 1e-5).squareRoot()
                    let z = normal * Double(gamma.values[place % 6]) + Double(beta.values[place % 6])
                    expected[place] = z * sigmoid(z)
                }
            }
        }
        expectEqual(y.values, expected, tolerance: 1e-5)
    }

    @Test("attention, causal and not", arguments: KernelSet.all, [false, true])
    func attention(kernels: KernelSet, causal: Bool) {
        let (q, k, v) = (random([2, 6, 8], seed: 8), random([2, 6, 8], seed: 9), random([2, 6, 8], seed: 10))
        let y = kernels.pass().attention(q, k, v, heads: 2, causal: causal)
        var expected: [Double] = []
        for image in 0..<2 {
            for row in 0..<6 {
                for channel in 0..<8 {
                    let head = channel / 4 * 4
                    let scores = (0..<(causal ? row + 1 : 6)).map { key in
                        exp(
                            (0..<4).reduce(0.0) { sum, d in
                                sum + Double(q.values[(image * 6 + row) * 8 + head + d])
                                    * Double(k.values[(image * 6 + key) * 8 + head + d])
                            } / 2)
                    }
                    let total = scores.reduce(0, +)
                    expected.append(
                        scores.enumerated().reduce(0) {
                            $0 + $1.element / total * Double(v.values[(image * 6 + $1.offset) * 8 + channel])
                        })
                }
            }
        }
        expectEqual(y.values, expected, tolerance: 1e-6)
    }

    @Test(
        "convolutions of every geometry", arguments: KernelSet.all,
        [
            ConvolutionGeometry(kernel: 1, padding: 0), ConvolutionGeometry(kernel: 3, padding: 1),
            ConvolutionGeometry(kernel: 3, stride: 2, padding: 1), .downsampleAfter,
        ])
    func convolution(kernels: KernelSet, geometry: ConvolutionGeometry) {
        let (h, w, size) = (9, 6, geometry.kernel)
        let (x, weight, bias) = (
            random([2, h, w, 5], seed: 11), random([7, size, size, 5], seed: 12), random([7], seed: 13)
        )
        let y = kernels.pass().convolution(x, weight: weight, bias: bias, geometry)
        let before = geometry == .downsampleAfter || size == 1 ? 0 : 1
        let (xs, ws) = (x.values, weight.values)
        var expected: [Double] = []
        for index in 0..<y.count / 7 {
            let (image, row, column) = (
                index / (y.shape[1] * y.shape[2]), index / y.shape[2] % y.shape[1], index % y.shape[2]
            )
            for output in 0..<7 {
                var sum = Double(bias.values[output])
                for tap in 0..<size * size {
                    let i = row * geometry.stride + tap / size - before
                    let j = column * geometry.stride + tap % size - before
                    guard (0..<h).contains(i), (0..<w).contains(j) else { continue }
                    for input in 0..<5 {
                        sum +=
                            Double(xs[((image * h + i) * w + j) * 5 + input])
                            * Double(ws[(output * size * size + tap) * 5 + input])
                    }
                }
                expected.append(sum)
            }
        }
        expectEqual(y.values, expected, tolerance: 1e-6)
    }

    @Test("a linear layer over few and many rows", arguments: KernelSet.all, [1, 5, 300])
    func linear(kernels: KernelSet, rows: Int) {
        let (x, weight, bias) = (random([rows, 9], seed: 14), random([140, 9], seed: 15), random([140], seed: 16))
        let (xs, ws) = (x.values, weight.values)
        var expected: [Double] = []
        for i in 0..<rows * 140 {
            var sum = Double(bias.values[i % 140])
            for input in 0..<9 { sum += Double(xs[i / 140 * 9 + input]) * Double(ws[i % 140 * 9 + input]) }
            expected.append(sum)
        }
        expectEqual(kernels.pass().linear(x, weight: weight, bias: bias).values, expected, tolerance: 1e-6)
    }

    @Test("channels-first and channels-last are each other's inverse")
    func layout() {
        let x = random([2, 3, 4, 5], seed: 17)
        #expect(x.channelsLast.channelsFirst.values == x.values)
        #expect(x.channelsLast.values[1] == x.values[20])
    }
}
