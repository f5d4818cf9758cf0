// Byte-pair encoding of one word: neighbours are merged, the pair of lowest rank first and the leftmost of equals,
// until no pair can be.
//
// A heap of candidates over a linked row of symbols keeps long words at n·log n: the text comes from strangers.

struct BytePairMerges: Sendable {
    fileprivate struct Pair: Hashable {
        let left: Int32
        let right: Int32
    }

    private let merges: [Pair: (rank: Int, result: Int32)]

    /// - Parameter pairs: the merges in order of rank; one whose parts or result the vocabulary lacks never applies.
    init(_ pairs: [(String, String)], vocabulary: [String: Int32]) {
        var merges: [Pair: (rank: Int, result: Int32)] = [:]
        for (rank, (left, right)) in pairs.enumerated() {
            guard let first = vocabulary[left], let second = vocabulary[right], let result = vocabulary[left + right]
            else { continue }
            merges[Pair(left: first, right: second)] = (rank, result)
        }
        self.merges = merges
    }

    /// Merges a word's symbols as far as they go.
    func apply(to symbols: [Int32]) -> [Int32] {
        var row = SymbolRow(symbols)
        var heap = CandidateHeap()
        for position in symbols.indices.dropLast() { offer(position, row, &heap) }
        while let candidate = heap.pop() {
            // A candidate is stale when its symbols have been merged with others since.
            guard row.pair(at: candidate.position) == candidate.pair, let merge = merges[candidate.pair] else {
                continue
            }
            row.join(at: candidate.position, into: merge.result)
            offer(candidate.position, row, &heap)
            if let previous = row.position(before: candidate.position) { offer(previous, row, &heap) }
        }
        return row.remaining
    }

    private func offer(_ position: Int, _ row: SymbolRow, _ heap: inout CandidateHeap) {
        guard let pair = row.pair(at: position), let merge = merges[pair] else { return }
        heap.push(Candidate(rank: merge.rank, position: position, pair: pair))
    }
}

/// A row of symbols in which neighbours can be joined; a joined pair lives on in the place of its left symbol.
private struct SymbolRow {
    private var symbols: [Int32?]
    private var following: [Int]
    private var preceding: [Int]

    init(_ symbols: [Int32]) {
        self.symbols = symbols
        following = symbols.indices.map { $0 + 1 }
        preceding = symbols.indices.map { $0 - 1 }
    }

    var remaining: [Int32] { symbols.compactMap { $0 } }

    /// The symbol at `position` and the next one; nil when either is gone.
    func pair(at position: Int) -> BytePairMerges.Pair? {
        guard let left = symbols[position], following[position] < symbols.count,
            let right = symbols[following[position]]
        else { return nil }
        return BytePairMerges.Pair(left: left, right: right)
    }

    func position(before position: Int) -> Int? { preceding[position] >= 0 ? preceding[position] : nil }

    mutating func join(at position: Int, into result: Int32) {
        let right = following[position]
        symbols[position] = result
        symbols[right] = nil
        following[position] = following[right]
        if following[right] < symbols.count { preceding[following[right]] = position }
    }
}

/// A merge that was possible when it was noted.
private struct Candidate {
    let rank: Int
    let position: Int
    let pair: BytePairMerges.Pair

    func precedes(_ other: Candidate) -> Bool { (rank, position) < (other.rank, other.position) }
}

/// A binary heap: the candidate that precedes all others comes first.
private struct CandidateHeap {
    private var nodes: [Candidate] = []

    mutating func push(_ candidate: Candidate) {
        nodes.append(candidate)
        var child = nodes.count - 1
        while child > 0, nodes[child].precedes(nodes[(child - 1) / 2]) {
            nodes.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> Candidate? {
        guard let first = nodes.first, let last = nodes.popLast() else { return nil }
        guard !nodes.isEmpty else { return first }
        nodes[0] = last
        var parent = 0
        while let child = [2 * parent + 1, 2 * parent + 2].filter({ $0 < nodes.count }).min(by: {
            nodes[$0].precedes(nodes[$1])
        }),
            nodes[child].precedes(nodes[parent])
        {
            nodes.swapAt(child, parent)
            parent = child
        }
        return first
    }
}
