// Jobs and their results over the wire.

import LimnerProtocol
import LimnerServer
import Testing

@Suite("/v1/jobs", .timeLimit(.minutes(1)))
struct JobRouteTests {
    @Test("a running job tells its step")
    func tellsStep() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let id = try bench.sketch().job().id
        #expect(bench.painter.hasStarted())
        let job = try bench.job(id)
        #expect(job.status == .running && job.step == 1 && job.steps == 4 && job.attempt == 1)
    }

    @Test("a queued job tells its place")
    func tellsPlace() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        _ = try bench.sketch()
        #expect(bench.painter.hasStarted())
        let queued = try (0..<2).map { _ in try bench.sketch().job().id }
        #expect(try queued.map { try bench.job($0).position } == [1, 2])
    }

    @Test("a job tells when it may be done once its kind has a history")
    func tellsForecast() throws {
        let bench = try TestService()
        _ = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"])
        bench.painter.behave(.waitForRelease)
        #expect(try bench.job(try bench.sketch().job().id).eta != nil)
    }

    @Test("an unknown job is 404", arguments: ["nothing", "00000000-0000-0000-0000-000000000000", "%2e%2e%2f"])
    func unknownJob(_ id: String) throws {
        let bench = try TestService()
        #expect(try bench.request("GET", "/v1/jobs/\(id)").status == 404)
    }

    @Test("waiting on a job answers when it ends")
    func waits() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let id = try bench.sketch().job().id
        let client = try bench.client()
        client.send(TestService.bytes("GET", "/v1/jobs/\(id)", ["Prefer: wait=30"]))
        #expect(bench.painter.hasStarted())
        bench.painter.release()
        #expect(try client.response().job().status == .succeeded)
    }

    @Test("cancelling a running job stops it at its next step")
    func cancels() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let id = try bench.sketch().job().id
        #expect(bench.painter.hasStarted())
        #expect(try bench.request("POST", "/v1/jobs/\(id)/cancel").status == 202)
        #expect(try bench.job(id, wait: true).status == .canceled)
    }

    @Test("cancelling a queued job ends it at once")
    func cancelsQueued() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        _ = try bench.sketch()
        let id = try bench.sketch().job().id
        let response = try bench.request("DELETE", "/v1/jobs/\(id)")
        #expect(response.status == 200)
        #expect(try response.job().status == .canceled)
    }

    @Test("cancelling an ended job is 409")
    func cancelsEnded() throws {
        let bench = try TestService()
        let id = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"]).job().id
        #expect(try bench.request("POST", "/v1/jobs/\(id)/cancel").status == 409)
    }

    @Test("a job's tag stays while its state does, and a client that knows it gets 304")
    func notModified() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let id = try bench.sketch().job().id
        #expect(bench.painter.hasStarted())
        let tag = try #require(try bench.request("GET", "/v1/jobs/\(id)").fields["etag"])
        let response = try bench.request("GET", "/v1/jobs/\(id)", ["If-None-Match: \(tag)"])
        #expect(response.status == 304 && response.fields["etag"] == tag)
        bench.painter.release()
        _ = try bench.job(id, wait: true)
        #expect(try bench.request("GET", "/v1/jobs/\(id)", ["If-None-Match: \(tag)"]).status == 200)
    }

    @Test("waiting with a known tag answers at the next change, before the job ends")
    func longPoll() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        _ = try bench.sketch()
        #expect(bench.painter.hasStarted())
        let id = try bench.sketch().job().id
        let tag = try #require(try bench.request("GET", "/v1/jobs/\(id)").fields["etag"])
        let client = try bench.client()
        client.send(TestService.bytes("GET", "/v1/jobs/\(id)", ["Prefer: wait=30", "If-None-Match: \(tag)"]))
        #expect(!client.isReadable(within: 50))
        bench.painter.release()
        let response = try client.response()
        #expect(response.status == 200 && response.fields["preference-applied"] == "wait=30")
        #expect(try response.job().status == .running)
    }

    @Test("waiting with a known tag until the time is up is 304")
    func longPollRunsOut() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(FakePainter(.waitForRelease), timepiece: clock)
        _ = try bench.sketch()
        #expect(bench.painter.hasStarted())
        let id = try bench.sketch().job().id
        let tag = try #require(try bench.request("GET", "/v1/jobs/\(id)").fields["etag"])
        let client = try bench.client()
        client.send(TestService.bytes("GET", "/v1/jobs/\(id)", ["Prefer: wait=5", "If-None-Match: \(tag)"]))
        #expect(!client.isReadable(within: 50))
        clock.advance(6)
        #expect(try client.response().status == 304)
    }

    @Test("a failed job runs again when asked, its attempts counted anew")
    func retriesFailed() throws {
        let bench = try TestService(FakePainter(.failFirst(1, .styleUnusable("Broken."))))
        let id = try bench.sketch().job().id
        #expect(try bench.job(id, wait: true).status == .failed)
        let response = try bench.request("POST", "/v1/jobs/\(id)/retry")
        #expect(response.status == 202 && response.fields["location"] == "/v1/jobs/\(id)")
        let job = try bench.job(id, wait: true)
        #expect(job.status == .succeeded && job.attempt == 1 && job.error == nil)
    }

    @Test("a cancelled job runs again when asked")
    func retriesCanceled() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        _ = try bench.sketch()
        #expect(bench.painter.hasStarted())
        let id = try bench.sketch().job().id
        _ = try bench.request("POST", "/v1/jobs/\(id)/cancel")
        #expect(try bench.request("POST", "/v1/jobs/\(id)/retry").status == 202)
        for _ in 0..<2 { bench.painter.release() }
        #expect(try bench.job(id, wait: true).status == .succeeded)
    }

    @Test("a job that is open or succeeded is not tried again, and one that is gone is gone")
    func retryConflicts() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let id = try bench.sketch().job().id
        #expect(try bench.request("POST", "/v1/jobs/\(id)/retry").status == 409)
        bench.painter.release()
        #expect(try bench.job(id, wait: true).status == .succeeded)
        #expect(try bench.request("POST", "/v1/jobs/\(id)/retry").status == 409)
        _ = try bench.request("DELETE", "/v1/jobs/\(id)")
        #expect(try bench.request("POST", "/v1/jobs/\(id)/retry").status == 410)
    }

    @Test("a tuning is not tried again when its name has been taken meanwhile")
    func retryNameTaken() throws {
        let bench = try TestService(FakePainter(.fail(.styleUnusable("Broken."))))
        let id = try bench.tune("ink").job().id
        #expect(try bench.job(id, wait: true).status == .failed)
        bench.painter.behave(.draw)
        #expect(try bench.tune("ink", ["Prefer: wait=20"]).job().status == .succeeded)
        #expect(try bench.request("POST", "/v1/jobs/\(id)/retry").status == 409)
    }

    @Test("deleting an ended job removes photo and result, and it is gone ever after")
    func purges() throws {
        let bench = try TestService()
        let id = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"]).job().id
        #expect(try bench.request("DELETE", "/v1/jobs/\(id)").status == 204)
        #expect(bench.folder.names("data/jobs").isEmpty)
        #expect(try bench.request("GET", "/v1/jobs/\(id)").status == 410)
        #expect(try bench.request("GET", "/v1/jobs/\(id)/result").status == 410)
    }

    @Test("jobs are listed newest first, a page at a time")
    func lists() throws {
        let bench = try TestService()
        let ids = try (0..<3).map { _ in try bench.sketch().job().id }
        let first = try WireJSON.decode(JobList.self, from: try bench.request("GET", "/v1/jobs?limit=2").body)
        #expect(first.jobs.map(\.id) == [ids[2], ids[1]])
        let rest = try bench.request("GET", "/jobs?limit=2&cursor=\(first.next ?? "")")
        #expect(try WireJSON.decode(JobList.self, from: rest.body).jobs.map(\.id) == [ids[0]])
    }

    @Test("a list asked for wrongly is 422", arguments: ["limit=0", "limit=+5", "limit=101", "status=done", "x=1"])
    func badQuery(_ query: String) throws {
        let bench = try TestService()
        #expect(try bench.request("GET", "/v1/jobs?\(query)").status == 422)
    }
}

