// How long connections may take and how many there may be: groups 52, 53, 55 and 56 of the service's contract, with a
// clock that the test moves.

import Dispatch
import LimnerProtocol
import LimnerServer
import Testing

@Suite("Patience with clients", .timeLimit(.minutes(1)))
struct PatienceTests {
    @Test(
        "§3.52 a head that does not end within ten seconds is 408", arguments: ["G", "GET / HTTP/1.1\r\nHost: a\r\n"])
    func slowHead(_ start: String) throws {
        let clock = ManualTimepiece()
        let net = try TestNet(timepiece: clock)
        let client = try net.client()
        client.send(start)
        clock.advance(11, until: client)
        let response = try client.response()
        #expect(response.status == 408 && response.fields["connection"] == "close")
        #expect(try client.isClosed())
    }

    @Test("§3.52 a head sent byte by byte gets no more time than one sent at once")
    func trickledHead() throws {
        let clock = ManualTimepiece()
        let net = try TestNet(timepiece: clock)
        let client = try net.client()
        client.send("GET / HTTP/1.1\r\nX: ")
        // A second for each byte: were every byte to begin the ten seconds anew, this would not end.
        for _ in 0..<200 where !client.isReadable(within: 20) {
            client.send("x")
            clock.advance(1)
        }
        #expect(try client.response().status == 408)
    }

    @Test("§3.52 a connection idle for a minute is closed without a word")
    func idle() throws {
        let clock = ManualTimepiece()
        let net = try TestNet(timepiece: clock)
        let client = try net.client()
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().status == 200)
        clock.advance(61, until: client)
        #expect(try client.isClosed())
    }

    @Test("§3.52 a connection used now and then stays")
    func used() throws {
        let clock = ManualTimepiece()
        let net = try TestNet(timepiece: clock)
        let client = try net.client()
        for _ in 0..<10 {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().status == 200)
            clock.advance(55)
        }
    }

    @Test("§3.52 a body that brings less than its share in ten seconds is 408")
    func trickledBody() throws {
        let clock = ManualTimepiece()
        let net = try TestNet(timepiece: clock)
        let client = try Self.beginBody(net)
        client.send([UInt8](repeating: 65, count: 1000))
        clock.advance(11, until: client)
        #expect(try client.response().status == 408)
        #expect(try client.isClosed())
    }

    @Test("§3.52 a body that takes more than two minutes is 408, however steadily it comes")
    func longBody() throws {
        let clock = ManualTimepiece()
        let net = try TestNet(timepiece: clock)
        let client = try Self.beginBody(net)
        var rounds = 0
        while !client.isReadable(within: 20), rounds < 400 {
            client.send([UInt8](repeating: 65, count: 20_000))
            clock.advance(1)
            rounds += 1
        }
        #expect(rounds >= 115)
        #expect(try client.response().status == 408)
    }

    @Test("§3.53 a client that does not read its answer is let go")
    func slowReader() throws {
        let clock = ManualTimepiece()
        let net = try TestNet(
            timepiece: clock, answer: { _, _ in Answer(200, "a/b", [UInt8](repeating: 7, count: 32 << 20)) })
        let client = try net.client(receiveBuffer: 4096)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try client.waitFor("\r\n\r\n")
        var isOver = false
        for _ in 0..<200 where !isOver {
            clock.advance(31)
            isOver = net.responder.hasAnswered(within: 0.05)
        }
        #expect(net.responder.records == [.init(status: 200, isComplete: false)])
    }

    private static func beginBody(_ net: TestNet) throws -> WireClient {
        let client = try net.client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.response().status == 100)
        return client
    }
}

@Suite("Room for clients", .timeLimit(.minutes(1)))
struct RoomTests {
    @Test("§3.55 one connection too many is told 503, and the others are served on", arguments: [true, false])
    func caps(_ isPerAddress: Bool) throws {
        let net = try TestNet(configure: {
            if isPerAddress { $0.connectionsPerAddress = 2 } else { $0.connections = 2 }
        })
        let clients = try (0..<2).map { _ in try net.client() }
        for client in clients {
            client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == "GET /a ")
        }
        let refused = try net.client()
        let response = try refused.response()
        #expect(response.status == 503 && response.fields["connection"] == "close")
        #expect(try refused.isClosed())
        for client in clients {
            client.send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == "GET /b ")
        }
    }

    @Test("§3.55 hundreds of idle connections do not keep a new one from being served")
    func idle() throws {
        let net = try TestNet(configure: { ($0.connections, $0.connectionsPerAddress) = (400, 400) })
        let idle = try (0..<300).map { _ in try net.client() }
        let client = try net.client()
        client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().text == "GET /a ")
        #expect(idle.count == 300)
    }
}

@Suite("Stopping", .timeLimit(.minutes(1)))
struct StoppingTests {
    /// Longer than any of these tests may take: what waits for it hangs.
    private static let longGrace = 50.0

    @Test("§3.56 an answer under way is finished, says that it is the last, and then the net has stopped")
    func finishes() throws {
        let (entered, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let net = try TestNet(answer: { head, body in
            entered.signal()
            gate.wait()
            return TestNet.mirror(head, body)
        })
        let (client, idle) = (try net.client(), try net.client())
        client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        entered.wait()
        let stopped = Self.stop(net)
        // The stopping has begun once idle clients are let go.
        #expect(try idle.isClosed())
        gate.signal()
        let response = try client.response()
        #expect(response.text == "GET /a " && response.fields["connection"] == "close")
        #expect(try client.isClosed())
        #expect(stopped.wait(timeout: .now() + 10) == .success)
    }

    @Test("§3.56 silent clients do not hold it up")
    func silent() throws {
        let net = try TestNet()
        let (fresh, used) = (try net.client(), try net.client())
        used.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try used.response().status == 200)
        #expect(Self.stop(net).wait(timeout: .now() + 10) == .success)
        #expect(try fresh.isClosed())
        #expect(try used.isClosed())
    }

    @Test("§3.56 a client in the middle of a head is told 503")
    func midHead() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /a HTTP/1.1\r\n")
        #expect(try client.response().text == "GET /first ")
        let stopped = Self.stop(net)
        let response = try client.response()
        #expect(response.status == 503 && response.fields["connection"] == "close")
        client.halfClose()
        #expect(stopped.wait(timeout: .now() + 10) == .success)
    }

    @Test("§3.56 a TLS handshake that stands still does not hold it up", arguments: [[], [22, 3, 1]])
    func stalledHandshake(_ bytes: [UInt8]) throws {
        let net = try TestNet(tls: Certificates.first)
        let client = try net.client()
        client.send(bytes)
        #expect(Self.stop(net).wait(timeout: .now() + 10) == .success)
        #expect(try client.isClosed())
    }

    private static func stop(_ net: TestNet) -> DispatchSemaphore {
        let stopped = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            net.stop(grace: longGrace)
            stopped.signal()
        }
        return stopped
    }
}
