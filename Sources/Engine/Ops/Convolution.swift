// 2-D convolution on channels-last maps. With packed weights the products read the map where it lies. With OpenBLAS the
// forward gathers the pixels under the kernel of a tile of outputs into rows and multiplies them with the weights, and the
// adjoint is one product per kernel tap, gathered the other way; both tile by tile, so that memory does not grow with the
// picture.
import CKernels

/// Stride and zero padding of a convolution, in pixels.
package struct ConvolutionGeometry: Equatable {
    package var kernel: Int
    package var stride = 1
    package var before: Int
    package var after: Int

    /// A k×k kernel, `padding` on each side.
    package init(kernel: Int, stride: Int = 1, padding: Int) {
        (self.kernel, self.stride, before, after) = (kernel, stride, padding, padding)
    }

    /// 3×3, stride 2, padded below and to the right alone: the autoencoder's downsampler.
    package static let downsampleAfter = {
        var geometry = ConvolutionGeometry(kernel: 3, stride: 2, padding: 0)
        geometry.after = 1
        return geometry
    }()

    func output(_ size: Int) -> Int { (size + before + after - kernel) / stride + 1 }
}

extension Pass {
    /// x [batch, height, width, inputs] → [batch, height′, width′, outputs], with packed weights or plain ones.
    /// - Parameter enlarged: the size that x is brought to first, each pixel taking its nearest below.
    package func convolution(
        _ x: Tensor, _ weights: LayerWeights, _ geometry: ConvolutionGeometry, _ end: ProductEnd = ProductEnd(),
        enlarged: (height: Int, width: Int)? = nil
    ) -> Tensor {
        let times = timing(.convolution)
        defer { times?.end() }
        let isTracked = tape != nil && x.node != nil
        guard case .panels(let panels) = weights, enlarged == nil || !isTracked else {
            let map = enlarged.map { nearest(x, height: $0.height, width: $0.width) } ?? x
            guard case .plain(let weight) = weights else { return convolution(map, weights, geometry, end) }
            return ended(convolution(map, weight: weight, bias: end.sharedBias, geometry), end)
        }
        let source = fed(x, to: panels)
        precondition(
            source.width == panels.fed(panels.inputs), "a convolution of \(panels.inputs) inputs got \(x.shape)")
        let map = (height: x.shape[1], width: x.shape[2])
        let seen = enlarged ?? map
        let y = tensor(
            [x.shape[0], geometry.output(seen.height), geometry.output(seen.width), panels.outputs], end.element)
        let bytes = source.width * source.element.width
        withExtendedLifetime(source) {
            if panels.taps == Winograd.taps {
                let windows = PixelRows(
                    windowsOf: map, seen: seen, base: source.memory, bytes: bytes, zeros: panels.zeros)
                winogradProduct(windows, panels, into: y, end)
            } else {
                let rows = PixelRows(
                    forward: geometry, map: map, seen: seen, base: source.memory, bytes: bytes, zeros: panels.zeros)
                panelProduct(rows, panels, into: y, end)
            }
        }
        return recorded(y, from: x, end.residual) { [x = x.place, residual = end.residual?.place] dy, gradients in
            gradients.add(convolutionAdjoint(dy, panels, geometry, x.shape), to: x)
            gradients.add(dy, to: residual)
        }
    }

    private func convolutionAdjoint(
        _ dy: Tensor, _ weights: PanelWeights, _ geometry: ConvolutionGeometry, _ shape: [Int]
    ) -> Tensor {
        let (upstream, dx, map) = (fed(dy, to: weights), tensor(shape), (height: shape[1], width: shape[2]))
        let bytes = upstream.width * upstream.element.width
        withExtendedLifetime(upstream) {
            if weights.taps == Winograd.taps {
                let windows = PixelRows(
                    windowsOf: map, seen: map, base: upstream.memory, bytes: bytes, zeros: weights.zeros)
                winogradProduct(windows, weights, transposed: true, into: dx, ProductEnd())
            } else {
                let rows = PixelRows(
                    adjoint: geometry, of: map, base: upstream.memory, bytes: bytes, zeros: weights.zeros)
                panelAdjoint(rows, weights, into: dx)
            }
        }
        return dx
    }

    /// x [batch, height, width, inputs] → [batch, height′, width′, outputs] by OpenBLAS; weight [outputs, kernel, kernel, inputs].
    package func convolution(_ x: Tensor, weight: Tensor, bias: Tensor?, _ geometry: ConvolutionGeometry) -> Tensor {
        let times = timing(.convolution)
        defer { times?.end() }
        if geometry == ConvolutionGeometry(kernel: 1, padding: 0) {
            return linear(x, weight: weight.reshaped([weight.shape[0], weight.width]), bias: bias)
        }
        let plan = Convolution(x: x.shape, weight: weight, geometry: geometry)
        let y = plan.forward(self, x, bias: bias)
        return recorded(y, from: x) { [x = x.place] dy, gradients in
            gradients.add(plan.adjoint(self, dy), to: x)
        }
    }
}

/// The sizes of one convolution.
private struct Convolution {
    let x: [Int]
    let y: [Int]
    let weight: Tensor
    let geometry: ConvolutionGeometry

    /// Gathered values of one tile: 2¹⁸, a core's second-level cache.
    private static let gatheredPerTile = 1 << 18

