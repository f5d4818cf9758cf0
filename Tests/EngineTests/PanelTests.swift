// Products with packed weights against OpenBLAS's, on shapes that fill no tile, no panel and no step: one row, tails,
// three channels. In BF16 the reference gets inputs and weights that were rounded beforehand, so that what remains is the
// order of sums.
import CKernels
import Testing

import LimnerEngine

/// A layer and its input.
struct PanelCase: CustomTestStringConvertible, Sendable {
    var size = [1, 1, 1]
    var inputs: Int
    var outputs: Int
    var geometry = ConvolutionGeometry(kernel: 1, padding: 0)

    var testDescription: String {
        "\(size.map(String.init).joined(separator: "×")), \(inputs) → \(outputs), \(geometry.kernel)×\(geometry.kernel)"
            + " by \(geometry.stride)"
    }

    static let linear = [
        PanelCase(inputs: 9, outputs: 1), PanelCase(size: [1, 1, 5], inputs: 64, outputs: 63),
        PanelCase(size: [2, 1, 7], inputs: 33, outputs: 65), PanelCase(size: [1, 1, 385], inputs: 320, outputs: 130),
        PanelCase(size: [3, 5, 11], inputs: 4100, outputs: 96), PanelCase(size: [1, 1, 77], inputs: 768, outputs: 160),
        PanelCase(size: [1, 1, 70], inputs: 70, outputs: 1701),
    ]
    private static let three = ConvolutionGeometry(kernel: 3, padding: 1)
    private static let half = ConvolutionGeometry(kernel: 3, stride: 2, padding: 1)
    static let convolution = [
        PanelCase(size: [1, 1, 1], inputs: 3, outputs: 7, geometry: three),
        PanelCase(size: [2, 9, 6], inputs: 5, outputs: 70, geometry: three),
        PanelCase(size: [1, 17, 23], inputs: 32, outputs: 48, geometry: three),
        PanelCase(size: [2, 8, 8], inputs: 640, outputs: 64, geometry: three),
        PanelCase(size: [1, 3, 5], inputs: 20, outputs: 900, geometry: three),
        PanelCase(size: [2, 9, 7], inputs: 6, outputs: 20, geometry: half),
        PanelCase(size: [1, 10, 8], inputs: 16, outputs: 16, geometry: .downsampleAfter),
    ]

    static let winograd = [
        PanelCase(size: [1, 1, 1], inputs: 32, outputs: 32, geometry: three),
        PanelCase(size: [2, 9, 6], inputs: 34, outputs: 70, geometry: three),
        PanelCase(size: [1, 17, 23], inputs: 33, outputs: 48, geometry: three),
        PanelCase(size: [3, 24, 26], inputs: 320, outputs: 130, geometry: three),
        // Blocks for every thread; a transform in two groups.
        PanelCase(size: [3, 40, 42], inputs: 36, outputs: 70, geometry: three),
        PanelCase(size: [1, 60, 60], inputs: 320, outputs: 32, geometry: three),
    ]

    var input: Tensor { random(size + [inputs], seed: 50) }
    var weight: Tensor { random([outputs, geometry.kernel, geometry.kernel, inputs], seed: 51, scale: 0.1) }
    var bias: Tensor { random([outputs], seed: 52) }
}

/// Kernels for packed weights that this CPU can run.
struct PanelTable: CustomTestStringConvertible, Sendable {
    let name: String
    let precision: Precision

    static let all = Precision.allCases.flatMap { precision in
        LayerWeights.kernelNames(precision).map { PanelTable(name: $0, precision: precision) }
    }

    var options: EngineOptions {
        var options = EngineOptions(precision: precision, threads: 2)
        options.panels = .named(name)
        return options
    }

    var testDescription: String { name }
}

@Suite("Products with packed weights agree with plain ones")
struct PanelTests {
    /// F32's rounding over 40,000 terms, relative to the largest value.
    private static let tolerance = 2e-5
    /// Half a unit in BF16's last place, 2⁻⁸, beside it.
    private static let rounding = 4e-3

    private func layer(_ weight: Tensor, _ table: PanelTable, taps: Int) throws -> LayerWeights {
        try LayerWeights(weight, taps: taps, table.options)
    }

