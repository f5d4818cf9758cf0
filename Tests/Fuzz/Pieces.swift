// What every harness shares: an input is cut in several ways, and each way must give the same result. The cuts come
// from a hash of the input, so a finding repeats from its file alone.

struct Pieces {
    let input: [UInt8]

    init(_ start: UnsafePointer<UInt8>, _ count: Int) { input = Array(UnsafeBufferPointer(start: start, count: count)) }

    /// FNV-1a: stays the same from run to run, unlike Swift's own hash.
    var hash: UInt64 { input.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } }

    /// Byte by byte, in two halves, and in pieces of 1 to 16 bytes.
    func cuts(of bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
        var state = hash | 1
        var random: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let length = 1 + Int(state >> 60)
            random.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        let middle = bytes.isEmpty ? 0 : Int(hash % UInt64(bytes.count))
        return [bytes.indices.map { bytes[$0...$0] }, [bytes[..<middle], bytes[middle...]], random]
    }
}

/// Traps with both results, so that libFuzzer keeps the input.
func require<Result: Equatable>(_ result: Result, is expected: Result, _ sentence: String) {
    guard result != expected else { return }
    fatalError("\(sentence)\n  got      \(result)\n  expected \(expected)")
}
