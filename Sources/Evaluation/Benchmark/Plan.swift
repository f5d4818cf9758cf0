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

/// SplitMix64 (Steele, Lea and Flood 2014) with a shuffle of its own: the library's may change with its version.
struct SplitMix64 {
    private var state: UInt64

    /// A stream for each name (FNV-1a, 64 bits), so that one family more changes nothing for the others.
    init(seed: UInt64, name: String) {
        let mark = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        state = seed ^ mark
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Fisher and Yates.
    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            let other = Int(next().multipliedFullWidth(by: UInt64(last + 1)).high)
            elements.swapAt(last, other)
        }
        return elements
    }
}
