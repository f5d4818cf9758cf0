/// What is still to be sent: bytes in memory, then the rest of a body that comes from a file or is still being made.
struct Outbox {
    /// Where the rest of a body comes from.
    private enum Source {
        case file(FileSlice, offset: Int, isReading: Bool)
        case stream(BodyStream, isChunked: Bool)
    }

    /// Pieces of memory, in order; those before `first` are sent.
    private var pieces: [ArraySlice<UInt8>] = []
    private var first = 0
    private var source: Source?
    /// Bytes of this answer that were sent.
    var total = 0

    /// Everything is sent.
    var isEmpty: Bool { isDrained && source == nil }
    /// Nothing can be sent right now, though a body may have more.
    var isDrained: Bool { first == pieces.count }
    /// The bytes to send next, in two pieces: mostly a head and its body.
    var next: (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        guard !isDrained else { return nil }
        return (pieces[first], first + 1 < pieces.count ? pieces[first + 1] : [])
    }

    /// Begins an answer with its head.
    mutating func begin(_ head: [UInt8]) {
        append(head)
        total = 0
    }

    mutating func append(_ more: [UInt8]) {
        if !more.isEmpty { pieces.append(more[...]) }
    }

    /// - Parameter isChunked: how a body goes out whose length is not known.
    mutating func append(_ body: Answer.Body, isChunked: Bool) {
        switch body {
        case .none: break
        case .bytes(let more): append(more)
        case .file(let slice): if !slice.range.isEmpty { source = .file(slice, offset: 0, isReading: false) }
        case .stream(let stream): source = .stream(stream, isChunked: isChunked)
        }
    }

    mutating func sent(_ count: Int) {
        total += count
        var left = count
        while left > 0 {
            guard left >= pieces[first].count else {
                pieces[first] = pieces[first].dropFirst(left)
                return
            }
            left -= pieces[first].count
            first += 1
        }
        if isDrained {
            pieces.removeAll(keepingCapacity: true)
            first = 0
        }
    }

    // MARK: Files

    var isWaitingForFile: Bool {
        if case .file(_, _, false) = source { return isDrained }
        return false
    }

    /// The file and the offset to read it at; the caller must come back with ``fileArrived(_:)``.
    mutating func takeFileRead() -> (FileSlice, Int)? {
        guard isDrained, case .file(let slice, let offset, false) = source else { return nil }
        source = .file(slice, offset: offset, isReading: true)
        return (slice, offset)
    }

    mutating func fileArrived(_ more: [UInt8]) {
        guard case .file(let slice, let offset, true) = source else { return }
        let end = offset + more.count
        source = end < slice.range.count ? .file(slice, offset: end, isReading: false) : nil
        append(more)
    }

    // MARK: Streams

    /// The stream that the rest of the body comes from.
    var stream: (stream: BodyStream, isChunked: Bool)? {
        guard case .stream(let stream, let isChunked) = source else { return nil }
        return (stream, isChunked)
    }

    /// Nothing more of a stream will be sent.
    mutating func leaveStream() {
        guard case .stream(let stream, _) = source else { return }
        source = nil
        stream.leave()
    }
}
