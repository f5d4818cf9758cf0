// Layer norm over the last axis and group norm over a group's channels at every position, the latter with SiLU folded
// in, since the two stand together everywhere in the UNet and the autoencoder; and the scale and shift that follow the
// norm where the embedding conditions it.
import CKernels

extension Pass {
    /// (x − mean)/√(variance + ε)·gamma + beta over each row of x [.., width].
    package func layerNorm(
        _ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Float, as element: Precision = .f32
    ) -> Tensor {
        let times = timing(.norm)
        defer { times?.end() }
        let width = x.width
        let (y, kept) = (tensor(x.shape, element), placeForAdjoint(x))
        parallel(x.rows, grain: rowsPerPiece(width)) { rows in
            let start = rows.lowerBound * width
            keep(x, in: kept, start, rows.count * width)
            kernels.layer_norm(
                x.pointer + start, gamma.pointer, beta.pointer, y.memory + start * element.width, rows.count, width,
                epsilon, element == .bf16 ? 1 : 0)
        }
        return recorded(y, from: x) { [place = x.place, x = kept] dy, gradients in
            // with x̂ = (x − m)·i and g = dy·gamma: dx = i·(g − mean(g) − x̂·mean(g·x̂))
            let dx = tensor(x.shape)
            parallel(x.rows, grain: rowsPerPiece(width)) { rows in
                let start = rows.lowerBound * width
                withFloats(x, start, rows.count * width) { x in
                    kernels.layer_norm_adjoint(
                        x, gamma.pointer, dy.pointer + start, dx.pointer + start, rows.count, width, epsilon)
                }
            }
            gradients.add(dx, to: place)
        }
    }

    /// Group norm of x [batch, .., channels], F32 or BF16, in `groups` groups of neighbouring channels, then SiLU when asked.
    package func groupNorm(
        _ x: Tensor, gamma: Tensor, beta: Tensor, groups: Int, epsilon: Float, silu: Bool,
        as element: Precision = .f32
    ) -> Tensor {
        let times = timing(.norm)
        defer { times?.end() }
        let norm = GroupNorm(x: x, gamma: gamma, groups: groups)
        let (batch, rows, width) = (norm.batch, norm.rows, norm.width)
        let statistics = norm.statistics(self, epsilon: epsilon)
        // y = a·x + b per channel, a = gamma·i, b = beta − m·a
        var (a, b) = ([Float](), [Float]())
        for index in 0..<batch * width {
            let (mean, inverse) = statistics[index / norm.perGroup]
            a.append(gamma.pointer[index % width] * inverse)
            b.append(beta.pointer[index % width] - mean * a[index])
        }
        let (slope, offset) = (Tensor(a, shape: [batch, width]), Tensor(b, shape: [batch, width]))
        let (y, kept) = (tensor(x.shape, element), placeForAdjoint(x))
        eachImage(batch, rows, width) { image, start, count in
            keep(x, in: kept, start, count * width)
            affine(x, slope.pointer + image * width, offset.pointer + image * width, y, start, count, silu: silu)
        }
        return recorded(y, from: x) { [place = x.place, x = kept] dy, gradients in
            var dz = dy
            if silu {
                dz = tensor(x.shape)
                eachImage(batch, rows, width) { image, start, count in
                    withFloats(x, start, count * width) { x in
                        kernels.affine_silu_adjoint(
                            x, slope.pointer + image * width, offset.pointer + image * width, dy.pointer + start,
                            dz.pointer + start, count, width)
                    }
                }
            }
            let norm = GroupNorm(x: x, gamma: gamma, groups: groups)
            gradients.add(norm.adjoint(self, dz: dz, slope: a, statistics: statistics), to: place)
        }
    }

