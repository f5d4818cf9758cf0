// How connections go on and end: groups 44 to 60 of the service's contract, over real sockets, on the connection code
// alone. The server mirrors what it parsed, so each test sees the request as the service would.

import Dispatch
import LimnerProtocol
import LimnerServer
import Synchronization
import Testing

@Suite("Where a request ends", .timeLimit(.minutes(1)))
struct RequestEndTests {
    @Test("§3.44 what follows an empty body is the next request")
    func emptyBody() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + next)
        #expect(try client.response().text == "POST /a ")
        #expect(try client.response().text == "GET /next ")
    }

    @Test("§3.44 garbage after an empty body is a request of its own: 400 and the end")
    func garbage() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n\u{1}garbage\r\n\r\n" + next)
        #expect(try client.response().text == "POST /a ")
        #expect(try client.response().status == 400)
        #expect(try client.isClosed())
    }

    @Test("§3.45 a body cut short by the client's end is 400 and reaches no handler", arguments: [true, false])
    func cutShort(_ isChunked: Bool) throws {
        let net = try TestNet(answer: { _, _ in Answer(500) })
        let client = try net.client()
        let framing = isChunked ? "Transfer-Encoding: chunked\r\n\r\n5\r\nabc" : "Content-Length: 5\r\n\r\nabc"
        client.send("POST /a HTTP/1.1\r\nHost: a\r\n" + framing)
        client.halfClose()
        #expect(try client.response().status == 400)
        #expect(try client.isClosed())
        #expect(net.responder.abandoned.wait(timeout: .now() + 10) == .success)
    }

    @Test("§3.46 a reset in the middle of a body gives the body up, and others are served on")
    func reset() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.response().status == 100)
        client.send("abc")
        client.reset()
        #expect(net.responder.abandoned.wait(timeout: .now() + 10) == .success)
        let other = try net.client()
        other.send(next)
        #expect(try other.response().text == "GET /next ")
    }

    @Test("§3.47 a client that goes on sending after its refusal still reads it")
    func lingers() throws {
        let net = try TestNet(configure: { $0.parser.body = 1000 })
        let client = try net.client()
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n")
        client.send([UInt8](repeating: 65, count: 900_000))
        let response = try client.response()
        #expect(response.status == 413 && response.fields["connection"] == "close")
        #expect(try client.isClosed())
    }

    @Test("§3.47 a refused client that never stops sending is cut off")
    func lingersNotForEver() throws {
        let net = try TestNet(configure: { $0.parser.body = 1000 })
        let client = try net.client()
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 90000000\r\n\r\n")
        var isCut = false
        for _ in 0..<1000 where !isCut { isCut = !client.send([UInt8](repeating: 65, count: 64 << 10)) }
        #expect(isCut)
    }

    @Test("§3.47 a refused client that stays silent is let go after two seconds")
    func lingersBriefly() throws {
        let clock = ManualTimepiece()
        let net = try TestNet(timepiece: clock, configure: { $0.connections = 1 })
        let client = try net.client()
        client.send("BROKEN\r\n\r\n")
        #expect(try client.response().status == 400)
        // The one place is taken until the lingering is over.
        var status = 503
        for _ in 0..<100 where status == 503 {
            clock.advance(3)
            let other = try net.client()
            other.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            status = try other.response().status
        }
        #expect(status == 200)
    }
}

