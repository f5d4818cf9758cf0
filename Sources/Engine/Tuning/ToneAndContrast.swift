// What tuning can ask of the predicted clean latent instead of a squared error: the tone of every neighbourhood, its
// contrast, a little of every value's place, and its structure. A squared error alone fades strokes and lines whose exact place cannot be
// known from the photo, until paper is all that is left of them. docs/decisions/0009-tone-and-contrast.md has the numbers;
// `tone_and_contrast` in Training/limner_training/losses.py is the same.

/// The objective on the clean latent and its gradient.
package struct ToneAndContrast {
    private let clean: Tensor
    private let wantedTone: Tensor
    private let wantedContrast: Tensor
    private let structure: LatentStructure

    /// Weights of contrast, of single values and of structure beside tone's 1.
    private static let (contrastWeight, valueWeight, structureWeight): (Float, Float, Float) = (3, 0.3, 0.7)
    /// Side of the window whose mean a contrast is measured against, and of the one tone and contrast are measured over.
    private static let (fine, wide) = (3, 9)
    /// Added to the mean square before its root.
    private static let epsilon: Float = 1e-4

    /// - Parameter clean: what should come out, [batch, height, width, channels].
    package init(clean: Tensor) {
        self.clean = clean
        wantedTone = WindowMean.mean(clean, Self.wide)
        wantedContrast = Self.contrast(clean).value
        structure = LatentStructure(clean: clean)
    }

    /// The loss of `guess`, shaped as the clean latent, and its gradient.
    package func callAsFunction(_ guess: Tensor) -> (loss: Double, gradient: Tensor) {
        let value = Self.distance(guess, clean, weight: Self.valueWeight)
        let tone = Self.distance(WindowMean.mean(guess, Self.wide), wantedTone, weight: 1)
        let (fine, measured) = Self.contrast(guess)
        let contrast = Self.distance(measured, wantedContrast, weight: Self.contrastWeight)
        let (tones, contrasts) = (
            WindowMean.adjoint(tone.slope, Self.wide), Self.contrastAdjoint(contrast.slope, fine, measured)
        )
        let (unlike, structures) = structure(guess)
        let gradient = value.slope
        for i in 0..<guess.count {
            gradient.pointer[i] +=
                tones.pointer[i] + contrasts.pointer[i] + Self.structureWeight * structures.pointer[i]
        }
        return (value.loss + tone.loss + contrast.loss + Double(Self.structureWeight) * unlike, gradient)
    }

    /// weight · mean |x − y| and its derivative by x.
    private static func distance(_ x: Tensor, _ y: Tensor, weight: Float) -> (loss: Double, slope: Tensor) {
        let slope = Tensor(uninitialized: x.shape)
        let share = weight / Float(x.count)
        var sum = 0.0
        for i in 0..<x.count {
            let difference = x.pointer[i] - y.pointer[i]
            sum += Double(abs(difference))
            slope.pointer[i] = difference > 0 ? share : difference < 0 ? -share : 0
        }
        return (sum * Double(share), slope)
    }

    /// With s = √e, e the mean of f² and f = x − mean(x): f's share is 2f·meanᵀ(ds/2s), and x's that less meanᵀ of it.
    private static func contrastAdjoint(_ ds: Tensor, _ fine: Tensor, _ value: Tensor) -> Tensor {
        for i in 0..<ds.count { ds.pointer[i] /= 2 * value.pointer[i] }
        let share = WindowMean.adjoint(ds, wide)
        for i in 0..<share.count { share.pointer[i] *= 2 * fine.pointer[i] }
        let rest = WindowMean.adjoint(share, Self.fine)
        for i in 0..<share.count { share.pointer[i] -= rest.pointer[i] }
        return share
    }

    /// What the small window's mean leaves, and the root of its mean square over the wide window.
    private static func contrast(_ x: Tensor) -> (fine: Tensor, value: Tensor) {
        let (rest, squares) = (WindowMean.mean(x, fine), Tensor(uninitialized: x.shape))
        for i in 0..<x.count {
            rest.pointer[i] = x.pointer[i] - rest.pointer[i]
            squares.pointer[i] = rest.pointer[i] * rest.pointer[i]
        }
        let value = WindowMean.mean(squares, wide)
        for i in 0..<x.count { value.pointer[i] = (value.pointer[i] + epsilon).squareRoot() }
        return (rest, value)
    }
}