    init(x: [Int], weight: Tensor, geometry: ConvolutionGeometry) {
        self.x = x
        self.weight = weight
        self.geometry = geometry
        y = [x[0], geometry.output(x[1]), geometry.output(x[2]), weight.shape[0]]
        precondition(weight.width == x[3], "a convolution of \(weight.shape) got \(x)")
    }

    private var taps: Int { geometry.kernel * geometry.kernel }
    private var inputs: Int { x[3] }
    private var outputs: Int { y[3] }

    /// Pixels per tile: as many as fill the cache, but enough chunks for every core.
    private func tile(_ pixels: Int, rowLength: Int, pass: Pass) -> Int {
        min(max(32, Self.gatheredPerTile / rowLength), pass.grain(pixels, smallest: 32))
    }

    func forward(_ pass: Pass, _ source: Tensor, bias: Tensor?) -> Tensor {
        let result = pass.tensor(y)
        let rowLength = taps * inputs
        let pixels = y[0] * y[1] * y[2]
        pass.parallel(pixels, grain: tile(pixels, rowLength: rowLength, pass: pass)) { tile in
            let target = result.pointer + tile.lowerBound * outputs
            if let bias {
                for pixel in 0..<tile.count { (target + pixel * outputs).update(from: bias.pointer, count: outputs) }
            }
            withUnsafeTemporaryAllocation(of: Float.self, capacity: tile.count * rowLength) { rows in
                gather(source.pointer, tile, into: rows.baseAddress!)
                multiply(
                    Matrix(pointer: rows.baseAddress!, stride: rowLength),
                    Matrix(pointer: weight.pointer, stride: rowLength, transposed: true), into: target,
                    stride: outputs, rows: tile.count, inner: rowLength, columns: outputs, beta: bias == nil ? 0 : 1)
            }
        }
        return result
    }

    /// The inputs under the kernel of each output pixel, [pixels, kernel, kernel, inputs], zero outside the map.
    private func gather(_ source: UnsafePointer<Float>, _ pixels: Range<Int>, into rows: UnsafeMutablePointer<Float>) {
        var target = rows
        for pixel in pixels {
            let image = source + pixel / (y[1] * y[2]) * x[1] * x[2] * inputs
            let top = pixel / y[2] % y[1] * geometry.stride - geometry.before
            let left = pixel % y[2] * geometry.stride - geometry.before
            for row in top..<top + geometry.kernel {
                let from = max(left, 0)
                let to = min(left + geometry.kernel, x[2])
                if row < 0 || row >= x[1] || from >= to {
                    target.update(repeating: 0, count: geometry.kernel * inputs)
                } else {
                    target.update(repeating: 0, count: (from - left) * inputs)
                    (target + (from - left) * inputs).update(
                        from: image + (row * x[2] + from) * inputs, count: (to - from) * inputs)
                    (target + (to - left) * inputs).update(repeating: 0, count: (left + geometry.kernel - to) * inputs)
                }
                target += geometry.kernel * inputs
            }
        }
    }

    /// y[o] = Σ_tap W[tap]·x[o·stride + tap − before] + b  ⇒  dx[i] = Σ_tap W[tap]ᵀ·dy[(i + before − tap)/stride],
    /// over the taps for which that is a whole pixel of the output.
    func adjoint(_ pass: Pass, _ dy: Tensor) -> Tensor {
        let dx = pass.tensor(x)
        let pixels = x[0] * x[1] * x[2]
        pass.parallel(pixels, grain: tile(pixels, rowLength: outputs, pass: pass)) { tile in
            let target = dx.pointer + tile.lowerBound * inputs
            target.update(repeating: 0, count: tile.count * inputs)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: tile.count * outputs) { rows in
                for tap in 0..<taps {
                    guard gatherAdjoint(dy.pointer, tile, tap: tap, into: rows.baseAddress!) else { continue }
                    multiply(
                        Matrix(pointer: rows.baseAddress!, stride: outputs),
                        Matrix(pointer: weight.pointer + tap * inputs, stride: taps * inputs), into: target,
                        stride: inputs, rows: tile.count, inner: outputs, columns: inputs, beta: 1)
                }
            }
        }
        return dx
    }

    /// The output gradient that reaches each input pixel through `tap`, zero where none does; false when none does at all.
    private func gatherAdjoint(
        _ source: UnsafePointer<Float>, _ pixels: Range<Int>, tap: Int, into rows: UnsafeMutablePointer<Float>
    ) -> Bool {
        var reached = false
        for (index, pixel) in pixels.enumerated() {
            let target = rows + index * outputs
            let row = pixel / x[2] % x[1] + geometry.before - tap / geometry.kernel
            let column = pixel % x[2] + geometry.before - tap % geometry.kernel
            let (i, j) = (row / geometry.stride, column / geometry.stride)
            guard row >= 0, column >= 0, row % geometry.stride == 0, column % geometry.stride == 0, i < y[1], j < y[2]
            else {
                target.update(repeating: 0, count: outputs)
                continue
            }
            let image = source + pixel / (x[1] * x[2]) * y[1] * y[2] * outputs
            target.update(from: image + (i * y[2] + j) * outputs, count: outputs)
            reached = true
        }
        return reached
    }
}
