// Who teaches and who is drawn: chosen by the seed alone, so that every machine, every run and every resumed run chooses
// the same.

/// One pair to tune on and the pairs whose photos are then drawn.
public struct Assignment: Sendable, Equatable {
    public let pair: Pair
    public let tests: [Pair]
}

/// What is done with one family.
public struct Plan: Sendable, Equatable {
    public let family: String
    public let assignments: [Assignment]

    /// - Parameters:
    ///   - pairs: pairs to tune on, one at a time.
    ///   - photos: test photos, the same for each of those pairs and none of them; nil draws all pairs but the tuned one,
    ///     the protocol of the field.
    ///   - seed: decides the choice, for each family by its name.
    public init(_ family: Family, pairs: Int, photos: Int?, seed: UInt64) {
        self.family = family.name
        var generator = SplitMix64(seed: seed, name: family.name)
        let shuffled = generator.shuffled(family.pairs)
        let common = photos.map { Array(shuffled.dropFirst(pairs).prefix($0)) }
        assignments = shuffled.prefix(pairs).compactMap { pair in
            let tests = common ?? family.pairs.filter { $0 != pair }
            return tests.isEmpty ? nil : Assignment(pair: pair, tests: tests)
        }
    }
}
