// The two filters that work on tones: a photo over its blur, and a difference of two blurs.
import Glibc

/// A colour dodge of the photo by its blurred negative: min(255, 255 g / blur(g)), the blur at least 1.
func dodgedAndBurned(_ photo: Plane, sigma: Double) -> Plane {
    photo.merged(with: photo.blurred(sigma: sigma)) { min(255, 255 * $0 / max($1, 1)) }
}

/// The extended difference of Gaussians (Winnemöller, Kyprianidis and Olsen 2012, equations 5 and 7), of a photo in
/// 0…1: S = (1 + p) G(σ) − p G(kσ), then 1 where S ≥ ε and 1 + tanh(φ (S − ε)) elsewhere, times 255.
func extendedDifference(_ photo: Plane, sigma: Double, k: Double, p: Double, epsilon: Double, phi: Double) -> Plane {
    photo.blurred(sigma: sigma).merged(with: photo.blurred(sigma: k * sigma)) { fine, coarse in
        let sharpened = ((1 + p) * fine - p * coarse) / 255
        return sharpened >= epsilon ? 255 : 255 * (1 + tanh(phi * (sharpened - epsilon)))
    }
}
