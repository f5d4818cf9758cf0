// The same request sent twice makes its jobs once: Idempotency-Key on POST, and PUT under the client's own id.

import FoundationEssentials
import LimnerProtocol
import LimnerServer
import Testing

@Suite("Idempotency-Key", .timeLimit(.minutes(1)))
struct IdempotencyKeyTests {
    private static let parts: [Part] = [.photo(), .text("text", "t")]
    private static let key = ["Idempotency-Key: \"once\""]

    @Test("the same request under the same key gives the same job and says that it is a repetition")
    func replays() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let first = try bench.sketch(Self.parts, Self.key)
        let second = try bench.sketch(Self.parts, Self.key)
        #expect(second.status == 202)
        #expect(try second.job().id == first.job().id)
        #expect(first.fields["idempotency-replayed"] == nil && second.fields["idempotency-replayed"] == "true")
        #expect(bench.folder.names("data/jobs").count == 1 && bench.folder.names("data/staging").isEmpty)
    }

    @Test("a repetition is answered with the picture once it is there")
    func replaysPicture() throws {
        let bench = try TestService()
        for _ in 0..<2 {
            #expect(try bench.sketch(Self.parts, Self.key + ["Accept: image/png"]).body == Pictures.png)
        }
        #expect(bench.painter.sketches.count == 1)
    }

    @Test(
        "the same key with another payload is 422",
        arguments: [
            [Part.photo(), .text("text", "u")], [.photo(), .text("text", "t"), .text("steps", "2")],
            [.photo(Pictures.photo("another")), .text("text", "t")],
        ])
    func otherPayload(_ parts: [Part]) throws {
        let bench = try TestService()
        let first = try bench.sketch(Self.parts, Self.key).job()
        let response = try bench.sketch(parts, Self.key)
        #expect(response.status == 422)
        #expect(try response.problem().instance == "/v1/jobs/\(first.id)")
    }

    @Test("the order of options in a form does not matter")
    func orderOfOptions() throws {
        let bench = try TestService()
        let ids = try [["steps", "seed"], ["seed", "steps"]].map { names in
            try bench.sketch(Self.parts + names.map { .text($0, "3") }, Self.key).job().id
        }
        #expect(ids[0] == ids[1])
    }

    @Test("one key names one request per path")
    func keysOfPaths() throws {
        let bench = try TestService()
        let sketch = try bench.sketch(Self.parts, Self.key)
        let tuning = try bench.tune("ink", Self.key)
        #expect(sketch.status == 202 && tuning.status == 202)
    }

    @Test(
        "a malformed key is 400",
        arguments: ["", "\"\"", "a b", "\"open", "a,b", "\"\u{e9}\"", String(repeating: "a", count: 129)])
    func malformed(_ key: String) throws {
        let bench = try TestService()
        #expect(try bench.sketch(Self.parts, ["Idempotency-Key: \(key)"]).status == 400)
    }

    @Test("§3.23 two keys are 400")
    func twice() throws {
        let bench = try TestService()
        #expect(try bench.sketch(Self.parts, Self.key + Self.key).status == 400)
    }

    @Test("while the first request is being judged the second is 409")
    func inFlight() throws {
        let bench = try TestService()
        bench.painter.holdExaminations()
        let first = try bench.client()
        first.send(
            TestService.bytes("POST", "/sketch", [Part.contentType] + Self.key, body: Part.form(Self.parts)))
        #expect(bench.painter.isExamining())
        let second = try bench.sketch(Self.parts, Self.key)
        #expect(second.status == 409 && second.fields["retry-after"] == "1")
        bench.painter.releaseExaminations()
        #expect(try first.response().status == 202)
    }

    @Test("a refused request leaves its key free")
    func refusedIsForgotten() throws {
        let bench = try TestService()
        #expect(try bench.sketch([.photo(), .text("style", "ink")], Self.key).status == 404)
        #expect(try bench.sketch(Self.parts, Self.key).status == 202)
    }

    @Test("a key outlives a restart, and goes with the job")
    func isDurable() throws {
        let folder = TemporaryFolder()
        let first = try TestService(folder: folder)
        let id = try first.sketch(Self.parts, Self.key + ["Prefer: wait=20"]).job().id
        first.service.stop()
        let second = try TestService(folder: folder)
        #expect(try second.sketch(Self.parts, Self.key).job().id == id)
        #expect(try second.request("DELETE", "/v1/jobs/\(id)").status == 204)
        #expect(try second.sketch(Self.parts, Self.key).job().id != id)
    }
}