@Suite("/v1/jobs/{id}/result", .timeLimit(.minutes(1)))
struct ResultRouteTests {
    private func drawn() throws -> (TestService, String) {
        let bench = try TestService()
        let id = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"]).job().id
        return (bench, "/v1/jobs/\(id)/result")
    }

    @Test("the picture comes whole with its digest")
    func whole() throws {
        let (bench, path) = try drawn()
        let response = try bench.request("GET", path)
        #expect(response.status == 200 && response.body == Pictures.png)
        let digest = try bench.request("GET", String(path.dropLast("/result".count))).job().result?.sha256
        #expect(response.fields["etag"] == digest.map { "\"\($0)\"" })
    }

    @Test("HEAD answers the same fields and not one byte of body")
    func head() throws {
        let (bench, path) = try drawn()
        let client = try bench.client()
        client.send(TestService.bytes("HEAD", path, ["Connection: close"]))
        let response = try client.response(toHead: true)
        #expect(response.fields["content-length"] == String(Pictures.png.count))
        #expect(try client.isClosed())
    }

    @Test("a range is a part of it")
    func range() throws {
        let (bench, path) = try drawn()
        let response = try bench.request("GET", path, ["Range: bytes=1-3"])
        #expect(response.status == 206 && response.text == "PNG")
        #expect(response.fields["content-range"] == "bytes 1-3/\(Pictures.png.count)")
    }

    @Test("a range beyond its end is 416")
    func rangeBeyond() throws {
        let (bench, path) = try drawn()
        let response = try bench.request("GET", path, ["Range: bytes=1000-"])
        #expect(response.status == 416)
        #expect(response.fields["content-range"] == "bytes */\(Pictures.png.count)")
    }

    @Test("a client that has it already gets 304")
    func notModified() throws {
        let (bench, path) = try drawn()
        let tag = try #require(try bench.request("GET", path).fields["etag"])
        let response = try bench.request("GET", path, ["If-None-Match: \(tag)"])
        #expect(response.status == 304 && response.fields["etag"] == tag)
    }

    @Test("before the job has ended it is 409")
    func tooEarly() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let id = try bench.sketch().job().id
        #expect(try bench.request("GET", "/v1/jobs/\(id)/result").status == 409)
    }
}