    private func rounded(_ x: Tensor, _ table: PanelTable) -> Tensor {
        table.precision == .f32 ? x : Pass().widened(Pass().narrowed(x))
    }

    private func pass(_ table: PanelTable, _ tape: Tape? = nil) -> Pass { Pass(table.options, tape: tape) }

    @Test("values, with bias and residual", arguments: PanelTable.all, PanelCase.linear + PanelCase.convolution)
    func values(table: PanelTable, item: PanelCase) throws {
        let (x, weight) = (rounded(item.input, table), rounded(item.weight, table))
        let plain = Pass().convolution(x, weight: weight, bias: item.bias, item.geometry)
        let residual = random(plain.shape, seed: 53)
        let taps = item.geometry.kernel * item.geometry.kernel
        let y = pass(table).convolution(
            x, try layer(weight, table, taps: taps), item.geometry, ProductEnd(bias: item.bias, residual: residual))
        expectEqual(y.values, Pass().add(plain, residual).values.map(Double.init), tolerance: Self.tolerance)
    }

    @Test("results in BF16", arguments: PanelCase.linear + PanelCase.convolution)
    func narrowResult(item: PanelCase) throws {
        let plain = Pass().convolution(item.input, weight: item.weight, bias: item.bias, item.geometry)
        for table in PanelTable.all where table.precision == .f32 {
            let taps = item.geometry.kernel * item.geometry.kernel
            let y = pass(table).convolution(
                item.input, try layer(item.weight, table, taps: taps), item.geometry,
                ProductEnd(bias: item.bias, as: .bf16))
            #expect(y.element == .bf16)
            expectEqual(y.values, plain.values.map(Double.init), tolerance: Self.tolerance + Self.rounding)
        }
    }

    @Test("a bias for every image", arguments: PanelTable.all)
    func biasPerImage(table: PanelTable) throws {
        let item = PanelCase(
            size: [3, 5, 7], inputs: 8, outputs: 70, geometry: ConvolutionGeometry(kernel: 3, padding: 1))
        let (x, weight) = (rounded(item.input, table), rounded(item.weight, table))
        let rows = random([3, 70], seed: 54)
        let y = pass(table).convolution(
            x, try layer(weight, table, taps: 9), item.geometry, ProductEnd(bias: rows))
        let plain = Pass().convolution(x, weight: weight, bias: nil, item.geometry)
        expectEqual(y.values, Pass().addPerImage(plain, rows).values.map(Double.init), tolerance: Self.tolerance)
    }

    @Test("a map that is enlarged as it is read", arguments: PanelTable.all, [[6, 10], [7, 9]])
    func enlarged(table: PanelTable, size: [Int]) throws {
        let item = PanelCase(
            size: [2, 3, 5], inputs: 6, outputs: 12, geometry: ConvolutionGeometry(kernel: 3, padding: 1))
        let (x, weight) = (rounded(item.input, table), rounded(item.weight, table))
        let y = pass(table).convolution(
            x, try layer(weight, table, taps: 9), item.geometry, enlarged: (size[0], size[1]))
        let large = Pass().nearest(x, height: size[0], width: size[1])
        let plain = Pass().convolution(large, weight: weight, bias: nil, item.geometry)
        #expect(y.shape == plain.shape)
        expectEqual(y.values, plain.values.map(Double.init), tolerance: Self.tolerance)
    }

    @Test("gated halves in turns", arguments: PanelTable.all, [1, 13, 400])
    func gates(table: PanelTable, rows: Int) throws {
        let item = PanelCase(size: [1, 1, rows], inputs: 40, outputs: 128)
        let (x, weight) = (rounded(item.input, table), rounded(item.weight, table))
        let packed = try layer(weight, table, taps: 1)
        let y = pass(table).linear(x, packed, ProductEnd(bias: item.bias, gates: true))
        let plain = Pass().geglu(
            Pass().linear(x, weight: weight.reshaped([128, 40]), bias: item.bias), span: 32)
        #expect(y.shape == plain.shape)
        expectEqual(y.values, plain.values.map(Double.init), tolerance: Self.tolerance)
    }

