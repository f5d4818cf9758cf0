// Limits of a key: how often it may ask, and how much work it may have waiting.

import LimnerProtocol
import LimnerServer
import Testing

@Suite("Limits of keys", .timeLimit(.minutes(1)))
struct LimitTests {
    let folder = TemporaryFolder()

    @Test("a bucket lets a minute's requests through at once, then as many as its rate")
    func bucket() {
        let limiter = RateLimiter()
        #expect((0..<6).map { _ in limiter.take("a", rate: 6, at: 0) == nil }.allSatisfy { $0 })
        #expect(limiter.take("a", rate: 6, at: 0) == 10)
        #expect(limiter.take("a", rate: 6, at: 5) == 5)
        #expect(limiter.take("a", rate: 6, at: 10) == nil)
        #expect(limiter.take("a", rate: 6, at: 10) == 10)
    }

    @Test("a bucket holds no more than a minute's requests, and each key has its own")
    func bucketIsBounded() {
        let limiter = RateLimiter()
        _ = limiter.take("a", rate: 2, at: 0)
        #expect((0..<2).allSatisfy { _ in limiter.take("a", rate: 2, at: 1000) == nil })
        #expect(limiter.take("a", rate: 2, at: 1000) != nil && limiter.take("b", rate: 2, at: 1000) == nil)
    }

    @Test("a clock that goes back takes nothing away")
    func clockGoesBack() {
        let limiter = RateLimiter()
        _ = limiter.take("a", rate: 2, at: 100)
        #expect(limiter.take("a", rate: 2, at: 0) == nil)
    }

    @Test("too many requests of one key are 429 with Retry-After, and other keys go on")
    func rate() throws {
        let (fast, slow) = (try folder.addKey("fast", [.read]), try folder.addKey("slow", [.read], rate: 2))
        let timepiece = ManualTimepiece()
        let bench = try TestService(folder: folder, timepiece: timepiece)
        func status(_ key: String) throws -> Int { try bench.request("GET", "/v1/jobs", [key]).status }
        #expect(try [slow, slow, slow, fast].map(status) == [200, 200, 429, 200])
        #expect(try bench.request("GET", "/v1/jobs", [slow]).fields["retry-after"] == "30")
        timepiece.advance(30)
        #expect(try [slow, slow].map(status) == [200, 429])
    }

    @Test("a key with as many jobs as it may have is answered 429, others are not, and it goes on when one has ended")
    func openJobs() throws {
        let (one, other) = (try folder.addKey("one", [.submit], jobs: 1), try folder.addKey("two", [.submit], jobs: 1))
        let bench = try TestService(FakePainter(.waitForRelease), folder: folder)
        let parts: [Part] = [.photo(), .text("text", "t")]
        let id = try bench.sketch(parts, [one]).job().id
        let refused = try bench.sketch(parts, [one])
        #expect(refused.status == 429 && Int(refused.fields["retry-after"] ?? "") ?? 0 > 0)
        #expect(try bench.sketch(parts, [other]).status == 202)
        #expect(bench.painter.hasStarted())
        bench.painter.behave(.draw)
        bench.painter.release()
        #expect(try bench.request("GET", "/v1/jobs/\(id)", [one, "Prefer: wait=20"]).job().status == .succeeded)
        #expect(try bench.sketch(parts, [one]).status == 202)
    }

    @Test("a refused job leaves no folder behind")
    func leavesNothing() throws {
        let key = try folder.addKey("one", [.submit], jobs: 1)
        let bench = try TestService(FakePainter(.waitForRelease), folder: folder)
        for _ in 0..<2 { _ = try bench.sketch([.photo(), .text("text", "t")], [key]) }
        #expect(folder.names("data/jobs").count == 1 && folder.names("data/staging").isEmpty)
    }

    @Test("the pace of the queue is the median of what its kinds took, shared among the workers")
    func drain() {
        let paces: [JobKind: [JobPace]] = [
            .sketch: [2, 4, 90].map { JobPace(seconds: $0, steps: 1) }, .tune: [JobPace(seconds: 100, steps: 1)],
        ]
        let forecaster = JobForecaster(paces: paces, workers: 2, now: 0)
        let sketches = JobTally(kind: .sketch, status: .queued, count: 3)
        let tuning = JobTally(kind: .tune, status: .running, count: 1)
        #expect(forecaster.secondsPerEnd([sketches]) == 2)
        #expect(forecaster.secondsPerEnd([sketches, tuning]) == 14)
        #expect(JobForecaster(paces: [:], workers: 1, now: 0).secondsPerEnd([sketches]) == nil)
    }

    @Test("a full queue says when to come again, by the pace that was measured")
    func fullQueue() throws {
        let bench = try TestService(folder: folder) { $0.openJobs = 1 }
        let parts: [Part] = [.photo(), .text("text", "t")]
        #expect(try bench.sketch(parts, ["Prefer: wait=20"]).status == 200)
        bench.painter.behave(.waitForRelease)
        _ = try bench.sketch(parts)
        let refused = try bench.sketch(parts)
        // The fake painter's jobs take no time, so the pace says one second; without a history it would be ten.
        #expect(refused.status == 503 && refused.fields["retry-after"] == "1")
    }
}