    /// SiLU(x·(1 + scale) + shift) at every position of x [batch, .., channels], with `modulation` [batch, 2·channels]
    /// = (scale | shift): diffusers' `resnet_time_scale_shift: "scale_shift"`.
    package func modulateSiLU(_ x: Tensor, by modulation: Tensor, as element: Precision = .f32) -> Tensor {
        let times = timing(.norm)
        defer { times?.end() }
        let (batch, width) = (x.shape[0], x.width)
        let rows = x.rows / batch
        precondition(modulation.shape == [batch, 2 * width], "\(modulation.shape) does not modulate \(x.shape)")
        let slopes = modulation.values.enumerated().map { $0 % (2 * width) < width ? 1 + $1 : $1 }
        let slope = Tensor(slopes, shape: modulation.shape)
        let y = tensor(x.shape, element)
        eachImage(batch, rows, width) { image, start, count in
            let row = slope.pointer + image * 2 * width
            affine(x, row, row + width, y, start, count, silu: true)
        }
        return recorded(y, from: x, modulation) { dy, gradients in
            // with z = x·a + b and dz = dy·SiLU'(z): dx = dz·a, da = Σ dz·x, db = Σ dz
            let (dz, dx) = (tensor(x.shape), tensor(x.shape))
            let none = [Float](repeating: 0, count: width)
            eachImage(batch, rows, width) { image, start, count in
                let row = slope.pointer + image * 2 * width
                kernels.affine_silu_adjoint(
                    x.pointer + start, row, row + width, dy.pointer + start, dz.pointer + start, count, width)
                kernels.affine(dz.pointer + start, row, none, dx.pointer + start, count, width, 0)
            }
            gradients.add(dx, to: x)
            let (sums, products) = channelSums(dz, x)
            let shares = tensor(modulation.shape)
            for image in 0..<batch {
                for channel in 0..<width {
                    shares.pointer[image * 2 * width + channel] = Float(products[image * width + channel])
                    shares.pointer[(image * 2 + 1) * width + channel] = Float(sums[image * width + channel])
                }
            }
            gradients.add(shares, to: modulation)
        }
    }

    /// What the adjoint of a norm of x keeps, to be filled by `keep`: x held as the inputs of products are, where something
    /// is recorded, and else x itself.
    private func placeForAdjoint(_ x: Tensor) -> Tensor {
        let isTracked = tape != nil && x.node != nil
        return isTracked && (x.element, precision) == (.f32, .bf16) ? tensor(x.shape, .bf16) : x.detached
    }

    /// Copies `count` values of x from number `start` on to where the adjoint finds them.
    private func keep(_ x: Tensor, in kept: Tensor, _ start: Int, _ count: Int) {
        if kept.element != x.element { kernels.narrow(x.pointer + start, kept.halves + start, count) }
    }

    /// y = x·a + b per channel over `count` rows from value `start` on, in whatever y is held in.
    private func affine(
        _ x: Tensor, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ y: Tensor, _ start: Int, _ count: Int,
        silu: Bool
    ) {
        let activation = Int32(silu ? 1 : 0)
        withFloats(x, start, count * x.width) { source in
            switch y.element {
            case .f32: kernels.affine(source, a, b, y.pointer + start, count, x.width, activation)
            case .bf16: kernels.affine_bf16(source, a, b, y.halves + start, count, x.width, activation)
            }
        }
    }

    /// `count` values of x from number `start` on in F32: where they lie, or widened beside.
    fileprivate func withFloats(_ x: Tensor, _ start: Int, _ count: Int, _ body: (UnsafePointer<Float>) -> Void) {
        guard x.element == .bf16 else { return body(x.pointer + start) }
        withScratch(of: Float.self, count) { wide in
            kernels.widen(x.halves + start, wide, count)
            body(wide)
        }
    }

