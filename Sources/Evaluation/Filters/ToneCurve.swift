// A curve from the tones of one picture to those of another, found without searching.

/// A monotone curve over the 256 gray levels.
package enum ToneCurve {
    static let levels = 256

    /// The curve that brings `drawn` nearest to `sketch`, in one of two senses or between them.
    ///
    /// At `matching` 0 it is the monotone least-squares fit, pixel against pixel. At 1 it gives the drawing the
    /// sketch's distribution of tones: each level becomes the mean of the sketch's tones at its ranks. Between, it is
    /// their mixture. Levels that the drawing has not are interpolated.
    package static func fitted(from drawn: [UInt8], to sketch: [UInt8], matching: Double) -> [Float] {
        var counts = [Double](repeating: 0, count: levels)
        var sums = counts
        for (level, tone) in zip(drawn, sketch) {
            counts[Int(level)] += 1
            sums[Int(level)] += Double(tone)
        }
        let present = (0..<levels).filter { counts[$0] > 0 }
        let weights = present.map { counts[$0] }
        let regressed = monotone(present.map { sums[$0] / counts[$0] }, weights: weights)
        let matched = ranked(weights, to: sketch)
        let tones = zip(regressed, matched).map { ($0 + matching * ($1 - $0)) }
        return interpolated(present, tones)
    }

    /// The nearest non-decreasing sequence in weighted squares: neighbours out of order are pooled to their mean.
    private static func monotone(_ values: [Double], weights: [Double]) -> [Double] {
        var pools: [(mean: Double, weight: Double, count: Int)] = []
        for (value, weight) in zip(values, weights) {
            var pool = (mean: value, weight: weight, count: 1)
            while let last = pools.last, last.mean >= pool.mean {
                let total = last.weight + pool.weight
                pool.mean = (last.mean * last.weight + pool.mean * pool.weight) / total
                pool.weight = total
                pool.count += last.count
                pools.removeLast()
            }
            pools.append(pool)
        }
        return pools.flatMap { repeatElement($0.mean, count: $0.count) }
    }

    /// For each group of pixels, in order of tone and `counts` many, the mean of as many of the sketch's tones in
    /// order.
    private static func ranked(_ counts: [Double], to sketch: [UInt8]) -> [Double] {
        var left = [Int](repeating: 0, count: levels)
        for tone in sketch { left[Int(tone)] += 1 }
        var tone = 0
        return counts.map { count in
            var (wanted, sum) = (Int(count), 0)
            while wanted > 0 {
                let taken = min(wanted, left[tone])
                sum += taken * tone
                wanted -= taken
                left[tone] -= taken
                if left[tone] == 0 { tone += 1 }
            }
            return Double(sum) / count
        }
    }

    /// Straight lines between the tones of the levels that are `present`, level beyond the first and last.
    private static func interpolated(_ present: [Int], _ tones: [Double]) -> [Float] {
        var next = 0
        return (0..<levels).map { level in
            while next < present.count - 1, present[next] < level { next += 1 }
            guard next > 0, level < present[next] else { return Float(tones[next]) }
            let share = Double(level - present[next - 1]) / Double(present[next] - present[next - 1])
            return Float(tones[next - 1] + share * (tones[next] - tones[next - 1]))
        }
    }
}
