// Reproducible noise: the same seed gives the same numbers on every machine. SplitMix64 for bits (Steele, Lea and
// Flood 2014), Box–Muller in double for the normal distribution.
import Glibc

/// A stream of random numbers fixed by its seed.
public struct GaussianNoise: RandomNumberGenerator, Sendable {
    private var state: UInt64
    private var spare: Double?

    /// - Parameters:
    ///   - seed: names the stream.
    ///   - stream: independent streams of one seed, for what must not change when something else draws more.
    public init(seed: UInt64, stream: UInt64 = 0) {
        state = seed &+ stream &* 0xD1B5_4A32_D192_ED03
        _ = next()
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// One draw from N(0, 1).
    public mutating func normal() -> Double {
        if let value = spare {
            spare = nil
            return value
        }
        let radius = (-2 * log(1 - uniform())).squareRoot()
        let angle = 2 * Double.pi * uniform()
        spare = radius * sin(angle)
        return radius * cos(angle)
    }

    /// A tensor of draws from N(0, 1).
    public mutating func tensor(_ shape: [Int]) -> Tensor {
        let tensor = Tensor(uninitialized: shape)
        for i in 0..<tensor.count { tensor.pointer[i] = Float(normal()) }
        return tensor
    }
}