@Suite("Whether a connection goes on", .timeLimit(.minutes(1)))
struct PersistenceTests {
    @Test(
        "§3.48 version and Connection decide whether it goes on",
        arguments: [
            ("1.1", "", true), ("1.0", "", false), ("1.0", "Connection: keep-alive\r\n", true),
            ("1.0", "Connection: Keep-Alive\r\n", true), ("1.1", "Connection: close\r\n", false),
            ("1.1", "Connection: foo, Close\r\n", false), ("1.0", "Connection: keep-alive, close\r\n", false),
        ])
    func persistence(_ version: String, _ field: String, _ goesOn: Bool) throws {
        let net = try TestNet()
        let client = try net.client()
        client.send("GET /a HTTP/\(version)\r\nHost: a\r\n\(field)\r\n" + next)
        let response = try client.response()
        #expect(response.text == "GET /a ")
        let word = goesOn ? (version == "1.0" ? "keep-alive" : nil) : "close"
        #expect(response.fields["connection"] == word)
        // §3.49: bytes after the last request are ignored.
        if goesOn { #expect(try client.response().text == "GET /next ") } else { #expect(try client.isClosed()) }
    }

    @Test("§3.50 requests in one segment are answered in order, however slow the first is")
    func pipelines() throws {
        let gate = DispatchSemaphore(value: 0)
        let net = try TestNet(answer: { head, body in
            if head.target.path == "/slow" { gate.wait() }
            return TestNet.mirror(head, body)
        })
        let client = try net.client()
        let posts = (0..<20).map { "POST /\($0) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab" }
        client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + posts.joined())
        #expect(!client.isReadable(within: 50))
        gate.signal()
        #expect(try client.response().text == "GET /slow ")
        for number in 0..<20 { #expect(try client.response().text == "POST /\(number) ab") }
    }

    @Test("§3.51 a good request before a bad one is answered, then 400 and the end")
    func goodThenBad() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send(next + "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n" + next)
        #expect(try client.response().text == "GET /next ")
        let refusal = try client.response()
        #expect(refusal.status == 400 && refusal.fields["connection"] == "close")
        #expect(try client.isClosed())
    }

    @Test("§3.54 a client that has said its last still gets its answer")
    func halfClose() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab" + next)
        client.halfClose()
        #expect(try client.response().text == "POST /a ab")
        #expect(try client.response().text == "GET /next ")
        #expect(try client.isClosed())
    }

    @Test("§3.56 a connection ends with the last request it may bring, and says so")
    func wearsOut() throws {
        let net = try TestNet(configure: { $0.requestsPerConnection = 2 })
        let client = try net.client()
        client.send(next + next + next)
        #expect(try client.response().fields["connection"] == nil)
        #expect(try client.response().fields["connection"] == "close")
        #expect(try client.isClosed())
    }

    @Test("§3.56 a connection ends with the first request after an hour")
    func growsOld() throws {
        let clock = ManualTimepiece()
        let net = try TestNet(timepiece: clock)
        let client = try net.client()
        for _ in 0..<72 {
            client.send(next)
            #expect(try client.response().fields["connection"] == nil)
            clock.advance(50)
        }
        client.send(next)
        #expect(try client.response().fields["connection"] == "close")
    }

    @Test(
        "§3.57 an upgrade is not taken up: the request is answered as it is",
        arguments: ["Upgrade: websocket", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"])
    func upgrade(_ fields: String) throws {
        let net = try TestNet()
        let client = try net.client()
        client.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\(fields)\r\n\r\n" + next)
        let response = try client.response()
        #expect(response.status == 200 && response.text == "GET /a " && response.fields["upgrade"] == nil)
        #expect(try client.response().text == "GET /next ")
    }
}

@Suite("100 Continue", .timeLimit(.minutes(1)))
struct ContinueTests {
    private static func post(_ path: String, _ version: String = "1.1", expect: String = "100-continue") -> String {
        "POST \(path) HTTP/\(version)\r\nHost: a\r\nContent-Length: 2\r\nExpect: \(expect)\r\n\r\n"
    }

    @Test("§3.58 it is said once, before the body is read")
    func isSaid() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send(Self.post("/a"))
        #expect(try client.response().status == 100)
        client.send("ab" + next)
        #expect(try client.response().text == "POST /a ab")
        #expect(try client.response().text == "GET /next ")
    }

    @Test("§3.58 a refusal comes instead, and the connection ends")
    func isRefused() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send(Self.post("/refused"))
        let response = try client.response()
        #expect(response.status == 401 && response.fields["connection"] == "close")
        #expect(try client.isClosed())
    }

    @Test("§3.59 it is left out when the body is there already")
    func isLeftOut() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send(Self.post("/a") + "ab" + next)
        #expect(try client.response().text == "POST /a ab")
        #expect(try client.response().text == "GET /next ")
    }

    @Test("§3.59 another expectation is 417")
    func unknown() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send(Self.post("/a", expect: "x"))
        #expect(try client.response().status == 417)
    }

    @Test("§3.60 HTTP/1.0 gets no interim answer, and its Expect is ignored")
    func oldVersion() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send(Self.post("/a", "1.0"))
        #expect(!client.isReadable(within: 50))
        client.send("ab")
        #expect(try client.response().text == "POST /a ab")
        #expect(try client.isClosed())
    }
}

private let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
