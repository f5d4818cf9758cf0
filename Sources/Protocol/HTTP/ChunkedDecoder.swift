// The chunked transfer coding (RFC 9112 §7.1), decoded strictly: sizes are hexadecimal digits and nothing
// else, data is followed by CRLF exactly where the size says, extensions are checked and dropped, trailers
// are checked and dropped — a trailer never becomes a header.

struct ChunkedDecoder: Sendable {
    enum Step: Equatable {
        case needsMore
        /// As much data was taken as was asked for.
        case full
        case end
        case fault(ParseFault)
    }

    private enum State {
        case size
        case data(Int)
        case dataEnd
        case trailer(used: Int, lines: Int)
    }

    private var state = State.size
    private var decoded = 0
    private var extensions = 0

    /// Adds the data of as many chunks as there are to `data`, until it holds about `Limits.bodyEvent` bytes.
    mutating func next(_ buffer: inout InputBuffer, into data: inout [UInt8], limits: Limits) -> Step {
        while true {
            switch state {
            case .size:
                if let step = takeSize(&buffer, limits) { return step }
            case .data(let left):
                let taken = buffer.take(left, into: &data)
                guard taken > 0 else { return .needsMore }
                state = taken == left ? .dataEnd : .data(left - taken)
                if data.count >= limits.bodyEvent { return .full }
            case .dataEnd:
                switch buffer.takeLine(limit: 0) {
                case .line: state = .size
                case .incomplete: return .needsMore
                case .badEnding, .tooLong: return .fault(.chunkData)
                }
            case .trailer(let used, let lines):
                if let step = takeTrailer(&buffer, limits, used: used, lines: lines) { return step }
            }
        }
    }

    /// `chunk-size [ chunk-ext ] CRLF`; nil means the state moved on.
    private mutating func takeSize(_ buffer: inout InputBuffer, _ limits: Limits) -> Step? {
        // What cannot begin a size is refused at once instead of waiting for a line of it.
        if let first = buffer.first, first.hexadecimalValue == nil { return .fault(.chunkSize) }
        let line: ArraySlice<UInt8>
        switch buffer.takeLine(limit: limits.chunkSizeDigits + limits.chunkExtension) {
        case .line(let taken): line = taken
        case .incomplete: return .needsMore
        case .badEnding: return .fault(.chunkSize)
        case .tooLong(let start): return .fault(start.isChunkSizeStart(limits) ? .chunkExtensionTooLong : .chunkSize)
        }
        do throws(ParseFault) {
            let size = try readSize(line, limits)
            state = size == 0 ? .trailer(used: 0, lines: 0) : .data(size)
            return nil
        } catch {
            return .fault(error)
        }
    }

    private mutating func readSize(_ line: ArraySlice<UInt8>, _ limits: Limits) throws(ParseFault) -> Int {
        let digits = line.prefix { $0.hexadecimalValue != nil }
        guard !digits.isEmpty, digits.count <= limits.chunkSizeDigits else { throw .chunkSize }
        let rest = line[digits.endIndex...]
        guard rest.count <= limits.chunkExtension else { throw .chunkExtensionTooLong }
        if let first = rest.first {
            // White space is legal only before an extension's semicolon.
            guard first == UInt8(ascii: ";") || (first.isBlank && rest.contains(UInt8(ascii: ";"))) else {
                throw .chunkSize
            }
            try ChunkExtension.check(rest)
            extensions += rest.count
            guard extensions <= limits.chunkExtensions else { throw .chunkExtensionTooLong }
        }
        var size: UInt64 = 0
        for digit in digits { size = size << 4 | UInt64(digit.hexadecimalValue ?? 0) }
        guard size <= UInt64(limits.body - decoded) else { throw .bodyTooLong }
        decoded += Int(size)
        return Int(size)
    }

    /// One trailer line, or the empty line that ends the message.
    private mutating func takeTrailer(
        _ buffer: inout InputBuffer, _ limits: Limits, used: Int, lines: Int
    ) -> Step? {
        switch buffer.takeLine(limit: limits.trailerBlock) {
        case .line(let line):
            guard !line.isEmpty else { return .end }
            let total = used + line.count + 2
            guard total <= limits.trailerBlock, lines < limits.fieldCount else { return .fault(.trailerTooLong) }
            guard (try? HeaderField(line: line)) != nil else { return .fault(.trailer) }
            state = .trailer(used: total, lines: lines + 1)
            return nil
        case .incomplete: return .needsMore
        case .badEnding: return .fault(.trailer)
        case .tooLong: return .fault(.trailerTooLong)
        }
    }
}

extension ArraySlice<UInt8> {
    /// Whether an overlong line is a size with too long an extension rather than no size at all.
    fileprivate func isChunkSizeStart(_ limits: Limits) -> Bool {
        let digits = prefix { $0.hexadecimalValue != nil }
        let rest = dropFirst(digits.count)
        return (1...limits.chunkSizeDigits).contains(digits.count) && (rest.first == UInt8(ascii: ";"))
    }
}

/// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` (RFC 9112 §7.1.1).
enum ChunkExtension {
    static func check(_ bytes: ArraySlice<UInt8>) throws(ParseFault) {
        guard bytes.allSatisfy(\.isFieldCharacter) else { throw .chunkExtension }
        guard let pieces = bytes.trimmed.elements(separatedBy: UInt8(ascii: ";")) else { throw .chunkExtension }
        guard let blank = pieces.first, blank.isEmpty else { throw .chunkExtension }
        for piece in pieces.dropFirst() {
            let equals = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            guard piece[..<equals].trimmed.isToken else { throw .chunkExtension }
            guard equals < piece.endIndex else { continue }
            let value = piece[(equals + 1)...].trimmed
            guard value.isToken || value.isQuotedString else { throw .chunkExtension }
        }
        if let last = bytes.last, last.isBlank { throw .chunkExtension }
    }
}
