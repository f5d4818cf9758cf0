// multipart/form-data (RFC 7578, RFC 2046 §5.1) as a machine without I/O: body bytes go in, parts come out
// piece by piece, so that a photo can go to disk while it arrives. A delimiter is CRLF "--" boundary; it begins
// with the only CR it holds, so after a mismatch no earlier byte can begin another, and searching is linear.
//
//   preamble → (headers → content)* → epilogue, where the preamble is searched as if CRLF came before it

public struct MultipartParser: Sendable {
    public enum Event: Sendable, Equatable {
        /// Nothing to say until more is fed.
        case needsMore
        /// A part begins; its data and `partEnd` follow.
        case part(PartHeaders)
        /// Bytes of the part's content; never empty.
        case data([UInt8])
        case partEnd
        /// The last boundary was read and the input has ended.
        case finished
        /// The body is refused; the same event comes again from now on.
        case failure(ParseFault)
    }

    private enum State: Sendable {
        case preamble(used: Int)
        /// A delimiter was read; what follows decides.
        case delimiter
        case headers(HeaderFields, used: Int)
        case content(used: Int)
        case epilogue(used: Int)
        case failed(ParseFault)
    }

    private let delimiter: [UInt8]
    private let limits: MultipartLimits
    private var buffer = InputBuffer()
    private var state = State.preamble(used: 0)
    private var parts = 0
    private var inputEnded = false

    /// Longest content of the part at hand; back to `MultipartLimits.part` when the next part begins.
    public var partLimit: Int

    /// - Parameter boundary: from `MediaType.boundary()`.
    public init(boundary: [UInt8], limits: MultipartLimits = MultipartLimits()) {
        delimiter = Array("\r\n--".utf8) + boundary
        self.limits = limits
        partLimit = limits.part
        buffer.append([.carriageReturn, .lineFeed])
    }

    public mutating func feed(_ bytes: ArraySlice<UInt8>) { buffer.append(bytes) }

    public mutating func feed(_ bytes: [UInt8]) { feed(bytes[...]) }

    /// The body is complete: without its last boundary it now fails.
    public mutating func finishInput() { inputEnded = true }

    public mutating func next() -> Event {
        while true {
            let event: Event?
            switch state {
            case .preamble(let used): event = takePreamble(used)
            case .delimiter: event = takeDelimiterEnd()
            case .headers(let fields, let used): event = takeHeader(fields, used)
            case .content(let used): event = takeContent(used)
            case .epilogue(let used): event = takeEpilogue(used)
            case .failed(let fault): event = .failure(fault)
            }
            if let event { return event }
        }
    }

    private mutating func takePreamble(_ used: Int) -> Event? {
        let (plain, found) = scan()
        buffer.consume(plain)
        // The CRLF before the input is not the client's.
        guard used + plain <= limits.preamble + 2 else { return fail(.preambleTooLong) }
        state = .preamble(used: used + plain)
        guard found else { return starve() }
        buffer.consume(delimiter.count)
        state = .delimiter
        return nil
    }

    /// After a delimiter: `--` ends the body, white space and CRLF begin a part, all else is malformed.
    private mutating func takeDelimiterEnd() -> Event? {
        if buffer.contents.starts(with: "--".utf8) {
            buffer.consume(2)
            state = .epilogue(used: 0)
            return nil
        }
        if buffer.contents.elementsEqual("-".utf8) { return starve() }
        switch buffer.takeLine(limit: limits.padding) {
        case .incomplete: return starve()
        case .badEnding, .tooLong: return fail(.multipart)
        case .line(let padding):
            guard padding.allSatisfy(\.isBlank) else { return fail(.multipart) }
            guard parts < limits.parts else { return fail(.partCount) }
            parts += 1
            state = .headers(HeaderFields(), used: 0)
            return nil
        }
    }

    private mutating func takeHeader(_ fields: HeaderFields, _ used: Int) -> Event? {
        switch buffer.takeLine(limit: limits.fieldLine) {
        case .incomplete: return starve()
        case .badEnding: return fail(.multipart)
        case .tooLong: return fail(.partHeadersTooLong)
        case .line(let line) where line.isEmpty:
            do throws(ParseFault) {
                let headers = try PartHeaders(fields)
                partLimit = limits.part
                state = .content(used: 0)
                return .part(headers)
            } catch {
                return fail(error)
            }
        case .line(let line):
            let total = used + line.count + 2
            guard total <= limits.fieldBlock, fields.count < limits.fieldCount else {
                return fail(.partHeadersTooLong)
            }
            guard let field = try? HeaderField(line: line) else { return fail(.partHeaders) }
            var fields = fields
            fields.append(field)
            state = .headers(fields, used: total)
            return nil
        }
    }

    private mutating func takeContent(_ used: Int) -> Event? {
        let (plain, found) = scan()
        guard used + plain <= partLimit else { return fail(.partTooLong) }
        if plain > 0 {
            state = .content(used: used + plain)
            return .data(buffer.take(plain))
        }
        guard found else { return starve() }
        buffer.consume(delimiter.count)
        state = .delimiter
        return .partEnd
    }

    private mutating func takeEpilogue(_ used: Int) -> Event? {
        if used == 0, let first = buffer.first, !first.isBlank, first != .carriageReturn { return fail(.multipart) }
        let total = used + buffer.count
        guard total <= limits.epilogue else { return fail(.epilogueTooLong) }
        buffer.consume(buffer.count)
        state = .epilogue(used: total)
        return inputEnded ? .finished : .needsMore
    }

    /// How many bytes at the front can be no part of a delimiter, and whether one follows them whole.
    private func scan() -> (plain: Int, found: Bool) {
        let contents = buffer.contents
        var from = contents.startIndex
        while let begin = contents[from...].firstIndex(of: .carriageReturn) {
            let candidate = contents[begin...].prefix(delimiter.count)
            if delimiter.starts(with: candidate) {
                return (begin - contents.startIndex, candidate.count == delimiter.count)
            }
            from = begin + 1
        }
        return (contents.count, false)
    }

    private mutating func starve() -> Event { inputEnded ? fail(.multipartTruncated) : .needsMore }

    private mutating func fail(_ fault: ParseFault) -> Event {
        state = .failed(fault)
        buffer = InputBuffer()
        return .failure(fault)
    }
}