    @Test("gradients of input and residual", arguments: PanelTable.all, PanelCase.linear + PanelCase.convolution)
    func gradients(table: PanelTable, item: PanelCase) throws {
        let weight = rounded(item.weight, table)
        let plainTape = Tape()
        let plainInput = plainTape.watch(item.input)
        let plain = Pass(tape: plainTape).convolution(plainInput, weight: weight, bias: item.bias, item.geometry)
        let seed = rounded(random(plain.shape, seed: 55), table)
        let expected = plainTape.gradient(of: plain, seed: seed, withRespectTo: plainInput)

        let tape = Tape()
        let input = tape.watch(item.input)
        let residual = random(plain.shape, seed: 56)
        let taps = item.geometry.kernel * item.geometry.kernel
        let y = pass(table, tape).convolution(
            input, try layer(weight, table, taps: taps), item.geometry, ProductEnd(residual: residual))
        let gradient = tape.gradient(of: y, seed: seed, withRespectTo: input)
        expectEqual(gradient.values, expected.values.map(Double.init), tolerance: Self.tolerance)

        let second = Tape()
        let watched = second.watch(residual)
        let z = pass(table, second).convolution(
            item.input, try layer(weight, table, taps: taps), item.geometry, ProductEnd(residual: watched))
        #expect(second.gradient(of: z, seed: seed, withRespectTo: watched).values == seed.values)
    }

    /// Transformed inputs and weights are rounded again, and the results are sums of nine products.
    private func winogradTolerance(_ table: PanelTable) -> Double { table.precision == .f32 ? Self.tolerance : 1.5e-2 }

    @Test("Winograd's values, with bias for every image and residual", arguments: PanelTable.all, PanelCase.winograd)
    func winograd(table: PanelTable, item: PanelCase) throws {
        let rows = random([item.size[0], item.outputs], seed: 57)
        let plain = Pass().convolution(item.input, weight: item.weight, bias: nil, item.geometry)
        let residual = random(plain.shape, seed: 53)
        let layer = try LayerWeights(winograd: item.weight, table.options)
        let y = pass(table).convolution(
            item.input, layer, item.geometry, ProductEnd(bias: rows, residual: residual))
        let expected = Pass().add(Pass().addPerImage(plain, rows), residual)
        expectEqual(y.values, expected.values.map(Double.init), tolerance: winogradTolerance(table))
    }

    @Test("Winograd's gradients", arguments: PanelTable.all, PanelCase.winograd)
    func winogradGradients(table: PanelTable, item: PanelCase) throws {
        let layer = try LayerWeights(winograd: item.weight, table.options)
        let (plainTape, tape) = (Tape(), Tape())
        let (plainInput, input) = (plainTape.watch(item.input), tape.watch(item.input))
        let plain = Pass(tape: plainTape).convolution(plainInput, weight: item.weight, bias: nil, item.geometry)
        let y = pass(table, tape).convolution(input, layer, item.geometry)
        let seed = random(plain.shape, seed: 55)
        let expected = plainTape.gradient(of: plain, seed: seed, withRespectTo: plainInput)
        let gradient = tape.gradient(of: y, seed: seed, withRespectTo: input)
        expectEqual(gradient.values, expected.values.map(Double.init), tolerance: winogradTolerance(table))
    }

    @Test("Winograd's convolution of a map that is enlarged as it is read", arguments: PanelTable.all)
    func winogradEnlarged(table: PanelTable) throws {
        let item = PanelCase.winograd[1]
        let layer = try LayerWeights(winograd: item.weight, table.options)
        let size = (height: 2 * item.size[1] + 1, width: 2 * item.size[2])
        let y = pass(table).convolution(item.input, layer, item.geometry, enlarged: size)
        let large = Pass().nearest(item.input, height: size.height, width: size.width)
        let plain = Pass().convolution(large, weight: item.weight, bias: nil, item.geometry)
        expectEqual(y.values, plain.values.map(Double.init), tolerance: winogradTolerance(table))
    }

    @Test("a precision that the CPU lacks is refused, not replaced")
    func refused() {
        guard LayerWeights.kernelNames(.bf16).isEmpty else { return }
        #expect(throws: EngineError.self) {
            try LayerWeights(random([4, 4], seed: 1), EngineOptions(precision: .bf16))
        }
    }
}
