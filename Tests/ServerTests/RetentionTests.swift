// Photos and results go when their time is over, whether anybody asks or not.

import LimnerProtocol
import LimnerServer
import Logging
import Testing

@Suite("Retention", .timeLimit(.minutes(1)))
struct RetentionTests {
    private static let drawn: [Part] = [.photo(), .text("text", "t")]

    @Test("an ended job says when it goes, an open one does not")
    func says() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(FakePainter(.waitForRelease), timepiece: clock) { $0.retentionSeconds = 3600 }
        let id = try bench.sketch().job().id
        #expect(try bench.job(id).expiresAt == nil)
        bench.painter.release()
        let job = try bench.job(id, wait: true)
        #expect(job.expiresAt == Timestamp(milliseconds: Int64((clock.now + 3600) * 1000)))
    }

    @Test("info says how long things are kept")
    func info() throws {
        let bench = try TestService { $0.retentionSeconds = 7200 }
        #expect(try bench.request("GET", "/v1/info").text.contains("\"retention_seconds\":7200"))
    }

    @Test("an expired job is 410 everywhere and in no list, even before it is swept")
    func expires() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(timepiece: clock) { $0.retentionSeconds = 3600 }
        let id = try bench.sketch(Self.drawn, ["Prefer: wait=20"]).job().id
        clock.advance(3600)
        for path in ["", "/result", "/events"] {
            #expect(try bench.request("GET", "/v1/jobs/\(id)\(path)").status == 410, "\(path)")
        }
        #expect(try bench.request("POST", "/v1/jobs/\(id)/retry").status == 410)
        #expect(try WireJSON.decode(JobList.self, from: bench.request("GET", "/v1/jobs").body).jobs.isEmpty)
    }

    @Test("an idempotency key is free again when its job has expired")
    func keys() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(timepiece: clock) { $0.retentionSeconds = 3600 }
        let fields = ["Idempotency-Key: once", "Prefer: wait=20"]
        let first = try bench.sketch(Self.drawn, fields).job().id
        clock.advance(3600)
        #expect(try bench.sketch(Self.drawn, fields).job().id != first)
    }

    @Test("a start removes what expired while the service was down, and leaves the rest")
    func sweepsAtStart() throws {
        let (folder, clock) = (TemporaryFolder(), ManualTimepiece())
        let first = try TestService(folder: folder, timepiece: clock) { $0.retentionSeconds = 3600 }
        _ = try first.sketch(Self.drawn, ["Prefer: wait=20"])
        clock.advance(1800)
        let later = try first.sketch(Self.drawn, ["Prefer: wait=20"]).job().id
        first.service.stop()
        clock.advance(1800)
        let second = try TestService(folder: folder, timepiece: clock) { $0.retentionSeconds = 3600 }
        #expect(second.folder.names("data/jobs") == [later])
    }

    @Test("a sweep removes photo and result, and a long time later the name: 410, then 404")
    func sweeps() throws {
        let (folder, clock) = (TemporaryFolder(), ManualTimepiece())
        let folders = try JobFolders(root: folder.path + "/data")
        let store = try SQLiteJobStore(
            path: folders.storeFile, policy: JobStorePolicy(retention: 3600), timepiece: clock)
        let janitor = Janitor(
            store: store, folders: folders, timepiece: clock,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let id = JobID.make()
        folder.makeFolder("data/jobs/\(id)")
        folder.write(Pictures.photo(), to: "data/jobs/\(id)/photo")
        _ = try store.accept(
            [JobDraft(id: id, kind: .sketch, settings: JobSettings(text: "t", seed: 1))], RequestMark())
        _ = try store.cancel(id)
        clock.advance(3599)
        janitor.sweep()
        #expect(folder.exists("data/jobs/\(id)/photo"))
        clock.advance(1)
        janitor.sweep()
        #expect(!folder.exists("data/jobs/\(id)"))
        #expect(try store.job(id)?.isPurged == true && store.job(id)?.settings.text == nil)
        clock.advance(ServerLimits.tombstoneSeconds + 1)
        janitor.sweep()
        #expect(try store.job(id) == nil)
    }
}
