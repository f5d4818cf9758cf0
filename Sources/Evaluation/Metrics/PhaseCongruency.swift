// Phase congruency: where the waves of all lengths that make up a picture agree on an edge or line, whatever its
// contrast.
import CKissFFT

/// The map of phase congruency (Kovesi 1999) of pictures of one size, as FSIM uses it.
final class PhaseCongruency {
    /// Keeps the quotients finite where a picture is flat; the value of the implementation in Python, PyPI's `piq`.
    private static let epsilon: Float = 0x1p-23

    private let bank: LogGaborBank
    private let forward: FourierTransform
    private let inverse: FourierTransform

    init(width: Int, height: Int) {
        bank = LogGaborBank(width: width, height: height)
        forward = FourierTransform(width: width, height: height, .forward)
        inverse = FourierTransform(width: width, height: height, .inverse)
    }

    /// One value in 0…1 for each pixel of `picture`.
    func callAsFunction(_ picture: Plane) -> [Float] {
        let spectrum = spectrum(of: picture)
        let count = spectrum.count
        var energies = [Float](repeating: PhaseCongruency.epsilon, count: count)
        var amplitudes = energies
        var product = [Complex](repeating: Complex(), count: count)
        var responses = [[Complex]](repeating: product, count: LogGaborBank.scales)
        for (filters, noiseFactor) in zip(bank.filters, bank.noiseFactors) {
            for (scale, filter) in filters.enumerated() {
                for i in 0..<count {
                    product[i] = Complex(r: spectrum[i].r * filter[i], i: spectrum[i].i * filter[i])
                }
                inverse(product, into: &responses[scale])
            }
            let noise = noiseFactor * lowerMedian(responses[0].map { $0.r * $0.r + $0.i * $0.i }).squareRoot()
            PhaseCongruency.add(responses, above: noise, to: &energies, &amplitudes)
        }
        return zip(energies, amplitudes).map(/)
    }

    /// The spectrum of the picture less its mean, which no filter lets through, so that the single precision goes to
    /// the rest.
    private func spectrum(of picture: Plane) -> [Complex] {
        let mean = picture.values.reduce(0, +) / Double(picture.values.count)
        let signal = picture.values.map { Complex(r: Float($0 - mean), i: 0) }
        var spectrum = signal
        forward(signal, into: &spectrum)
        return spectrum
    }

    /// Adds one orientation: to `energies` what the scales' responses have in common, Σ A (cos δ − |sin δ|) with δ the
    /// deviation from their mean phase, as far as it is above the noise; to `amplitudes` Σ A.
    private static func add(
        _ responses: [[Complex]], above noise: Float, to energies: inout [Float], _ amplitudes: inout [Float]
    ) {
        for i in energies.indices {
            var (even, odd, amplitude): (Float, Float, Float) = (0, 0, 0)
            for response in responses {
                let value = response[i]
                even += value.r
                odd += value.i
                amplitude += (value.r * value.r + value.i * value.i).squareRoot()
            }
            let length = (even * even + odd * odd).squareRoot() + epsilon
            even /= length
            odd /= length
            var energy: Float = 0
            for response in responses {
                let value = response[i]
                energy += value.r * even + value.i * odd - abs(value.r * odd - value.i * even)
            }
            energies[i] += max(energy - noise, 0)
            amplitudes[i] += amplitude
        }
    }
}

/// The lower median of numbers that are not negative. Their bit patterns are ordered as they are, so it is found by
/// counting upper halves of patterns, then the lower halves below the one that holds the middle.
func lowerMedian(_ numbers: [Float]) -> Float {
    var rank = (numbers.count - 1) / 2
    func bucket(_ keys: some Sequence<UInt32>) -> UInt32 {
        var counts = [Int](repeating: 0, count: 1 << 16)
        for key in keys { counts[Int(key)] += 1 }
        var key = 0
        while rank >= counts[key] {
            rank -= counts[key]
            key += 1
        }
        return UInt32(key)
    }
    let patterns = numbers.map(\.bitPattern)
    let upper = bucket(patterns.lazy.map { $0 >> 16 })
    let lower = bucket(patterns.lazy.filter { $0 >> 16 == upper }.map { $0 & 0xFFFF })
    return Float(bitPattern: upper << 16 | lower)
}
