// A complete request head: what the request line and the fields say, judged together. Framing comes first,
// because a head whose framing is unknown cannot be answered on a connection that goes on; the other
// judgements leave the framing intact, so their faults need not cost the connection.

/// What an answer must know of the request it answers.
public struct AnswerContext: Sendable, Equatable {
    public let version: HTTPVersion
    /// HEAD: the fields of GET without the body.
    public let isHead: Bool

    public init(version: HTTPVersion, isHead: Bool) {
        self.version = version
        self.isHead = isHead
    }

    /// For a request whose head could not be read.
    public static let unparsed = AnswerContext(version: .http11, isHead: false)
}

public struct RequestHead: Sendable, Equatable {
    public let method: Method
    public let target: RequestTarget
    public let version: HTTPVersion
    /// All fields in order, duplicates kept.
    public let fields: HeaderFields
    public let framing: BodyFraming
    /// The host the request is for: the target's authority, else Host; nil only on HTTP/1.0.
    public let authority: Authority?
    /// Whether the connection may go on after this request (RFC 9112 §9.3).
    public let keepsAlive: Bool
    /// True when the client waits for `100 Continue` before it sends a body (RFC 9110 §10.1.1): never on
    /// HTTP/1.0 and never without a body.
    public let expectsContinue: Bool

    public var answering: AnswerContext { AnswerContext(version: version, isHead: method == .head) }

    /// Fields that may be given once; Content-Length and Host have faults of their own.
    static let singletons = [
        "Content-Type", "Authorization", "Idempotency-Key", "Content-Encoding", "Range", "Last-Event-ID",
    ]

    /// Judges a head whose framing is known.
    init(line: RequestLine, fields: HeaderFields, framing: BodyFraming) throws(ParseFault) {
        guard let method = line.method, method != .connect, method != .trace else { throw .methodUnknown }
        let target = try RequestTarget(line.target[...], method: method)
        let host = try RequestHead.host(fields, version: line.version)
        for name in RequestHead.singletons where fields.repeats(name) { throw .fieldRepeated }
        if let coding = fields.first("Content-Encoding"), !coding[...].equals(ignoringCase: "identity") {
            throw .contentCoding
        }
        self.method = method
        self.target = target
        self.version = line.version
        self.fields = fields
        self.framing = framing
        self.authority = target.authority ?? host
        self.keepsAlive = RequestHead.persists(fields, version: line.version)
        let expects = try RequestHead.expectation(fields, version: line.version)
        self.expectsContinue = expects && !framing.isEmpty
    }

    /// RFC 9112 §3.2: exactly one valid Host on HTTP/1.1, even beside an absolute target.
    private static func host(_ fields: HeaderFields, version: HTTPVersion) throws(ParseFault) -> Authority? {
        guard !fields.repeats("Host") else { throw .hostRepeated }
        guard let host = fields.first("Host") else {
            if version == .http11 { throw .hostMissing }
            return nil
        }
        guard let authority = Authority(host[...]) else { throw .host }
        return authority
    }

    /// RFC 9112 §9.3: `close` wins; then 1.1 persists, 1.0 only with `keep-alive`.
    static func persists(_ fields: HeaderFields, version: HTTPVersion) -> Bool {
        guard fields.contains("Connection") else { return version == .http11 }
        // A list that cannot be read counts as `close`, which is always safe.
        guard let options = fields.list("Connection") else { return false }
        if options.contains(where: { $0.equals(ignoringCase: "close") }) { return false }
        return version == .http11 || options.contains { $0.equals(ignoringCase: "keep-alive") }
    }

    /// RFC 9110 §10.1.1: ignored on HTTP/1.0; anything but `100-continue` cannot be met.
    private static func expectation(_ fields: HeaderFields, version: HTTPVersion) throws(ParseFault) -> Bool {
        guard version == .http11, fields.contains("Expect") else { return false }
        guard let wishes = fields.list("Expect"), !wishes.isEmpty,
            wishes.allSatisfy({ $0.equals(ignoringCase: "100-continue") })
        else { throw .expectation }
        return true
    }
}
