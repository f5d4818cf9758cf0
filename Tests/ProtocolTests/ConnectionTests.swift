// Groups 48–51 and 57–60 of the service's table of HTTP/1.1 inputs, and group 43's throwing away of bodies:
// which requests a connection carries.

import LimnerProtocol
import Testing

@Suite("Connections")
struct ConnectionTests {
    @Test(
        "§3.48 §3.49 persistence follows version and Connection",
        arguments: [
            ("1.1", "", true), ("1.0", "", false), ("1.0", "Connection: keep-alive\r\n", true),
            ("1.0", "Connection: Keep-Alive, foo\r\n", true), ("1.1", "Connection: close\r\n", false),
            ("1.1", "Connection: foo, Close\r\n", false), ("1.1", "Connection: foo\r\nConnection: CLOSE\r\n", false),
            ("1.0", "Connection: keep-alive, close\r\n", false), ("1.1", "Connection: closed\r\n", true),
            ("1.1", "Connection: \"x\r\n", false), ("1.1", "Connection: Upgrade, HTTP2-Settings\r\n", true),
        ])
    func persistence(version: String, lines: String, goesOn: Bool) throws {
        let wire = "GET / HTTP/\(version)\r\nHost: h\r\n\(lines)\r\n"
        #expect(try parsedHead(wire).keepsAlive == goesOn)
        let exchange = Exchange([(octets(wire) + Exchange.nextRequest)[...]])
        #expect(exchange.seen.count == (goesOn ? 2 : 1))
        #expect(exchange.standing == (goesOn ? .idle : .finished))
    }

    @Test(
        "§3.49 nothing after a request that closes is read",
        arguments: [("1.1", "Connection: close"), ("1.1", "Connection: foo, Close"), ("1.0", "X: y")])
    func nothingAfterClose(version: String, line: String) {
        for tail in ["", "garbage\r\n\r\n", "\0"] {
            expectExchange(
                octets("POST / HTTP/\(version)\r\nHost: h\r\n\(line)\r\nContent-Length: 2\r\n\r\nab\(tail)"),
                is: Exchange(
                    [
                        .request(
                            method: "POST", target: "/", fields: ["Host: h", line, "Content-Length: 2"], body: "ab")
                    ], .finished))
        }
    }

    @Test("§3.50 pipelined requests come in order")
    func pipelining() {
        let wire = (0..<20).flatMap { octets("POST /\($0) HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab") }
        let seen = (0..<20).map {
            Seen.request(method: "POST", target: "/\($0)", fields: ["Host: h", "Content-Length: 2"], body: "ab")
        }
        expectExchange(wire, is: Exchange(seen, .idle))
    }

    @Test("§3.51 a valid request before an invalid one is served")
    func validThenInvalid() {
        expectRefusal(Exchange.nextRequest + octets("GET / HTTP/1\r\n\r\n"), 400, closes: true, after: [.next])
    }

    @Test("§3.51 an invalid request before a valid one costs only itself when the framing is known")
    func invalidThenValid() {
        expectRefusal(octets("BREW / HTTP/1.1\r\nHost: h\r\n\r\n"), 501, closes: false)
    }

    @Test("§3.57 an upgrade is ignored", arguments: ["websocket", "h2c", "TLS/1.0, HTTP/2.0"])
    func upgrade(name: String) {
        let fields = ["Host: h", "Connection: Upgrade, HTTP2-Settings", "Upgrade: \(name)", "HTTP2-Settings: AAMAAABk"]
        expectRequest(
            octets("GET / HTTP/1.1\r\n\(fields.map { $0 + "\r\n" }.joined())\r\n"),
            .request(method: "GET", target: "/", fields: fields, body: ""))
    }

    @Test(
        "§3.58 §3.59 a wish for 100 Continue is seen only where it may be granted",
        arguments: [
            ("1.1", "Content-Length: 5\r\nExpect: 100-continue\r\n", true),
            ("1.1", "Transfer-Encoding: chunked\r\nExpect: 100-Continue\r\n", true),
            ("1.1", "Content-Length: 0\r\nExpect: 100-continue\r\n", false), ("1.1", "Expect: 100-continue\r\n", false),
            ("1.1", "Content-Length: 5\r\n", false), ("1.0", "Content-Length: 5\r\nExpect: 100-continue\r\n", false),
            ("1.0", "Content-Length: 5\r\nExpect: more\r\n", false),
        ])
    func expects(version: String, lines: String, wanted: Bool) throws {
        let head = try parsedHead("POST / HTTP/\(version)\r\nHost: h\r\n\(lines)\r\n")
        #expect(head.expectsContinue == wanted)
    }

