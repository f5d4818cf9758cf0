// The service as a whole: starting on what an earlier process left, stopping with work under way, workers, retries.

import Dispatch
import LimnerProtocol
import LimnerServer
import Synchronization
import Testing

@Suite("The service", .timeLimit(.minutes(1)))
struct ServiceTests {
    @Test("a second service on the same data folder is refused")
    func locksFolder() throws {
        let bench = try TestService()
        #expect(throws: ServerError.dataFolderInUse(bench.folder.path + "/data")) {
            try TestService(folder: bench.folder)
        }
    }

    @Test("a port that is taken is an error that names it")
    func portTaken() throws {
        let bench = try TestService()
        let folder = TemporaryFolder()
        let service = Service(
            ServiceConfiguration(
                port: bench.port, dataFolder: folder.path + "/data", registryFolder: folder.path + "/registry"),
            painter: FakePainter())
        #expect { try service.start() } throws: { error in
            guard case .cannotListen(let address, _)? = error as? ServerError else { return false }
            return address == "127.0.0.1:\(bench.port)"
        }
    }

    @Test("a job that a killed process held runs again at the next start, with the same seed")
    func survivesKill() throws {
        let folder = TemporaryFolder()
        let id = try Self.leaveBehind(folder, claimed: true)
        let bench = try TestService(folder: folder)
        let job = try bench.job(id, wait: true)
        #expect(job.status == .succeeded && job.attempt == 2 && job.seed == 99)
        #expect(bench.painter.sketches.map(\.seed) == [99])
    }

    @Test("a job that was only queued runs at the next start")
    func survivesRestart() throws {
        let folder = TemporaryFolder()
        let id = try Self.leaveBehind(folder, claimed: false)
        #expect(try TestService(folder: folder).job(id, wait: true).status == .succeeded)
    }

    @Test("stopping hands a running job back at once, and the next start runs it")
    func handsBack() throws {
        let folder = TemporaryFolder()
        let first = try TestService(FakePainter(.waitForRelease), folder: folder)
        let id = try first.sketch().job().id
        #expect(first.painter.hasStarted())
        first.service.stop()
        let second = try TestService(folder: folder)
        let job = try second.job(id, wait: true)
        #expect(job.status == .succeeded && job.attempt == 1)
    }

    @Test("stopping answers who waits for a job, with 202")
    func stopAnswersWaiters() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let client = try bench.client()
        let form = Part.form([.photo(), .text("text", "t")])
        client.send(TestService.bytes("POST", "/sketch", [Part.contentType, "Prefer: wait=60"], body: form))
        #expect(bench.painter.hasStarted())
        bench.service.stop()
        let response = try client.response()
        #expect(response.status == 202 && response.fields["connection"] == "close")
        #expect(try client.isClosed())
    }

    @Test("stopping closes idle connections and takes no new ones")
    func stopClosesIdle() throws {
        let bench = try TestService()
        let client = try bench.client()
        client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().status == 200)
        bench.service.stop()
        #expect(try client.isClosed())
        #expect(throws: WireClient.Trouble.cannotConnect) { try bench.client() }
    }

    @Test("what a broken-off upload and a broken-off accept left is swept at start")
    func sweeps() throws {
        let folder = TemporaryFolder()
        _ = try JobFolders(root: folder.path + "/data")
        folder.makeFolder("data/staging/upload")
        folder.makeFolder("data/jobs/00000000-0000-0000-0000-000000000000")
        let bench = try TestService(folder: folder)
        #expect(bench.folder.names("data/staging").isEmpty && bench.folder.names("data/jobs").isEmpty)
    }

    @Test("a failure that may pass is tried again")
    func retries() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(FakePainter(.failFirst(1, .outOfResources("No memory."))), timepiece: clock)
        let id = try bench.sketch().job().id
        #expect(bench.painter.hasStarted())
        // The delay begins when the failure is settled, which may be after the clock was moved.
        var isAgain = false
        for _ in 0..<200 where !isAgain {
            clock.advance(10)
            isAgain = bench.painter.hasStarted(within: 0.05)
        }
        let job = try bench.job(id, wait: true)
        #expect(job.status == .succeeded && job.attempt == 2)
    }

    @Test("a failure for good is told with its reason")
    func fails() throws {
        let bench = try TestService(FakePainter(.fail(.styleUnusable("Made for another model."))))
        let id = try bench.sketch().job().id
        let job = try bench.job(id, wait: true)
        #expect(job.status == .failed && job.error?.detail == "Made for another model.")
    }

    @Test("two clients at once both get their own picture")
    func twoClients() throws {
        let bench = try TestService(workers: 2)
        let answers = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { number in
            let parts: [Part] = [.photo(), .text("text", "t"), .text("seed", String(number))]
            let response = try? bench.sketch(parts, ["Accept: image/png"])
            answers.withLock { $0.append(response?.fields["limner-seed"] ?? "none") }
        }
        #expect(answers.withLock { $0.sorted() } == ["0", "1"])
    }

    @Test("as many jobs run at once as there are workers", arguments: [1, 2])
    func workers(_ count: Int) throws {
        let bench = try TestService(FakePainter(.waitForRelease), workers: count)
        let ids = try (0..<3).map { _ in try bench.sketch().job().id }
        for _ in 0..<count { #expect(bench.painter.hasStarted()) }
        for _ in ids { bench.painter.release() }
        for id in ids { #expect(try bench.job(id, wait: true).status == .succeeded) }
        #expect(bench.painter.mostRunning == count)
    }

    @Test("a style that was damaged while the service was down does not keep it from starting")
    func startsWithDamagedStyle() throws {
        let folder = TemporaryFolder()
        let first = try TestService(folder: folder)
        _ = try first.tune("ink", ["Prefer: wait=20"])
        first.service.stop()
        folder.write([0], to: "registry/styles/ink/style.safetensors")
        let second = try TestService(folder: folder)
        #expect(try second.request("GET", "/v1/styles/ink").status == 404)
        #expect(try second.request("GET", "/readyz").status == 200)
    }

    /// A data folder as a process leaves it that was killed: a job accepted, and perhaps claimed.
    private static func leaveBehind(_ folder: TemporaryFolder, claimed: Bool) throws -> String {
        let folders = try JobFolders(root: folder.path + "/data")
        let store = try SQLiteJobStore(path: folders.storeFile)
        let id = JobID.make()
        folder.makeFolder("data/jobs/\(id)")
        folder.write(Pictures.photo(), to: "data/jobs/\(id)/photo")
        _ = try store.accept(
            [JobDraft(id: id, kind: .sketch, settings: JobSettings(text: "t", seed: 99))], RequestMark())
        if claimed { _ = try store.claim(for: "killed") }
        return id
    }
}