@Suite("PUT /v1/jobs/{id}", .timeLimit(.minutes(1)))
struct PutJobTests {
    private static let id = "0b9f4c9e-5a53-4ec4-9a43-0f7f2f3fd0c2"

    private func put(
        _ bench: TestService, _ id: String = Self.id, _ parts: [Part] = [.photo(), .text("text", "t")],
        _ fields: [String] = []
    ) throws -> WireClient.Response {
        try bench.request("PUT", "/v1/jobs/\(id)", fields + [Part.contentType], body: Part.form(parts))
    }

    @Test("the job has the client's id, and putting it again finds it")
    func creates() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let first = try put(bench)
        #expect(first.status == 202 && first.fields["location"] == "/v1/jobs/\(Self.id)")
        let second = try put(bench)
        #expect(second.status == 200)
        #expect(try second.job().id == Self.id && first.job().seed == second.job().seed)
    }

    @Test("an id in capitals is the same id")
    func ignoresCase() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        #expect(try put(bench, Self.id.uppercased()).job().id == Self.id)
        #expect(try put(bench).status == 200)
        #expect(try bench.request("GET", "/v1/jobs/\(Self.id.uppercased())").status == 200)
    }

    @Test("a form with a sketch is a tuning")
    func tunes() throws {
        let bench = try TestService()
        let parts: [Part] = [.photo(), .file("sketch", Pictures.photo("drawn")), .text("name", "ink")]
        #expect(try put(bench, Self.id, parts, ["Prefer: wait=20"]).job().kind == .tune)
        #expect(try bench.request("GET", "/v1/styles/ink").status == 200)
        #expect(try put(bench, Self.id, parts).status == 200, "not 409 for the name: it is the same job")
    }

    @Test("a raw picture is a sketch")
    func takesRawBody() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let response = try bench.request(
            "PUT", "/jobs/\(Self.id)?text=ink", ["Content-Type: image/png"], body: Pictures.photo())
        #expect(response.status == 202)
    }

    @Test("another payload under a taken id is 409 and leaves the job alone")
    func otherPayload() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        _ = try put(bench)
        #expect(try put(bench, Self.id, [.photo(), .text("text", "other")]).status == 409)
        #expect(bench.folder.read("data/jobs/\(Self.id)/photo") == Pictures.photo())
    }

    @Test("what is no UUID is 422", arguments: ["1", "0b9f4c9e5a534ec49a430f7f2f3fd0c2", "z"])
    func badID(_ id: String) throws {
        let bench = try TestService()
        #expect(try put(bench, id).status == 422)
    }

    @Test("a purged id stays gone")
    func purged() throws {
        let bench = try TestService()
        _ = try put(bench, Self.id, [.photo(), .text("text", "t")], ["Prefer: wait=20"])
        #expect(try bench.request("DELETE", "/v1/jobs/\(Self.id)").status == 204)
        #expect(try put(bench).status == 410)
    }
}

@Suite("A store of an earlier version", .timeLimit(.minutes(1)))
struct StoreMigrationTests {
    @Test("opens with all its jobs, and what was left runs")
    func migrates() throws {
        let folder = TemporaryFolder()
        let old = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/store/jobs-1.sqlite")
        folder.write(Array(try Data(contentsOf: old)), to: "jobs.sqlite")
        let store = try SQLiteJobStore(path: folder.path + "/jobs.sqlite")
        try store.releaseAll()
        let jobs = try store.jobs(JobFilter(), before: nil, limit: 9)
        #expect(jobs.map(\.settings.seed) == [7, 6, 5] && jobs.map(\.status) == [.queued, .queued, .succeeded])
        #expect(jobs.allSatisfy { $0.group == nil && $0.fingerprint == nil })
        #expect(try store.claim(for: "worker")?.job.id == jobs[1].id)
        let draft = JobDraft(id: JobID.make(), kind: .sketch, settings: JobSettings(seed: 8))
        #expect(try store.accept([draft], RequestMark(key: "k", fingerprint: "f"))[0].fingerprint == "f")
    }
}
