// Bodies that are made while they are sent: framing by version, the end, the cut, and readers that are slow or gone.

import Dispatch
import LimnerProtocol
import LimnerServer
import Synchronization
import Testing

@Suite("Bodies made while they are sent", .timeLimit(.minutes(1)))
struct ConnectionStreamTests {
    @Test("on HTTP/1.1 the body goes out in chunks and the connection goes on")
    func chunked() throws {
        let bench = try StreamBench()
        let client = try bench.get(version: "1.1")
        bench.stream.send(Array("hello ".utf8))
        try client.waitFor("6\r\nhello \r\n")
        bench.stream.send(Array("world".utf8))
        bench.stream.end()
        try client.waitFor("5\r\nworld\r\n0\r\n\r\n")
        #expect(bench.isGone())
        client.send("GET /stop HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let text = try client.restText()
        #expect(text.contains("Transfer-Encoding: chunked\r\n") && !text.contains("Content-Length: 6"))
        #expect(text.hasSuffix("\r\n\r\nplain"))
    }

    @Test("§3.70 on HTTP/1.0 the body is delimited by close and never chunked, whatever the client asks")
    func oldVersion() throws {
        let bench = try StreamBench()
        let client = try bench.get(version: "1.0", fields: "Connection: keep-alive\r\n")
        bench.stream.send(Array("hello".utf8))
        bench.stream.end()
        let (bytes, isReset) = try client.rest()
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasSuffix("\r\n\r\nhello") && !isReset)
        #expect(!text.contains("Transfer-Encoding") && text.contains("Connection: close"))
    }

    @Test("§3.61 HEAD gets the fields of the stream and none of its bytes")
    func head() throws {
        let bench = try StreamBench()
        let client = try bench.get("HEAD", version: "1.1")
        #expect(bench.isGone())
        bench.stream.send(Array("never".utf8))
        client.send("GET /stop HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let text = try client.restText()
        #expect(text.contains("Transfer-Encoding: chunked\r\n") && !text.contains("never"))
        #expect(text.hasSuffix("\r\n\r\nplain"))
    }

    @Test("§3.71 an aborted chunked body ends without its last chunk")
    func abortsChunked() throws {
        let bench = try StreamBench()
        let client = try bench.get(version: "1.1")
        bench.stream.send(Array("half".utf8))
        try client.waitFor("half")
        bench.stream.abort()
        #expect(try client.restText().hasSuffix("4\r\nhalf\r\n"))
        #expect(bench.isGone())
    }

    @Test("§3.71 an aborted body of HTTP/1.0 ends in a reset, since an orderly close would mean success")
    func abortsUnframed() throws {
        let bench = try StreamBench()
        let client = try bench.get(version: "1.0")
        bench.stream.send(Array("half".utf8))
        try client.waitFor("half")
        bench.stream.abort()
        #expect(try client.rest().isReset)
    }

    @Test("a body that is cut is told as incomplete, one that ends as complete", arguments: [true, false])
    func isTold(_ ends: Bool) throws {
        let bench = try StreamBench()
        let client = try bench.get(version: "1.0")
        if ends { bench.stream.end() } else { bench.stream.abort() }
        _ = try client.rest()
        bench.net.stop()
        #expect(bench.net.responder.records.last == .init(status: 200, isComplete: ends))
    }

    @Test("a reader slower than the body grows is cut off, and what it held is given up")
    func slowReader() throws {
        let bench = try StreamBench()
        let client = try bench.get(version: "1.1", receiveBuffer: 4096)
        try client.waitFor("\r\n\r\n")
        // What the sockets take is bounded, so this ends, and without waiting for anybody.
        for _ in 0..<4096 { bench.stream.send([UInt8](repeating: 7, count: 64 << 10)) }
        #expect(bench.isGone())
        #expect(bench.stream.pendingByteCount == 0)
        bench.stream.send([7])
        #expect(bench.stream.pendingByteCount == 0)
    }

    @Test("a client that goes away is noticed without a byte being sent")
    func gone() throws {
        let bench = try StreamBench()
        let client = try bench.get(version: "1.1")
        try client.waitFor("\r\n\r\n")
        client.reset()
        #expect(bench.isGone())
    }

    @Test("§3.54 a half-close does not end the body")
    func halfClose() throws {
        let bench = try StreamBench()
        let client = try bench.get(version: "1.1")
        client.halfClose()
        try client.waitFor("\r\n\r\n")
        bench.stream.send(Array("still here".utf8))
        bench.stream.end()
        #expect(try client.restText().hasSuffix("still here\r\n0\r\n\r\n"))
    }

    @Test("stopping cuts a body that does not end within the grace time")
    func stops() throws {
        let bench = try StreamBench()
        let client = try bench.get(version: "1.1")
        try client.waitFor("\r\n\r\n")
        bench.net.stop()
        #expect(bench.isGone())
        #expect(try !client.restText().hasSuffix("0\r\n\r\n"))
    }

    @Test("the body is told once that it is over")
    func toldOnce() throws {
        let bench = try StreamBench()
        let client = try bench.get(version: "1.0")
        bench.stream.end()
        _ = try client.rest()
        bench.net.stop()
        #expect(bench.goneCount == 1)
    }
}

/// A server whose every answer is the one stream, except at `/stop`.
private final class StreamBench: Sendable {
    let stream: BodyStream
    let net: TestNet
    private let gone = DispatchSemaphore(value: 0)
    private let counter = Counter()

    var goneCount: Int { counter.value }

    init() throws {
        let (gone, counter) = (gone, counter)
        let stream = BodyStream {
            counter.add()
            gone.signal()
        }
        self.stream = stream
        net = try TestNet(answer: { head, _ in
            head.target.segments == ["stop"]
                ? Answer(200, "text/plain", Array("plain".utf8)) : Answer(200, body: .stream(stream))
        })
    }

    func isGone() -> Bool { gone.wait(timeout: .now() + 10) == .success }

    func get(
        _ method: String = "GET", version: String, fields: String = "", receiveBuffer: Int32? = nil
    ) throws -> WireClient {
        let client = try net.client(receiveBuffer: receiveBuffer)
        client.send("\(method) / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n")
        return client
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}

extension WireClient {
    fileprivate func restText() throws -> String { String(decoding: try rest().bytes, as: UTF8.self) }
}
