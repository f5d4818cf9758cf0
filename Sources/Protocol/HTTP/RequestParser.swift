// HTTP/1.1 requests as a machine without I/O, after h11: bytes go in with `feed`, events come out of `next`.
// How the input was split never changes an event, only how body bytes are grouped. A pipelined request waits
// inside until the events before it are taken. Nothing after a fault that loses the framing, after a request
// that closes the connection, or after the end of input is ever read.
//
//   idle → requestLine → fields → body → idle … → finished

public struct RequestParser: Sendable {
    public enum Event: Sendable, Equatable {
        /// Nothing to say until more is fed or the input ends.
        case needsMore
        /// A request begins; its body events and `end` follow.
        case head(RequestHead)
        /// Body bytes, transfer coding removed; never empty.
        case body([UInt8])
        /// The request is complete.
        case end
        /// The request was refused. Answer it; close if `closes`, else go on with `next`.
        case failure(ParseFailure)
        /// Nothing more will come of this connection: close it when the last answer is sent.
        case finished
    }

    private enum State: Sendable {
        case idle(emptyLines: Int)
        case fields(RequestLine, HeaderFields, used: Int)
        case length(Int)
        case chunked(ChunkedDecoder)
        case finished
    }

    /// What happens to the body at hand.
    private enum Disposal { case deliver, discard, pass }

    private let limits: Limits
    private var buffer = InputBuffer()
    private var state = State.idle(emptyLines: 0)
    private var disposal = Disposal.deliver
    private var discarded = 0
    private var bodyBegan = false
    private var head: RequestHead?
    private var held: ChunkedDecoder.Step?
    private var inputEnded = false

    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Bytes that were fed and are not yet part of an event.
    public var bufferedByteCount: Int { buffer.count }

    /// True between requests with nothing of the next one arrived: the idle time runs, not the head's.
    public var isIdle: Bool {
        if case .idle = state { return buffer.isEmpty }
        return false
    }

    /// True once nothing more will come of this connection.
    public var isFinished: Bool {
        if case .finished = state { return true }
        return false
    }

    public mutating func feed(_ bytes: ArraySlice<UInt8>) {
        // After the end nothing is read, so nothing is kept.
        if !isFinished { buffer.append(bytes) }
    }

    public mutating func feed(_ bytes: [UInt8]) { feed(bytes[...]) }

    /// The peer will send no more. A request cut short then fails; between requests the parser finishes.
    public mutating func finishInput() { inputEnded = true }

    /// The rest of the request at hand is not wanted: it is passed over up to `Limits.discardedBody`, then
    /// `end` comes; a longer one, and one whose client still waits for `100 Continue`, finishes the parser.
    public mutating func discardBody() {
        guard head != nil else { return }
        disposal = .discard
        if let head, head.expectsContinue, !bodyBegan, buffer.isEmpty { finish() }
    }

    public mutating func next() -> Event {
        while true {
            switch state {
            case .idle(let emptyLines):
                if let event = takeRequestLine(emptyLines) { return event }
            case .fields(let line, let fields, let used):
                // The list is moved out of the state while it grows, so that it is never copied.
                state = .finished
                if let event = takeField(line, fields, used) { return event }
            case .length(let left):
                if let event = takeLength(left) { return event }
            case .chunked(let decoder):
                if let event = takeChunks(decoder) { return event }
            case .finished:
                return .finished
            }
        }
    }

    // MARK: - Head

    private mutating func takeRequestLine(_ emptyLines: Int) -> Event? {
        guard let first = buffer.first else { return inputEnded ? finish() : .needsMore }
        guard first.isTokenCharacter || first == .carriageReturn else {
            return fail(first == .lineFeed ? .lineEnding : .requestLine)
        }
        switch buffer.takeLine(limit: RequestLine.limit(limits)) {
        case .incomplete: return starve()
        case .badEnding: return fail(.lineEnding)
        case .tooLong(let start): return fail(RequestLine.overflow(start, limits: limits) ?? .requestLine)
        case .line(let line) where line.isEmpty:
            guard emptyLines < limits.leadingEmptyLines else { return fail(.leadingLines) }
            state = .idle(emptyLines: emptyLines + 1)
        case .line(let line):
            do throws(ParseFault) {
                state = .fields(try RequestLine(line, limits: limits), HeaderFields(), used: 0)
            } catch {
                return fail(error)
            }
        }
        return nil
    }

