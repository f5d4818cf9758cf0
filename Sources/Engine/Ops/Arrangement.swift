// Ops that move values about: joining channels (skip connections), enlarging a map, a class token before the others.
import CKernels

extension Pass {
    /// a [.., p] and b [.., q] → [.., p + q].
    package func concatenate(_ a: Tensor, _ b: Tensor) -> Tensor {
        let times = timing(.copy)
        defer { times?.end() }
        precondition(a.rows == b.rows, "\(a.shape) and \(b.shape) cannot be joined along channels")
        let (p, q) = (a.width, b.width)
        let y = tensor(a.shape.dropLast() + [p + q])
        parallel(a.rows, grain: rowsPerPiece(p + q)) { rows in
            for row in rows {
                (y.pointer + row * (p + q)).update(from: a.pointer + row * p, count: p)
                (y.pointer + row * (p + q) + p).update(from: b.pointer + row * q, count: q)
            }
        }
        return recorded(y, from: a, b) { [a = a.place, b = b.place] dy, gradients in
            gradients.add(channels(dy, 0..<p, shape: a.shape), to: a)
            gradients.add(channels(dy, p..<p + q, shape: b.shape), to: b)
        }
    }

    /// The part `range` of the last axis.
    private func channels(_ x: Tensor, _ range: Range<Int>, shape: [Int]) -> Tensor {
        let y = tensor(shape)
        parallel(y.rows, grain: rowsPerPiece(range.count)) { rows in
            for row in rows {
                (y.pointer + row * range.count).update(
                    from: x.pointer + row * x.width + range.lowerBound, count: range.count)
            }
        }
        return y
    }

    /// x [batch, n, width] → [batch, n + 1, width]: before the rows, their mean plus `offset` [width].
    package func prependMean(_ x: Tensor, plus offset: Tensor) -> Tensor {
        let times = timing(.copy)
        defer { times?.end() }
        let (batch, n, width) = (x.shape[0], x.shape[1], x.width)
        let y = tensor([batch, n + 1, width])
        let sum = sumPerImage(x)
        for image in 0..<batch {
            let target = y.pointer + image * (n + 1) * width
            for channel in 0..<width {
                target[channel] = sum.pointer[image * width + channel] / Float(n) + offset.pointer[channel]
            }
            (target + width).update(from: x.pointer + image * n * width, count: n * width)
        }
        return recorded(y, from: x) { [x = x.place] dy, gradients in
            let dx = tensor(x.shape)
            for row in 0..<batch * n {
                let image = dy.pointer + row / n * (n + 1) * width
                for channel in 0..<width {
                    dx.pointer[row * width + channel] =
                        image[(row % n + 1) * width + channel] + image[channel] / Float(n)
                }
            }
            gradients.add(dx, to: x)
        }
    }

    /// x [batch, n, width] → [batch, width]: the first row of each.
    package func firstRow(_ x: Tensor) -> Tensor {
        let times = timing(.copy)
        defer { times?.end() }
        let (batch, n, width) = (x.shape[0], x.shape[1], x.width)
        let y = tensor([batch, width])
        for image in 0..<batch {
            (y.pointer + image * width).update(from: x.pointer + image * n * width, count: width)
        }
        return recorded(y, from: x) { [x = x.place] dy, gradients in
            let dx = Tensor(repeating: 0, shape: x.shape)
            for image in 0..<batch {
                (dx.pointer + image * n * width).update(from: dy.pointer + image * width, count: width)
            }
            gradients.add(dx, to: x)
        }
    }

    /// x [batch, h, w, channels] → [batch, height, width, channels]; each pixel takes its nearest below,
    /// ⌊i·h/height⌋, as torch's nearest interpolation does.
    package func nearest(_ x: Tensor, height: Int, width: Int) -> Tensor {
        let times = timing(.copy)
        defer { times?.end() }
        let (batch, h, w, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        let y = tensor([batch, height, width, channels])
        parallel(batch * height, grain: rowsPerPiece(width * channels)) { rows in
            for row in rows {
                let source = x.pointer + (row / height * h + row % height * h / height) * w * channels
                let target = y.pointer + row * width * channels
                for column in 0..<width {
                    (target + column * channels).update(from: source + column * w / width * channels, count: channels)
                }
            }
        }
        return recorded(y, from: x) { [x = x.place] dy, gradients in
            // each input pixel gathers from every output pixel that took it
            let dx = Tensor(repeating: 0, shape: x.shape)
            for row in 0..<batch * height {
                let target = dx.pointer + (row / height * h + row % height * h / height) * w * channels
                for column in 0..<width {
                    let pixel = target + column * w / width * channels
                    kernels.add(pixel, dy.pointer + (row * width + column) * channels, pixel, channels)
                }
            }
            gradients.add(dx, to: x)
        }
    }
}