    @Test("§3.59 another expectation is answered 417", arguments: ["x", "100-continue, x", "", "100-continue=1"])
    func otherExpectation(value: String) {
        expectRefusal(octets("GET / HTTP/1.1\r\nHost: h\r\nExpect: \(value)\r\n\r\n"), 417, closes: false)
        expectRefusal(
            octets("POST / HTTP/1.1\r\nHost: h\r\nExpect: \(value)\r\nContent-Length: 5\r\n\r\n"), 417, closes: true)
    }

    @Test(
        "§3.68 a content coding is answered 415 and the answer names identity",
        arguments: ["gzip", "br", "gzip, identity"])
    func contentCoding(value: String) {
        let wire = octets("POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: \(value)\r\nContent-Length: 2\r\n\r\nab")
        expectRefusal(wire, 415, closes: false)
        var parser = RequestParser()
        parser.feed(wire)
        guard case .failure(let failure) = parser.next() else {
            Issue.record("not refused")
            return
        }
        #expect(failure.fields.text("Accept-Encoding") == "identity")
    }

    @Test("§3.68 identity is no coding")
    func identity() throws {
        let head = try parsedHead("POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: Identity\r\n\r\n")
        #expect(head.framing == .none)
    }

    @Test("§3.61 a refused HEAD says so, because its answer has no body")
    func refusedHead() {
        var parser = RequestParser()
        parser.feed(octets("HEAD / HTTP/1.0\r\nHost: a b\r\n\r\n"))
        guard case .failure(let failure) = parser.next() else {
            Issue.record("not refused")
            return
        }
        #expect(failure.answering == AnswerContext(version: .http10, isHead: true))
    }

    /// Takes the head, throws the body away, and says what comes.
    private func discarding(_ wire: [UInt8], piecewise: Bool) -> [RequestParser.Event] {
        var parser = RequestParser()
        var events: [RequestParser.Event] = []
        for piece in piecewise ? wire.indices.map({ wire[$0...$0] }) : [wire[...]] {
            parser.feed(piece)
            events: while true {
                let event = parser.next()
                switch event {
                case .needsMore: break events
                case .finished:
                    if events.last != .finished { events.append(event) }
                    break events
                case .head:
                    events.append(event)
                    parser.discardBody()
                default: events.append(event)
                }
            }
        }
        return events
    }

    @Test(
        "§3.43 an unwanted short body is passed over and the next request is seen", arguments: [true, false],
        [
            "Content-Length: 65536\r\n\r\n" + String(repeating: "x", count: 65536),
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "Content-Length: 0\r\n\r\n",
        ])
    func discardShort(piecewise: Bool, rest: String) {
        let events = discarding(
            octets("POST / HTTP/1.1\r\nHost: h\r\n\(rest)") + Exchange.nextRequest, piecewise: piecewise)
        guard events.count == 4, case .head = events[0], case .head(let next) = events[2] else {
            Issue.record("saw \(events)")
            return
        }
        #expect(events[1] == .end)
        #expect(next.target.raw == "/next")
        #expect(events[3] == .end)
    }

    @Test(
        "§3.43 an unwanted long, faulty or awaited body finishes the connection", arguments: [true, false],
        [
            "Content-Length: 65537\r\n\r\n" + String(repeating: "x", count: 65537),
            "Transfer-Encoding: chunked\r\n\r\n20000\r\n" + String(repeating: "x", count: 0x20000) + "\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        ])
    func discardLong(piecewise: Bool, rest: String) {
        let events = discarding(
            octets("POST / HTTP/1.1\r\nHost: h\r\n\(rest)") + Exchange.nextRequest, piecewise: piecewise)
        #expect(events.count == 2)
        #expect(events.last == .finished)
    }

    @Test("§3.58 refusing a body that waits for 100 Continue finishes the connection")
    func discardAwaited() {
        let head = octets("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(discarding(head, piecewise: false).last == .finished)
    }

    @Test("§3.59 a body that came although 100 Continue was awaited is passed over")
    func discardImpatient() {
        let wire = octets("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello")
        #expect(discarding(wire, piecewise: false).last == .end)
    }
}
