// Numbers out of untrusted bytes: every read is checked, and past the end there is nil.

/// A window on bytes read in one byte order.
struct ByteView {
    enum Order { case bigEndian, littleEndian }

    let bytes: ArraySlice<UInt8>
    let order: Order

    init(_ bytes: ArraySlice<UInt8>, order: Order = .bigEndian) {
        self.bytes = bytes
        self.order = order
    }

    /// The unsigned number of `width` (1 to 4) bytes at `offset` from the window's start.
    func number(at offset: Int, width: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - width else { return nil }
        let from = bytes.startIndex + offset
        let part = bytes[from..<from + width]
        let ordered = order == .bigEndian ? Array(part) : part.reversed()
        return ordered.reduce(0) { $0 << 8 | Int($1) }
    }
}
