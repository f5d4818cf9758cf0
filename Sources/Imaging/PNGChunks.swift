// The chunks of a PNG, walked without inflating any (PNG 3rd edition, 5.3). Ends quietly where the bytes do.

/// A PNG's chunks in order, ``Limits/partsWalked`` at most. Lengths are checked against the bytes; CRCs are left to libpng.
package struct PNGChunks: Sequence, IteratorProtocol {
    package static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    package struct Chunk {
        package let type: String
        package let payload: ArraySlice<UInt8>
    }

    private var rest: ArraySlice<UInt8>
    private var left = Limits.partsWalked

    package init(_ bytes: [UInt8]) {
        rest = bytes.dropFirst(PNGChunks.signature.count)
    }

    package mutating func next() -> Chunk? {
        let overhead = 12
        guard left > 0, let length = ByteView(rest).number(at: 0, width: 4), length <= rest.count - overhead else {
            return nil
        }
        left -= 1
        let start = rest.startIndex
        let type = String(decoding: rest[start + 4..<start + 8], as: UTF8.self)
        let payload = rest[start + 8..<start + 8 + length]
        rest = rest[(start + overhead + length)...]
        return Chunk(type: type, payload: payload)
    }
}
