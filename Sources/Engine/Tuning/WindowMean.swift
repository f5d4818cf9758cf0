// The mean over a square window of a latent map, and its adjoint, from which the terms of tuning's objective are made.
// `F.avg_pool2d(x, side, 1, side // 2, count_include_pad=False)` in PyTorch is the same.

/// Means of maps [batch, height, width, channels] over odd windows.
enum WindowMean {
    /// The mean over a window of `side` around each pixel, of those of its pixels that lie in the map.
    static func mean(_ x: Tensor, _ side: Int) -> Tensor { divided(sum(x, side), side) }

    /// Its adjoint.
    static func adjoint(_ dy: Tensor, _ side: Int) -> Tensor { sum(divided(dy, side), side) }

    private static func divided(_ x: Tensor, _ side: Int) -> Tensor {
        let (height, width, channels) = (x.shape[1], x.shape[2], x.shape[3])
        let reach = side / 2
        let inside = { (at: Int, count: Int) in min(at + reach, count - 1) - max(at - reach, 0) + 1 }
        let y = Tensor(uninitialized: x.shape)
        for i in 0..<x.count {
            let (column, row) = (i / channels % width, i / (channels * width) % height)
            y.pointer[i] = x.pointer[i] / Float(inside(column, width) * inside(row, height))
        }
        return y
    }

    /// Sums over the window, along rows and then along columns; what lies outside counts nothing.
    private static func sum(_ x: Tensor, _ side: Int) -> Tensor {
        let (height, width, channels) = (x.shape[1], x.shape[2], x.shape[3])
        return sum(sum(x, side, stride: channels, length: width), side, stride: channels * width, length: height)
    }

    /// Sums along one axis of `length` places that are `stride` values apart.
    private static func sum(_ x: Tensor, _ side: Int, stride: Int, length: Int) -> Tensor {
        let y = Tensor(repeating: 0, shape: x.shape)
        for i in 0..<x.count {
            let place = i / stride % length
            for other in max(place - side / 2, 0)...min(place + side / 2, length - 1) {
                y.pointer[i] += x.pointer[i + (other - place) * stride]
            }
        }
        return y
    }
}
