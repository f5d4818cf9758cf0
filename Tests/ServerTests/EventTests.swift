// Server-sent events of a job: the whole story, taken up where it broke off, across a restart.

import LimnerProtocol
import LimnerServer
import Testing

@Suite("/v1/jobs/{id}/events", .timeLimit(.minutes(1)))
struct EventTests {
    /// One event as a client reads it.
    private struct Event {
        var id = ""
        var name = ""
        var data = ""
    }

    private func path(_ id: String) -> String { "/v1/jobs/\(id)/events" }

    /// Events come unframed to HTTP/1.0, which is easy to read here.
    private func open(_ bench: TestService, _ id: String, after last: String? = nil) throws -> WireClient {
        let client = try bench.client()
        let resumption = last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
        client.send("GET \(path(id)) HTTP/1.0\r\nHost: a\r\n\(resumption)\r\n")
        return client
    }

    private func events(_ bytes: [UInt8]) -> [Event] {
        let text = String(decoding: bytes, as: UTF8.self)
        let blocks = text.split(separator: "\r\n\r\n", maxSplits: 1).last.map(String.init) ?? ""
        return blocks.split(separator: "\n\n").compactMap { block in
            var event = Event()
            for line in block.split(separator: "\n") {
                if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") { event.data = String(line.dropFirst(6)) }
            }
            return event.name.isEmpty ? nil : event
        }
    }

    /// The whole stream of a job that has ended.
    private func all(_ bench: TestService, _ id: String, after last: String? = nil) throws -> [Event] {
        events(try open(bench, id, after: last).rest().bytes)
    }

    @Test("a job tells its whole life and then the stream ends")
    func tellsAll() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let id = try bench.sketch().job().id
        let client = try open(bench, id)
        try client.waitFor("event: preview")
        bench.painter.release()
        let told = events(try client.rest().bytes)
        #expect(told.map(\.name).filter { $0 != "progress" } == ["queued", "started", "preview", "succeeded"])
        let last = try #require(told.last)
        let job = try WireJSON.decode(JobDocument.self, from: Array(last.data.utf8))
        #expect(job.id == id && job.status == .succeeded && job.result != nil)
    }

    @Test("ids only grow")
    func idsGrow() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let id = try bench.sketch().job().id
        let client = try open(bench, id)
        try client.waitFor("event: preview")
        bench.painter.release()
        let ids = events(try client.rest().bytes).compactMap { JobEventID($0.id) }
        #expect(ids.count > 3 && zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("a preview is a picture")
    func previews() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let client = try open(bench, try bench.sketch().job().id)
        try client.waitFor("event: preview")
        bench.painter.release()
        let told = try #require(events(try client.rest().bytes).first { $0.name == "preview" })
        let document = try WireJSON.decode(JobPreviewDocument.self, from: Array(told.data.utf8))
        #expect(document.image == "data:image/png;base64," + Base64.text(Pictures.png) && document.step == 1)
    }

    @Test("a stream taken up again tells what came after, and nothing twice")
    func resumes() throws {
        let bench = try TestService()
        let id = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"]).job().id
        let told = try all(bench, id)
        #expect(told.map(\.name) == ["queued", "started", "progress", "succeeded"])
        for (index, event) in told.dropLast().enumerated() {
            #expect(try all(bench, id, after: event.id).map(\.id) == told.dropFirst(index + 1).map(\.id))
        }
    }

    @Test("after the last event there is nothing: 204, so that a browser asks no more")
    func nothingLeft() throws {
        let bench = try TestService()
        let id = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"]).job().id
        let last = try #require(try all(bench, id).last)
        #expect(try bench.request("GET", path(id), ["Last-Event-ID: \(last.id)"]).status == 204)
    }

    @Test("stopping says goodbye, and after a restart the stream goes on where it was")
    func survivesRestart() throws {
        let folder = TemporaryFolder()
        let first = try TestService(FakePainter(.waitForRelease), folder: folder)
        let id = try first.sketch().job().id
        let client = try open(first, id)
        try client.waitFor("event: preview")
        first.service.stop()
        let before = try client.rest().bytes
        #expect(String(decoding: before, as: UTF8.self).contains(": bye\n\n"))
        let seen = events(before)
        let second = try TestService(folder: folder)
        let after = try all(second, id, after: try #require(seen.last).id)
        #expect(after.map(\.name).filter { $0 != "progress" && $0 != "preview" } == ["queued", "started", "succeeded"])
        #expect(Set(seen.map(\.id)).isDisjoint(with: after.map(\.id)))
    }

    @Test("a retried job goes on telling under greater ids")
    func tellsRetry() throws {
        let bench = try TestService(FakePainter(.failFirst(1, .styleUnusable("Broken."))))
        let id = try bench.sketch().job().id
        #expect(try bench.job(id, wait: true).status == .failed)
        let failed = try #require(try all(bench, id).last)
        #expect(failed.name == "failed")
        _ = try bench.request("POST", "/v1/jobs/\(id)/retry")
        let after = try all(bench, id, after: failed.id)
        #expect(after.first?.name == "queued" && after.last?.name == "succeeded")
    }

    @Test("a job cancelled in the queue tells only that")
    func tellsCancellation() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        _ = try bench.sketch()
        #expect(bench.painter.hasStarted())
        let id = try bench.sketch().job().id
        let client = try open(bench, id)
        try client.waitFor("event: queued")
        _ = try bench.request("POST", "/v1/jobs/\(id)/cancel")
        #expect(events(try client.rest().bytes).map(\.name) == ["queued", "canceled"])
    }

    @Test("a quiet stream says every 15 seconds that it lives")
    func comments() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(FakePainter(.waitForRelease), timepiece: clock)
        let client = try open(bench, try bench.sketch().job().id)
        try client.waitFor("event: preview")
        clock.advance(15)
        try client.waitFor(": still here")
    }

    @Test("§3.70 a client of HTTP/1.0 gets no chunks")
    func unframed() throws {
        let bench = try TestService()
        let id = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"]).job().id
        let response = try open(bench, id).rest()
        let head = String(decoding: response.bytes, as: UTF8.self).lowercased()
        #expect(!response.isReset && !head.contains("transfer-encoding") && head.contains("connection: close"))
    }

    @Test("§3.61 HEAD answers the fields of a stream and no byte of it")
    func head() throws {
        let bench = try TestService()
        let id = try bench.sketch().job().id
        let client = try bench.client()
        client.send(TestService.bytes("HEAD", path(id), ["Connection: close"]))
        let response = try client.response(toHead: true)
        #expect(response.status == 200 && response.fields["content-type"] == "text/event-stream")
        #expect(try client.isClosed())
    }

    @Test("§3.68 who accepts no events gets 406")
    func notAcceptable() throws {
        let bench = try TestService()
        let id = try bench.sketch().job().id
        #expect(try bench.request("GET", path(id), ["Accept: application/json"]).status == 406)
    }

    @Test("there are no events of a job that is not there, or gone")
    func missing() throws {
        let bench = try TestService()
        #expect(try bench.request("GET", path(JobID.make())).status == 404)
        let id = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"]).job().id
        _ = try bench.request("DELETE", "/v1/jobs/\(id)")
        #expect(try bench.request("GET", path(id)).status == 410)
    }

    @Test(
        "an id of an event is read as it is written, and nothing else is",
        arguments: ["", "1", "1-2", "1-9-0", "-1-0-0", "a-0-0"])
    func ids(_ text: String) {
        #expect(JobEventID(text) == nil)
        #expect(JobEventID("12-1-7")?.text == "12-1-7")
    }
}
