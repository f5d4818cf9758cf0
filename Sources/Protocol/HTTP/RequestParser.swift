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
        case fields
        case length(Int)
        case chunked
        case finished
    }

    /// A head of which more is to come. It stands beside the state, so that it grows where it is.
    private struct Draft: Sendable {
        var line: RequestLine
        var fields = HeaderFields()
        /// Bytes of its field lines so far.
        var used = 0
    }

    /// What must be remembered of a head while its body comes.
    private struct Message: Sendable {
        var answering: AnswerContext
        var keepsAlive: Bool
        var expectsContinue: Bool
    }

    /// What happens to the body at hand.
    private enum Disposal { case deliver, discard, pass }

    private let limits: Limits
    private var buffer = InputBuffer()
    private var state = State.idle(emptyLines: 0)
    private var disposal = Disposal.deliver
    private var discarded = 0
    private var bodyBegan = false
    private var draft: Draft?
    private var message: Message?
    private var decoder = ChunkedDecoder()
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

    public mutating func feed(_ bytes: [UInt8]) {
        if !isFinished { buffer.append(bytes) }
    }

    /// The peer will send no more. A request cut short then fails; between requests the parser finishes.
    public mutating func finishInput() { inputEnded = true }

    /// The rest of the request at hand is not wanted: it is passed over up to `Limits.discardedBody`, then
    /// `end` comes; a longer one, and one whose client still waits for `100 Continue`, finishes the parser.
    public mutating func discardBody() {
        guard let message else { return }
        disposal = .discard
        if message.expectsContinue, !bodyBegan, buffer.isEmpty { finish() }
    }

    public mutating func next() -> Event {
        while true {
            switch state {
            case .idle(let emptyLines):
                if let event = takeRequestLine(emptyLines) { return event }
            case .fields:
                if let event = takeField() { return event }
            case .length(let left):
                if let event = takeLength(left) { return event }
            case .chunked:
                if let event = takeChunks() { return event }
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
                draft = Draft(line: try RequestLine(line, limits: limits))
                state = .fields
            } catch {
                return fail(error)
            }
        }
        return nil
    }

    private mutating func takeField() -> Event? {
        guard let answering = draft?.line.answering, let used = draft?.used, let count = draft?.fields.count else {
            preconditionFailure("fields come after a request line")
        }
        switch buffer.takeLine(limit: limits.fieldLine) {
        case .incomplete: return starve(answering)
        case .badEnding: return fail(.lineEnding, answering)
        case .tooLong: return fail(.fieldLineTooLong, answering)
        case .line(let text) where text.isEmpty: return begin()
        case .line(let text):
            let total = used + text.count + 2
            guard total <= limits.fieldBlock else { return fail(.fieldBlockTooLong, answering) }
            guard count < limits.fieldCount else { return fail(.fieldCount, answering) }
            do throws(ParseFault) {
                draft?.fields.append(try HeaderField(line: text))
                draft?.used = total
                return nil
            } catch {
                return fail(error, answering)
            }
        }
    }

    /// The head is complete: framing first, then everything else.
    private mutating func begin() -> Event {
        guard let draft = draft.take() else { preconditionFailure("a head begins with a request line") }
        let framing: BodyFraming
        do throws(ParseFault) {
            framing = try BodyFraming.ofRequest(draft.fields, version: draft.line.version, limits: limits)
        } catch {
            return fail(error, draft.line.answering)
        }
        switch framing {
        case .none: state = .length(0)
        case .length(let count): state = .length(count)
        case .chunked: (state, decoder) = (.chunked, ChunkedDecoder())
        }
        disposal = .deliver
        discarded = 0
        bodyBegan = false
        do throws(ParseFault) {
            let head = try RequestHead(line: draft.line, fields: draft.fields, framing: framing)
            message = Message(
                answering: head.answering, keepsAlive: head.keepsAlive, expectsContinue: head.expectsContinue)
            return .head(head)
        } catch {
            return refuse(error, draft, framing)
        }
    }

    /// A fault that leaves the framing intact: the connection goes on when the request would have let it and
    /// its body is short and sure to come.
    private mutating func refuse(_ fault: ParseFault, _ draft: Draft, _ framing: BodyFraming) -> Event {
        let isTunnel = draft.line.method == .connect
        var isShort = framing.isEmpty
        if case .length(let count) = framing, !draft.fields.contains("Expect") {
            isShort = count <= limits.discardedBody
        }
        guard isShort, !isTunnel, RequestHead.persists(draft.fields, version: draft.line.version) else {
            return fail(fault, draft.line.answering)
        }
        disposal = .pass
        return .failure(ParseFailure(fault, closes: false, answering: draft.line.answering))
    }

    // MARK: - Body

    private var answering: AnswerContext { message?.answering ?? .unparsed }

    private mutating func takeLength(_ left: Int) -> Event? {
        guard left > 0 else { return endMessage() }
        if disposal == .discard, left > limits.discardedBody - discarded { return finish() }
        let data = buffer.take(left)
        guard !data.isEmpty else { return starve(answering) }
        state = .length(left - data.count)
        return deliver(data)
    }

    /// Gathers the data of several chunks into one event; what stopped the gathering is held for the next call.
    private mutating func takeChunks() -> Event? {
        var data: [UInt8] = []
        let step = held ?? decoder.next(&buffer, into: &data, limits: limits)
        held = nil
        if !data.isEmpty {
            if step != .needsMore, step != .full { held = step }
            return deliver(data)
        }
        switch step {
        case .full, .needsMore: return starve(answering)
        case .end: return endMessage()
        case .fault(let fault): return disposal == .deliver ? fail(fault, answering) : finish()
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
        let goesOn = message?.keepsAlive ?? true
        message = nil
        disposal = .deliver
        state = .idle(emptyLines: 0)
        if !goesOn { finish() }
        return wasRefused ? nil : .end
    }

    // MARK: - Ends

    /// No byte can be taken: more must come, or the request is cut short.
    private mutating func starve(_ context: AnswerContext = .unparsed) -> Event {
        guard inputEnded else { return .needsMore }
        if case .idle = state, buffer.contents.equals("\r") { return finish() }
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
        draft = nil
        message = nil
        held = nil
        return .finished
    }
}
