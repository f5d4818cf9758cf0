// Classifier-free guidance with two conditions (Brooks, Holynski and Efros 2023, eq. 3): three predictions for one
// noisy latent, combined so that instruction and photo each have a strength of their own.

/// How strongly instruction and photo are followed.
public struct Guidance: Sendable, Equatable {
    /// s_T; at 1 or below there is no guidance at all, as in diffusers.
    public var text: Float
    /// s_I; below 1 there is no guidance at all, as in diffusers.
    public var image: Float

    public init(text: Float, image: Float) {
        self.text = text
        self.image = image
    }

    /// Whether the branches without instruction and without photo are looked at.
    package var isActive: Bool { text > 1 && image >= 1 }

    /// How many branches a prediction needs: with s_I = 1 the one without a photo cancels out.
    package var branches: Int { isActive ? (image == 1 ? 2 : 3) : 1 }

    /// ε(∅,0) + s_I (ε(∅,I) − ε(∅,0)) + s_T (ε(T,I) − ε(∅,I)).
    package func combine(instructed: Tensor, photo: Tensor, unconditional: Tensor) -> Tensor {
        let result = Tensor(uninitialized: instructed.shape)
        for i in 0..<result.count {
            let (e, p, u) = (instructed.pointer[i], photo.pointer[i], unconditional.pointer[i])
            result.pointer[i] = u + text * (e - p) + image * (p - u)
        }
        return result
    }

    /// The e* for which MSE(guided, target) = s_T²·MSE(ε(T,I), e*): i + (target − u − s_I (i − u))/s_T.
    package func branchTarget(_ target: Tensor, photo: Tensor, unconditional: Tensor) -> Tensor {
        let result = Tensor(uninitialized: target.shape)
        for i in 0..<result.count {
            let (n, p, u) = (target.pointer[i], photo.pointer[i], unconditional.pointer[i])
            result.pointer[i] = p + (n - u - image * (p - u)) / text
        }
        return result
    }
}
