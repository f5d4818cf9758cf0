// One connection without sockets: bytes in, what the parser saw out. Every table of this suite runs each
// input whole, byte by byte, cut at every place, and with a following `GET /next`.

import LimnerProtocol
import Testing

/// One message as the parser reported it.
enum Seen: Equatable, CustomStringConvertible {
    case request(method: String, target: String, fields: [String], body: String)
    case cut(method: String, body: String)
    case refused(Int, closes: Bool)
    /// A body or an end of no request.
    case stray

    var description: String {
        switch self {
        case .request(let method, let target, let fields, let body):
            "\(method) \(target) \(fields) body=\(body.debugDescription)"
        case .cut(let method, let body): "\(method) unfinished body=\(body.debugDescription)"
        case .refused(let status, let closes): "\(status)\(closes ? " close" : "")"
        case .stray: "stray body or end"
        }
    }

    static let next = Seen.request(method: "GET", target: "/next", fields: ["Host: next"], body: "")
}

/// Where the connection stands when the input is used up.
enum Standing: Equatable {
    /// Between requests.
    case idle
    /// In the middle of one.
    case waiting
    /// Nothing more is read.
    case finished
}

struct Exchange: Equatable {
    var seen: [Seen] = []
    var standing = Standing.idle

    static let nextRequest = octets("GET /next HTTP/1.1\r\nHost: next\r\n\r\n")

    init(_ seen: [Seen], _ standing: Standing) {
        self.seen = seen
        self.standing = standing
    }

    /// Feeds the pieces in order, taking every event after each.
    init(_ pieces: [ArraySlice<UInt8>], limits: Limits = Limits(), ended: Bool = false) {
        var parser = RequestParser(limits: limits)
        var head: RequestHead?
        var body: [UInt8] = []
        for piece in pieces + [[]] {
            parser.feed(piece)
            if ended, piece.isEmpty { parser.finishInput() }
            events: while true {
                switch parser.next() {
                case .needsMore: break events
                case .finished: break events
                case .head(let parsed): (head, body) = (parsed, [])
                case .body(let more):
                    if head == nil { seen.append(.stray) }
                    body += more
                case .end:
                    seen.append(head.map { Exchange.request($0, body) } ?? .stray)
                    head = nil
                case .failure(let failure):
                    if let head { seen.append(.cut(method: head.method.rawValue, body: latin(body))) }
                    head = nil
                    seen.append(.refused(failure.status, closes: failure.closes))
                }
            }
        }
        standing = parser.isFinished ? .finished : parser.isIdle ? .idle : .waiting
    }

    private static func request(_ head: RequestHead, _ body: [UInt8]) -> Seen {
        let fields = head.fields.map { "\($0.name): \(latin($0.value))" }
        return .request(
            method: head.method.rawValue, target: head.target.raw, fields: fields, body: latin(body))
    }
}

/// Runs the bytes whole, byte by byte and cut once at every place (or at 200 places of a long input), and
/// requires the same exchange each time.
func expectExchange(
    _ bytes: [UInt8], limits: Limits = Limits(), ended: Bool = false, is expected: Exchange,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let whole = Exchange([bytes[...]], limits: limits, ended: ended)
    #expect(whole == expected, "whole", sourceLocation: sourceLocation)
    let single = Exchange(bytes.indices.map { bytes[$0...$0] }, limits: limits, ended: ended)
    #expect(single == expected, "byte by byte", sourceLocation: sourceLocation)
    for cut in stride(from: 1, to: max(2, bytes.count), by: max(1, bytes.count / 200)) where cut < bytes.count {
        let pieces = [bytes[..<cut], bytes[cut...]]
        let both = Exchange(pieces, limits: limits, ended: ended)
        guard both == expected else {
            Issue.record("cut at \(cut): \(both) instead of \(expected)", sourceLocation: sourceLocation)
            return
        }
    }
}

/// The bytes are refused with that status; when the connection may go on, the next request is seen.
func expectRefusal(
    _ bytes: [UInt8], _ status: Int, closes: Bool, after earlier: [Seen] = [], limits: Limits = Limits(),
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let refused = earlier + [.refused(status, closes: closes)]
    expectExchange(
        bytes, limits: limits, is: Exchange(refused, closes ? .finished : .idle), sourceLocation: sourceLocation)
    expectExchange(
        bytes + Exchange.nextRequest, limits: limits,
        is: Exchange(closes ? refused : refused + [.next], closes ? .finished : .idle),
        sourceLocation: sourceLocation)
}

/// The bytes are one request, read exactly; when the connection goes on, the next request is seen.
func expectRequest(
    _ bytes: [UInt8], _ request: Seen, goesOn: Bool = true, limits: Limits = Limits(),
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let standing = goesOn ? Standing.idle : .finished
    expectExchange(bytes, limits: limits, is: Exchange([request], standing), sourceLocation: sourceLocation)
    expectExchange(
        bytes + Exchange.nextRequest, limits: limits,
        is: Exchange(goesOn ? [request, .next] : [request], standing), sourceLocation: sourceLocation)
}

/// The head of a request that is expected to be accepted: the same whole, byte by byte and before another request,
/// which is then seen, unless a body is still to come or the connection ends.
func parsedHead(_ wire: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> RequestHead {
    let bytes = octets(wire)
    let head = try firstHead([bytes[...]], sourceLocation: sourceLocation)
    let others = [bytes.indices.map { bytes[$0...$0] }, [(bytes + Exchange.nextRequest)[...]]]
    for pieces in others {
        #expect(try firstHead(pieces, sourceLocation: sourceLocation) == head, sourceLocation: sourceLocation)
    }
    if head.framing.isEmpty {
        let seen = Exchange([bytes[...]]).seen
        try #require(seen.count == 1, sourceLocation: sourceLocation)
        expectRequest(bytes, seen[0], goesOn: head.keepsAlive, sourceLocation: sourceLocation)
    }
    return head
}

/// Feeds the pieces until a head comes.
private func firstHead(_ pieces: [ArraySlice<UInt8>], sourceLocation: SourceLocation) throws -> RequestHead {
    var parser = RequestParser()
    var event = RequestParser.Event.needsMore
    for piece in pieces where event == .needsMore {
        parser.feed(piece)
        event = parser.next()
    }
    guard case .head(let head) = event else {
        Issue.record("no head but \(event)", sourceLocation: sourceLocation)
        throw ParseFault.requestLine
    }
    return head
}
