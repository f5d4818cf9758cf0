/// What is still to be sent: bytes in memory, then the rest of a file, a block at a time.
struct Outbox {
    private var bytes: ArraySlice<UInt8> = []
    private var file: (slice: FileSlice, offset: Int)?
    private var isReading = false
    /// Bytes of this answer that were sent.
    var total = 0

    /// Everything is sent.
    var isEmpty: Bool { bytes.isEmpty && file == nil }
    /// Nothing can be sent right now, though a file may have more.
    var isDrained: Bool { bytes.isEmpty }
    /// The bytes to send next.
    var next: ArraySlice<UInt8>? { bytes.isEmpty ? nil : bytes }
    var isWaitingForFile: Bool { bytes.isEmpty && file != nil && !isReading }

    /// Begins an answer with its head.
    mutating func begin(_ head: [UInt8]) {
        append(head)
        total = 0
    }

    mutating func append(_ more: [UInt8]) {
        if bytes.isEmpty { bytes = more[...] } else { bytes += more }
    }

    mutating func append(_ body: Answer.Body) {
        switch body {
        case .none: break
        case .bytes(let more): append(more)
        case .file(let slice): if !slice.range.isEmpty { file = (slice, 0) }
        }
    }

    mutating func sent(_ count: Int) {
        bytes = bytes.dropFirst(count)
        total += count
    }

    /// The file and the offset to read it at; the caller must come back with ``fileArrived(_:)``.
    mutating func takeFileRead() -> (FileSlice, Int)? {
        guard isWaitingForFile, let file else { return nil }
        isReading = true
        return file
    }

    mutating func fileArrived(_ more: [UInt8]) {
        isReading = false
        guard let (slice, offset) = file else { return }
        let end = offset + more.count
        file = end < slice.range.count ? (slice, end) : nil
        append(more)
    }
}