    private mutating func takeField(_ line: RequestLine, _ fields: consuming HeaderFields, _ used: Int) -> Event? {
        let context = AnswerContext(version: line.version, isHead: line.isHead)
        switch buffer.takeLine(limit: limits.fieldLine) {
        case .incomplete:
            state = .fields(line, fields, used: used)
            return starve(context)
        case .badEnding: return fail(.lineEnding, context)
        case .tooLong: return fail(.fieldLineTooLong, context)
        case .line(let text) where text.isEmpty: return begin(line, fields, context)
        case .line(let text):
            let total = used + text.count + 2
            guard total <= limits.fieldBlock else { return fail(.fieldBlockTooLong, context) }
            guard fields.count < limits.fieldCount else { return fail(.fieldCount, context) }
            do throws(ParseFault) {
                fields.append(try HeaderField(line: text))
            } catch {
                return fail(error, context)
            }
            state = .fields(line, fields, used: total)
            return nil
        }
    }

    /// The head is complete: framing first, then everything else.
    private mutating func begin(_ line: RequestLine, _ fields: HeaderFields, _ context: AnswerContext) -> Event {
        let framing: BodyFraming
        do throws(ParseFault) {
            framing = try BodyFraming.ofRequest(fields, version: line.version, limits: limits)
        } catch {
            return fail(error, context)
        }
        switch framing {
        case .none: state = .length(0)
        case .length(let count): state = .length(count)
        case .chunked: state = .chunked(ChunkedDecoder(limits: limits))
        }
        disposal = .deliver
        discarded = 0
        bodyBegan = false
        do throws(ParseFault) {
            let parsed = try RequestHead(line: line, fields: fields, framing: framing)
            head = parsed
            return .head(parsed)
        } catch {
            return refuse(error, line, fields, framing, context)
        }
    }

    /// A fault that leaves the framing intact: the connection goes on when the request would have let it and
    /// its body is short and sure to come.
    private mutating func refuse(
        _ fault: ParseFault, _ line: RequestLine, _ fields: HeaderFields, _ framing: BodyFraming,
        _ context: AnswerContext
    ) -> Event {
        let isTunnel = line.method == Array("CONNECT".utf8)
        var isShort = framing.isEmpty
        if case .length(let count) = framing, !fields.contains("Expect") { isShort = count <= limits.discardedBody }
        guard isShort, !isTunnel, RequestHead.persists(fields, version: line.version) else {
            return fail(fault, context)
        }
        disposal = .pass
        return .failure(ParseFailure(fault, closes: false, answering: context))
    }

    // MARK: - Body

    private mutating func takeLength(_ left: Int) -> Event? {
        guard left > 0 else { return endMessage() }
        if disposal == .discard, left > limits.discardedBody - discarded { return finish() }
        let data = buffer.take(left)
        guard !data.isEmpty else { return starve(head?.answering ?? .unparsed) }
        state = .length(left - data.count)
        return deliver(data)
    }

    /// Gathers the data of several chunks into one event; what stopped the gathering is held for the next call.
    private mutating func takeChunks(_ decoder: ChunkedDecoder) -> Event? {
        var decoder = decoder
        var data: [UInt8] = []
        var step = held ?? decoder.next(&buffer)
        held = nil
        while case .data(let more) = step {
            data += more
            if data.count >= limits.bodyEvent { break }
            step = decoder.next(&buffer)
        }
        state = .chunked(decoder)
        if !data.isEmpty {
            if case .data = step {} else { held = step == .needsMore ? nil : step }
            return deliver(data)
        }
        switch step {
        case .data, .needsMore: return starve(head?.answering ?? .unparsed)
        case .end: return endMessage()
        case .fault(let fault): return disposal == .deliver ? fail(fault, head?.answering ?? .unparsed) : finish()
        }
    }

    private mutating func deliver(_ data: [UInt8]) -> Event? {
        bodyBegan = true
        guard disposal != .deliver else { return .body(data) }
        discarded += data.count
        return discarded > limits.discardedBody ? finish() : nil
    }

    private mutating func endMessage() -> Event? {
        let wasRefused = disposal == .pass
        let goesOn = head?.keepsAlive ?? true
        head = nil
        disposal = .deliver
        state = .idle(emptyLines: 0)
        if !goesOn { finish() }
        return wasRefused ? nil : .end
    }

    // MARK: - Ends

    /// No byte can be taken: more must come, or the request is cut short.
    private mutating func starve(_ context: AnswerContext = .unparsed) -> Event {
        guard inputEnded else { return .needsMore }
        if case .idle = state, buffer.contents.elementsEqual([.carriageReturn]) { return finish() }
        return disposal == .deliver ? fail(.truncated, context) : finish()
    }

    private mutating func fail(_ fault: ParseFault, _ context: AnswerContext = .unparsed) -> Event {
        finish()
        return .failure(ParseFailure(fault, closes: true, answering: context))
    }

    @discardableResult
    private mutating func finish() -> Event {
        state = .finished
        buffer = InputBuffer()
        head = nil
        held = nil
        return .finished
    }
}
