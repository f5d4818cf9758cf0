// How much of a result is the seed's: one pair's mean again and again, with other noise and with other tunings.

/// The seeds of an evaluation: the first for everything, the others for the seed test.
public struct SeedRange: Sendable, Equatable {
    public let first: UInt64
    public let count: Int

    public init(first: UInt64, count: Int) {
        self.first = first
        self.count = count
    }

    public var base: Seeds { Seeds(tuning: first, noise: first) }

    /// The base, and the same tuning drawn with every further noise.
    public var noises: [Seeds] { (0..<UInt64(count)).map { Seeds(tuning: first, noise: first &+ $0) } }

    /// The base, and every further tuning drawn with the same noise.
    public var tunings: [Seeds] { (0..<UInt64(count)).map { Seeds(tuning: first &+ $0, noise: first) } }
}

/// The seed test of one pair.
public struct SeedReport: Sendable, Equatable, Encodable {
    /// The mean over the test photos, for each seed of one kind.
    public struct Series: Sendable, Equatable, Encodable {
        public let spreads: PerMetric<Spread>
        /// The deviation as a share of the gain; nil without a gain.
        public let ratios: PerMetric<Double?>
    }

    public let pair: String
    /// Tuned less untuned, at the first seed.
    public let gain: Score
    public let noise: Series
    public let tuning: Series

    /// nil when fewer than two seeds of a kind were drawn.
    init?(_ assignment: Assignment, _ records: FamilyRecords, _ seeds: SeedRange) {
        let mean = { (method: SketchMethod, seeds: Seeds) -> Score? in
            PerMetric<Spread>(records.sketches(assignment, method, seeds).map(\.score))?.means
        }
        guard let tuned = mean(.tuned, seeds.base), let untuned = mean(.untuned, seeds.base) else { return nil }
        let gain = Score { tuned[$0] - untuned[$0] }
        let series = { (seeds: [Seeds]) -> Series? in
            let means = seeds.compactMap { mean(.tuned, $0) }
            guard means.count > 1, let spreads = PerMetric<Spread>(means) else { return nil }
            let ratios = PerMetric<Double?> { metric in
                spreads[metric].deviation.flatMap { gain[metric] > 0 ? $0 / gain[metric] : nil }
            }
            return Series(spreads: spreads, ratios: ratios)
        }
        guard let noise = series(seeds.noises), let tuning = series(seeds.tunings) else { return nil }
        (pair, self.gain, self.noise, self.tuning) = (assignment.pair.name, gain, noise, tuning)
    }
}
