// The structure term of structural similarity (Wang et al. 2004) over latents: in every window, what the guess and the
// clean latent change together by what either changes, each summed over the channels. It asks for lines where the
// sketch has them, as strong as they are there; a squared error would have uncertain ones paler.
// `structure` in Training/limner_training/losses.py is the same.

/// One less the structure term, and its gradient.
struct LatentStructure {
    private let clean: Tensor
    private let cleanMean: Tensor
    private let cleanVariance: Tensor

    /// Side of the window.
    private static let side = 5
    /// Variances well below this count as none.
    private static let still: Float = 0.04

    /// - Parameter clean: what should come out, [batch, height, width, channels].
    init(clean: Tensor) {
        self.clean = clean
        cleanMean = WindowMean.mean(clean, Self.side)
        cleanVariance = Self.covariance(clean, clean, cleanMean, cleanMean)
    }

    /// The loss of `guess`, shaped as the clean latent, and its gradient.
    ///
    /// With N = 2·cov + k and D = var + var₀ + k, N/D's share is meanᵀ of what N and D weigh at each place.
    func callAsFunction(_ guess: Tensor) -> (loss: Double, gradient: Tensor) {
        let mean = WindowMean.mean(guess, Self.side)
        let both = Self.covariance(guess, clean, mean, cleanMean)
        let variance = Self.covariance(guess, guess, mean, mean)
        let channels = guess.shape[3]
        let places = guess.count / channels
        var sum = 0.0
        let (towards, away) = (Tensor(uninitialized: guess.shape), Tensor(uninitialized: guess.shape))
        for place in 0..<places {
            let (above, below) = Self.ratio(both, variance, cleanVariance, place, channels)
            sum += Double(above / below)
            for i in place * channels..<(place + 1) * channels {
                towards.pointer[i] = -2 / below / Float(places)
                away.pointer[i] = -2 * above / (below * below) / Float(places)
            }
        }
        return (1 - sum / Double(places), gradient(guess, mean, towards, away))
    }

    /// meanᵀ(towards)·clean − meanᵀ(towards·clean's mean), less the same of `away` with the guess.
    private func gradient(_ guess: Tensor, _ mean: Tensor, _ towards: Tensor, _ away: Tensor) -> Tensor {
        let side = Self.side
        let (nearer, farther) = (WindowMean.adjoint(towards, side), WindowMean.adjoint(away, side))
        let rest = Tensor(uninitialized: guess.shape)
        for i in 0..<guess.count {
            rest.pointer[i] = towards.pointer[i] * cleanMean.pointer[i] - away.pointer[i] * mean.pointer[i]
        }
        let means = WindowMean.adjoint(rest, side)
        for i in 0..<guess.count {
            rest.pointer[i] =
                nearer.pointer[i] * clean.pointer[i] - farther.pointer[i] * guess.pointer[i] - means.pointer[i]
        }
        return rest
    }

    /// N and D at one place.
    private static func ratio(
        _ both: Tensor, _ one: Tensor, _ other: Tensor, _ place: Int, _ channels: Int
    ) -> (Float, Float) {
        var (above, below) = (still, still)
        for i in place * channels..<(place + 1) * channels {
            above += 2 * both.pointer[i]
            below += one.pointer[i] + other.pointer[i]
        }
        return (above, below)
    }

    /// mean(x·y) − mean(x)·mean(y) over the window, per channel.
    private static func covariance(_ x: Tensor, _ y: Tensor, _ meanX: Tensor, _ meanY: Tensor) -> Tensor {
        let product = Tensor(uninitialized: x.shape)
        for i in 0..<x.count { product.pointer[i] = x.pointer[i] * y.pointer[i] }
        let covariance = WindowMean.mean(product, side)
        for i in 0..<x.count { covariance.pointer[i] -= meanX.pointer[i] * meanY.pointer[i] }
        return covariance
    }
}
