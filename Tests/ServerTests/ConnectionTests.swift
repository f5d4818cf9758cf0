// What a connection does around a request: order, framing, refusals before and amid a body, half-close, going away,
// and every deadline and cap. Raw bytes over a real socket; deadlines pass by moving a clock.

import LimnerProtocol
import LimnerServer
import Testing

@Suite("Connections", .timeLimit(.minutes(1)))
struct ConnectionTests {
    @Test("a connection serves one request after another")
    func keepsAlive() throws {
        let bench = try TestService()
        let client = try bench.client()
        for _ in 0..<3 {
            client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().status == 200)
        }
    }

    @Test("pipelined requests are answered in order, the slow one first")
    func pipelines() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let id = try bench.sketch().job().id
        let client = try bench.client()
        client.send(
            TestService.bytes("GET", "/v1/jobs/\(id)", ["Prefer: wait=30"]) + TestService.bytes("GET", "/healthz")
                + TestService.bytes("GET", "/nowhere"))
        #expect(bench.painter.hasStarted())
        bench.painter.release()
        #expect(try client.response().job().status == .succeeded)
        #expect(try client.response().text.contains("ok"))
        #expect(try client.response().status == 404)
    }

    @Test("a good request before a bad one is answered, then 400 and the end")
    func pipelinedFault() throws {
        let bench = try TestService()
        let client = try bench.client()
        client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET  / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().status == 200)
        let refusal = try client.response()
        #expect(refusal.status == 400 && refusal.fields["connection"] == "close")
        #expect(try client.isClosed())
    }

    @Test("a request split at every byte is the same request")
    func splitAnywhere() throws {
        let bench = try TestService()
        let form = Part.form([.photo(), .text("text", "t"), .text("seed", "1")])
        let client = try bench.client()
        for byte in TestService.bytes("POST", "/sketch", [Part.contentType, "Prefer: wait=20"], body: form) {
            client.send([byte])
        }
        #expect(try client.response().status == 200)
        #expect(bench.painter.sketches.first?.seed == 1)
    }

    @Test("a chunked body is taken like any other")
    func chunked() throws {
        let bench = try TestService()
        let client = try bench.client()
        client.send("POST /sketch HTTP/1.1\r\nHost: a\r\n\(Part.contentType)\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in Part.form([.photo(), .text("text", "t")]).split(separator: 0x0A, omittingEmptySubsequences: false)
        {
            client.send(ChunkedEncoder.chunk(Array(piece + [0x0A])[...]))
        }
        client.send(ChunkedEncoder.last)
        #expect(try client.response().status == 202)
    }

    @Test("100 Continue is said once, then the body is read")
    func continues() throws {
        let bench = try TestService()
        let client = try bench.client()
        let form = Part.form([.photo(), .text("text", "t")])
        let fields = [Part.contentType, "Content-Length: \(form.count)", "Expect: 100-continue"]
        client.send(TestService.bytes("POST", "/sketch", fields))
        #expect(try client.response().status == 100)
        client.send(form)
        #expect(try client.response().status == 202)
    }

    @Test("a refused body is not asked for: the answer comes instead of 100 Continue")
    func refusesBeforeBody() throws {
        let bench = try TestService()
        let client = try bench.client()
        let fields = ["Content-Type: text/plain", "Content-Length: 1000000", "Expect: 100-continue"]
        client.send(TestService.bytes("POST", "/sketch", fields))
        let response = try client.response()
        #expect(response.status == 415 && response.fields["connection"] == "close")
    }

    @Test("a body that is declared too long is refused before it is sent")
    func declaredTooLong() throws {
        let bench = try TestService { $0.photoBytes = 1000 }
        let client = try bench.client()
        client.send(TestService.bytes("POST", "/sketch", [Part.contentType, "Content-Length: 99999999"]))
        #expect(try client.response().status == 413)
    }

    @Test("a client that sends a photo over the limit sees its 413, and nothing stays behind")
    func photoTooLong() throws {
        let bench = try TestService { $0.photoBytes = 200_000 }
        let photo = Pictures.photo() + [UInt8](repeating: 7, count: 900_000)
        let response = try bench.sketch([.photo(photo), .text("text", "t")])
        #expect(response.status == 413)
        #expect(bench.folder.names("data/staging").isEmpty)
    }

    @Test("a raw photo over the limit is 413")
    func rawTooLong() throws {
        let bench = try TestService { $0.photoBytes = 100_000 }
        let body = Pictures.photo() + [UInt8](repeating: 7, count: 150_000)
        #expect(try bench.request("POST", "/sketch?text=t", ["Content-Type: image/png"], body: body).status == 413)
    }

    @Test("a short body nobody asked for is passed over, and the connection goes on")
    func passesOver() throws {
        let bench = try TestService()
        let client = try bench.client()
        client.send(TestService.bytes("GET", "/healthz", body: [UInt8](repeating: 65, count: 1000)))
        client.send(TestService.bytes("GET", "/healthz"))
        #expect(try client.response().status == 200)
        #expect(try client.response().status == 200)
    }

    @Test("a client that half-closes after its request still gets the answer")
    func halfClose() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let client = try bench.client()
        let form = Part.form([.photo(), .text("text", "t")])
        client.send(TestService.bytes("POST", "/sketch", [Part.contentType, "Accept: image/png"], body: form))
        client.halfClose()
        #expect(bench.painter.hasStarted())
        bench.painter.release()
        #expect(try client.response().body == Pictures.png)
        #expect(try client.isClosed())
    }

    @Test("a client that goes away does not cancel its job")
    func disconnect() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let client = try bench.client()
        let form = Part.form([.photo(), .text("text", "t")])
        client.send(TestService.bytes("POST", "/sketch", [Part.contentType, "Accept: image/png"], body: form))
        #expect(bench.painter.hasStarted())
        client.reset()
        bench.painter.release()
        let list = try WireJSON.decode(JobList.self, from: try bench.request("GET", "/jobs").body)
        let id = try #require(list.jobs.first?.id)
        #expect(try bench.job(id, wait: true).status == .succeeded)
    }

    @Test("a body cut short makes no job and leaves nothing")
    func truncated() throws {
        let bench = try TestService()
        let client = try bench.client()
        let form = Part.form([.photo(), .text("text", "t")])
        client.send(Array(TestService.bytes("POST", "/sketch", [Part.contentType], body: form).dropLast(10)))
        client.halfClose()
        #expect(try client.response().status == 400)
        #expect(try client.isClosed())
        let list = try WireJSON.decode(JobList.self, from: try bench.request("GET", "/jobs").body)
        #expect(list.jobs.isEmpty && bench.folder.names("data/jobs").isEmpty)
    }

    @Test("Connection: close is honoured")
    func closes() throws {
        let bench = try TestService()
        let client = try bench.client()
        client.send("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(try client.response().fields["connection"] == "close")
        #expect(try client.isClosed())
    }

    @Test("HTTP/1.0 closes unless it asks to go on")
    func oldVersion() throws {
        let bench = try TestService()
        let client = try bench.client()
        client.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try client.response().fields["connection"] == "keep-alive")
        client.send("GET /healthz HTTP/1.0\r\n\r\n")
        #expect(try client.response().fields["connection"] == "close")
        #expect(try client.isClosed())
    }

    @Test("a result larger than the socket's buffers arrives whole")
    func largeResult() throws {
        let bench = try TestService()
        let style = Array("style big 1 ".utf8) + (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let fields = ["Content-Type: application/octet-stream"]
        #expect(try bench.request("POST", "/styles/import?name=big", fields, body: style).status == 201)
        #expect(try bench.request("GET", "/styles/big/export").body == style)
    }
}

