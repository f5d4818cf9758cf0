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

    /// Appends. Consumed bytes are dropped first when there is nothing else or they are the larger half, so each
    /// byte moves O(1) times.
    mutating func append(_ more: ArraySlice<UInt8>) {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            (start, scanned) = (0, 0)
        } else if start > 4096, start > bytes.count / 2 {
            bytes.removeSubrange(..<start)
            scanned -= start
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// Appends; much at once is taken over as it is when there is nothing else.
    mutating func append(_ more: [UInt8]) {
        guard isEmpty, more.count >= InputBuffer.adopted else { return append(more[...]) }
        self = InputBuffer()
        bytes = more
    }

    /// From this size on copying costs more than the room an adopted array may hold in vain.
    private static let adopted = 16 * 1024
    /// The room that is kept for the next request: what most requests need, and little for a thousand idle clients.
    private static let kept = 1024

    /// Takes a line of at most `limit` bytes that ends in CRLF.
    mutating func takeLine(limit: Int) -> LineScan {
        let limitEnd = min(bytes.count, start + limit)
        var afterReturn = scanned > start && bytes[scanned - 1] == .carriageReturn
        while true {
            if !afterReturn { scanned = plainEnd(from: scanned, to: limitEnd) }
            guard scanned < bytes.count else { return .incomplete }
            let byte = bytes[scanned]
            if byte == .lineFeed {
                guard afterReturn else { return .badEnding }
                let line = bytes[start..<(scanned - 1)]
                consume(line.count + 2)
                return .line(line)
            }
            if afterReturn { return .badEnding }
            afterReturn = byte == .carriageReturn
            if scanned - start >= limit, !afterReturn { return .tooLong(bytes[start...scanned]) }
            scanned += 1
        }
    }

    /// The place of the next byte that may end a line; up to the limit no other matters.
    private func plainEnd(from begin: Int, to end: Int) -> Int {
        let span = bytes.span
        var index = begin
        while index < end, span[index] > .carriageReturn { index += 1 }
        return index
    }

    /// Takes up to `most` bytes.
    mutating func take(_ most: Int) -> [UInt8] {
        guard start > 0 || most < bytes.count else {
            let all = bytes
            self = InputBuffer()
            return all
        }
        let taken = Array(contents.prefix(most))
        consume(taken.count)
        return taken
    }

    /// Takes up to `most` bytes to the end of `data`; returns how many they were.
    mutating func take(_ most: Int, into data: inout [UInt8]) -> Int {
        let taken = min(most, count)
        data += bytes[start..<(start + taken)]
        consume(taken)
        return taken
    }

    mutating func consume(_ amount: Int) {
        start += amount
        scanned = start
        if start == bytes.count, bytes.capacity > InputBuffer.kept { self = InputBuffer() }
    }
}
