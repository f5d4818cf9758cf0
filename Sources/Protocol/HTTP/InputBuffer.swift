// Bytes that arrived and are not yet consumed. It remembers how far a line was scanned, so that a line fed
// byte by byte costs no more than one fed whole, and it judges lines in the order of their bytes, so that
// where the input was split never changes the verdict.

struct InputBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0
    private var scanned = 0

    enum LineScan {
        /// A line without its CRLF.
        case line(ArraySlice<UInt8>)
        case incomplete
        /// A bare CR or LF.
        case badEnding
        /// More than the limit without a CRLF; the payload is the line so far.
        case tooLong(ArraySlice<UInt8>)
    }

    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }
    var first: UInt8? { isEmpty ? nil : bytes[start] }
    var contents: ArraySlice<UInt8> { bytes[start...] }

    /// Appends; consumed bytes are dropped first when they are the larger half, so each byte moves O(1) times.
    mutating func append(_ more: ArraySlice<UInt8>) {
        if start > 4096, start > bytes.count / 2 {
            bytes.removeSubrange(..<start)
            scanned -= start
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// Takes a line of at most `limit` bytes that ends in CRLF.
    mutating func takeLine(limit: Int) -> LineScan {
        while scanned < bytes.count {
            let byte = bytes[scanned]
            let afterReturn = scanned > start && bytes[scanned - 1] == .carriageReturn
            if byte == .lineFeed {
                guard afterReturn else { return .badEnding }
                let line = bytes[start..<(scanned - 1)]
                consume(line.count + 2)
                return .line(line)
            }
            if afterReturn { return .badEnding }
            if scanned - start >= limit, byte != .carriageReturn { return .tooLong(bytes[start...scanned]) }
            scanned += 1
        }
        return .incomplete
    }

    /// Takes up to `most` bytes.
    mutating func take(_ most: Int) -> [UInt8] {
        let taken = Array(contents.prefix(most))
        consume(taken.count)
        return taken
    }

    mutating func consume(_ amount: Int) {
        start += amount
        scanned = start
        // Emptied by assignment, not removeAll: a slice handed out may still hold the storage.
        if start == bytes.count {
            bytes = []
            start = 0
            scanned = 0
        }
    }
}