@Suite("Deadlines and caps", .timeLimit(.minutes(1)))
struct DeadlineTests {
    @Test("a head that does not end within ten seconds is 408")
    func slowHead() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(timepiece: clock) { $0.graceSeconds = 0.2 }
        let client = try bench.client()
        client.send("GET /healthz HTTP/1.1\r\nHost")
        clock.advance(11, until: client)
        #expect(try client.response().status == 408)
        #expect(try client.isClosed())
    }

    @Test("an idle connection is closed without a word")
    func idle() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(timepiece: clock) { $0.graceSeconds = 0.2 }
        let client = try bench.client()
        client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().status == 200)
        clock.advance(61, until: client)
        #expect(try client.isClosed())
    }

    @Test("a connection that never says anything is closed")
    func silent() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(timepiece: clock) { $0.graceSeconds = 0.2 }
        let client = try bench.client()
        clock.advance(61, until: client)
        #expect(try client.isClosed())
    }

    @Test("a body that trickles is 408, and nothing stays behind")
    func slowBody() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(timepiece: clock) { $0.graceSeconds = 0.2 }
        let client = try bench.client()
        let fields = [Part.contentType, "Content-Length: 100000", "Expect: 100-continue"]
        client.send(TestService.bytes("POST", "/sketch", fields))
        #expect(try client.response().status == 100)
        client.send("--frontier\r\n")
        clock.advance(11, until: client)
        #expect(try client.response().status == 408)
        #expect(try client.isClosed())
        bench.service.stop()
        #expect(bench.folder.names("data/staging").isEmpty)
    }

    @Test("a client that never reads a large answer is let go")
    func slowReader() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(timepiece: clock) { $0.connections = 1 }
        let style = Array("style big 1 ".utf8) + [UInt8](repeating: 7, count: 12 << 20)
        let fields = ["Content-Type: application/octet-stream", "Connection: close"]
        #expect(try bench.request("POST", "/styles/import?name=big", fields, body: style).status == 201)
        let sleeper = try WireClient(port: bench.port, receiveBuffer: 4096)
        sleeper.send(TestService.bytes("GET", "/styles/big/export"))
        // The one place is taken until the sleeper is let go.
        var isFree = false
        for _ in 0..<200 where !isFree {
            clock.advance(31)
            isFree = try bench.request("GET", "/healthz", ["Connection: close"]).status == 200
        }
        #expect(isFree)
    }

    @Test("one connection too many is told 503", arguments: ["all", "address"])
    func caps(_ which: String) throws {
        let bench = try TestService {
            if which == "all" { $0.connections = 1 } else { $0.connectionsPerAddress = 1 }
        }
        let first = try bench.client()
        first.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try first.response().status == 200)
        let second = try bench.client()
        let response = try second.response()
        #expect(response.status == 503 && response.fields["retry-after"] != nil)
        first.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try first.response().status == 200)
    }
}