    /// Σ x and Σ x·y per image and channel of x and y [batch, .., width]; [batch · width] each. x is F32, or y itself.
    func channelSums(_ x: Tensor, _ y: Tensor) -> (sums: [Double], products: [Double]) {
        let (batch, width) = (x.shape[0], x.width)
        let rows = x.rows / batch
        let pieces = min(rows, 16)
        let grain = (rows + pieces - 1) / pieces
        let used = (rows + grain - 1) / grain
        var partial = [Double](repeating: 0, count: batch * used * 2 * width)
        partial.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let base = buffer.baseAddress!
            parallel(batch * used, grain: 1) { task in
                let (image, piece) = (task.lowerBound / used, task.lowerBound % used)
                let target = base + task.lowerBound * 2 * width
                let (first, end) = (piece * grain, min((piece + 1) * grain, rows))
                for row in stride(from: first, to: end, by: rowsPerPiece(width)) {
                    let (start, count) = ((image * rows + row) * width, min(rowsPerPiece(width), end - row))
                    withFloats(y, start, count * width) { other in
                        let one = x.element == .f32 ? UnsafePointer(x.pointer + start) : other
                        kernels.channel_sums(one, other, count, width, target, target + width)
                    }
                }
            }
        }
        var (sums, products) = (
            [Double](repeating: 0, count: batch * width), [Double](repeating: 0, count: batch * width)
        )
        for task in 0..<batch * used {
            for channel in 0..<width {
                sums[task / used * width + channel] += partial[task * 2 * width + channel]
                products[task / used * width + channel] += partial[task * 2 * width + width + channel]
            }
        }
        return (sums, products)
    }

    /// Runs `body(image, first value, rows)` over pieces of every image.
    fileprivate func eachImage(_ batch: Int, _ rows: Int, _ width: Int, _ body: (Int, Int, Int) -> Void) {
        for image in 0..<batch {
            parallel(rows, grain: rowsPerPiece(width)) { part in
                body(image, (image * rows + part.lowerBound) * width, part.count)
            }
        }
    }
}

/// The sizes of one group norm and its sums.
private struct GroupNorm {
    let x: Tensor
    let gamma: Tensor
    let batch: Int
    let rows: Int
    let width: Int
    let perGroup: Int

    init(x: Tensor, gamma: Tensor, groups: Int) {
        self.x = x
        self.gamma = gamma
        batch = x.shape[0]
        width = x.width
        rows = x.rows / batch
        perGroup = width / groups
        precondition(width % groups == 0, "\(width) channels do not split into \(groups) groups")
    }

    private var valuesPerGroup: Double { Double(rows * perGroup) }

    /// Mean and 1/√(variance + ε) of every group, [batch · groups].
    func statistics(_ pass: Pass, epsilon: Float) -> [(mean: Float, inverse: Float)] {
        let (sums, squares) = pass.channelSums(x, x)
        return stride(from: 0, to: batch * width, by: perGroup).map { first in
            let mean = sums[first..<first + perGroup].reduce(0, +) / valuesPerGroup
            let variance = squares[first..<first + perGroup].reduce(0, +) / valuesPerGroup - mean * mean
            return (Float(mean), Float(1 / (max(variance, 0) + Double(epsilon)).squareRoot()))
        }
    }

    /// With x̂ = (x − m)·i and g = dz·gamma: dx = i·(g − mean(g) − x̂·mean(g·x̂)), means over the group;
    /// as dx = p·dz + q·x + s per channel.
    func adjoint(_ pass: Pass, dz: Tensor, slope: [Float], statistics: [(mean: Float, inverse: Float)]) -> Tensor {
        let (sums, products) = pass.channelSums(dz, x)
        var (q, s) = ([Float](repeating: 0, count: batch * width), [Float](repeating: 0, count: batch * width))
        for first in stride(from: 0, to: batch * width, by: perGroup) {
            let (mean, inverse) = (
                Double(statistics[first / perGroup].mean), Double(statistics[first / perGroup].inverse)
            )
            var (meanG, meanGX) = (0.0, 0.0)
            for channel in first..<first + perGroup {
                let weight = Double(gamma.pointer[channel % width])
                meanG += weight * sums[channel] / valuesPerGroup
                meanGX += weight * inverse * (products[channel] - mean * sums[channel]) / valuesPerGroup
            }
            for channel in first..<first + perGroup {
                q[channel] = Float(-inverse * inverse * meanGX)
                s[channel] = Float(inverse * (mean * inverse * meanGX - meanG))
            }
        }
        let dx = pass.tensor(x.shape)
        pass.eachImage(batch, rows, width) { image, start, count in
            let channel = image * width
            pass.withFloats(x, start, count * width) { x in
                pass.kernels.affine_pair(
                    dz.pointer + start, x, Array(slope[channel..<channel + width]),
                    Array(q[channel..<channel + width]), Array(s[channel..<channel + width]), dx.pointer + start,
                    count, width)
            }
        }
        return dx
    }
}
