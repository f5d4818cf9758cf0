// The noise is reproducible, and it is normal.
import Testing

import LimnerEngine

@Suite("Seeded noise")
struct GaussianNoiseTests {
    @Test("the bits are SplitMix64's, after its first draw")
    func bits() {
        var generator = GaussianNoise(seed: 0)
        #expect(generator.next() == 0x6E78_9E6A_A1B9_65F4)
        #expect(generator.next() == 0x06C4_5D18_8009_454F)
    }

    @Test("mean, variance and kurtosis are those of the normal distribution")
    func moments() {
        var generator = GaussianNoise(seed: 1)
        let draws = (0..<200_000).map { _ in generator.normal() }
        let count = Double(draws.count)
        let mean = draws.reduce(0, +) / count
        let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        let fourth = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) * ($1 - mean) * ($1 - mean) } / count
        #expect(abs(mean) < 0.01)
        #expect(abs(variance - 1) < 0.02)
        #expect(abs(fourth / (variance * variance) - 3) < 0.1)
    }

    @Test("streams of one seed differ")
    func streams() {
        var (first, second) = (GaussianNoise(seed: 5, stream: 1), GaussianNoise(seed: 5, stream: 2))
        #expect(first.tensor([64]).values != second.tensor([64]).values)
    }
}
