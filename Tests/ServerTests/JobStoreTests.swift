import LimnerProtocol
import LimnerServer
import Testing

/// The promises of ``JobStore``, asked of every store there is: a second store adds a row to ``StoreKind``.
enum StoreKind: String, CaseIterable, CustomTestStringConvertible {
    case sqlite

    var testDescription: String { rawValue }

    func open(_ folder: TemporaryFolder, _ clock: ManualTimepiece) throws -> any JobStore {
        switch self {
        case .sqlite:
            try SQLiteJobStore(
                path: folder.path + "/jobs.sqlite", policy: JobStorePolicy(lease: 30, maxAttempts: 3, retention: 100),
                timepiece: clock)
        }
    }
}

/// A store with its folder and clock.
struct StoreBench {
    let folder = TemporaryFolder()
    let clock = ManualTimepiece()
    let store: any JobStore

    init(_ kind: StoreKind) throws { store = try kind.open(folder, clock) }

    @discardableResult
    func accept(_ kind: JobKind = .sketch, style: String? = nil, id: String = JobID.make()) throws -> Job {
        try store.accept(
            [JobDraft(id: id, kind: kind, settings: JobSettings(style: style, steps: 10, seed: 7))], RequestMark())[0]
    }

    func claim() throws -> Claim { try #require(try store.claim(for: "worker")) }

    static let product = JobProduct.picture(
        SketchOutcome(
            width: 1, height: 1, steps: 10, textGuidance: 7.5, imageGuidance: 1.5, seed: 7, sampler: "ddim",
            modelHash: "m"),
        ResultFile(name: "result", hash: "h", bytes: 1))
}

@Suite("Every job store", .timeLimit(.minutes(1)))
struct JobStoreTests {
    @Test("an accepted job is queued with its settings", arguments: StoreKind.allCases)
    func accepts(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let job = try bench.accept()
        #expect(try bench.store.job(job.id) == job)
        #expect(job.status == .queued && job.settings.steps == 10 && job.created == bench.clock.now)
    }

    @Test("jobs are claimed oldest first, each once", arguments: StoreKind.allCases)
    func claimsInOrder(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let ids = try (0..<3).map { _ in try bench.accept().id }
        let claimed = try (0..<3).map { _ in try bench.claim().job.id }
        #expect(claimed == ids)
        #expect(try bench.store.claim(for: "worker") == nil)
    }

    @Test("a job survives closing and opening the store", arguments: StoreKind.allCases)
    func survivesReopening(_ kind: StoreKind) throws {
        let folder = TemporaryFolder()
        let clock = ManualTimepiece()
        let draft = JobDraft(id: JobID.make(), kind: .sketch, settings: JobSettings(seed: 9_007_199_254_740_991))
        let accepted = try kind.open(folder, clock).accept([draft], RequestMark())[0]
        #expect(try kind.open(folder, clock).job(draft.id) == accepted)
    }

    @Test("a lease that ran out lets another worker claim, with a greater token", arguments: StoreKind.allCases)
    func leaseExpires(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.accept()
        let first = try bench.claim()
        bench.clock.advance(29)
        #expect(try bench.store.claim(for: "other") == nil)
        bench.clock.advance(2)
        let second = try bench.claim()
        #expect(second.job.id == first.job.id && second.leaseToken > first.leaseToken && second.job.attempt == 2)
    }

    @Test("renewing keeps a lease", arguments: StoreKind.allCases)
    func renewing(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.accept()
        let claim = try bench.claim()
        for _ in 0..<4 {
            bench.clock.advance(20)
            #expect(try bench.store.renew(claim) == .held)
        }
        #expect(try bench.store.claim(for: "other") == nil)
    }

    @Test("a zombie's finish is rejected and changes nothing", arguments: StoreKind.allCases)
    func zombieCannotFinish(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let job = try bench.accept()
        let zombie = try bench.claim()
        bench.clock.advance(31)
        let holder = try bench.claim()
        #expect(try !bench.store.finish(zombie, as: .succeeded(StoreBench.product)))
        #expect(try bench.store.job(job.id)?.status == .running)
        #expect(try bench.store.finish(holder, as: .succeeded(StoreBench.product)))
    }

    @Test("a zombie learns that it lost its job when it reports or renews", arguments: StoreKind.allCases)
    func zombieLearns(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.accept()
        let zombie = try bench.claim()
        bench.clock.advance(31)
        _ = try bench.claim()
        #expect(try bench.store.report(StepReport(step: 1, of: 2, stage: "drawing"), of: zombie) == .lost)
        #expect(try bench.store.renew(zombie) == .lost)
        #expect(try !bench.store.handBack(zombie))
    }

    @Test("a job ends once", arguments: StoreKind.allCases)
    func endsOnce(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let job = try bench.accept()
        let claim = try bench.claim()
        #expect(try bench.store.finish(claim, as: .succeeded(StoreBench.product)))
        #expect(try !bench.store.finish(claim, as: .canceled))
        #expect(try bench.store.job(job.id)?.product == StoreBench.product)
    }

    @Test("progress is kept with the job", arguments: StoreKind.allCases)
    func progress(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let job = try bench.accept()
        let step = StepReport(step: 3, of: 10, stage: "drawing")
        #expect(try bench.store.report(step, of: try bench.claim()) == .held)
        #expect(try bench.store.job(job.id)?.progress == step)
    }

    @Test("cancelling a queued job ends it", arguments: StoreKind.allCases)
    func cancelsQueued(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let job = try bench.accept()
        #expect(try bench.store.cancel(job.id)?.status == .canceled)
        #expect(try bench.store.claim(for: "worker") == nil)
    }

    @Test("cancelling a running job comes back with its next report", arguments: StoreKind.allCases)
    func cancelsRunning(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let job = try bench.accept()
        let claim = try bench.claim()
        #expect(try bench.store.cancel(job.id)?.status == .running)
        #expect(try bench.store.report(StepReport(step: 1, of: 2, stage: "x"), of: claim) == .cancelRequested)
        #expect(try bench.store.renew(claim) == .cancelRequested)
    }

    @Test("a job whose holders keep vanishing fails after its attempts", arguments: StoreKind.allCases)
    func attemptsRunOut(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let poisonous = try bench.accept()
        let next = try bench.accept()
        for _ in 0..<3 {
            #expect(try bench.claim().job.id == poisonous.id)
            bench.clock.advance(31)
        }
        #expect(try bench.claim().job.id == next.id)
        #expect(try bench.store.job(poisonous.id)?.failure?.reason == "attempts")
    }

    @Test("a handed-back job can be claimed at once and the attempt does not count", arguments: StoreKind.allCases)
    func handsBack(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.accept()
        for _ in 0..<5 {
            let claim = try bench.claim()
            #expect(claim.job.attempt == 1)
            #expect(try bench.store.handBack(claim))
        }
    }

    @Test("a retry waits for its delay", arguments: StoreKind.allCases)
    func retryWaits(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.accept()
        let failure = JobFailure(reason: "engine", detail: "why")
        #expect(try bench.store.retry(try bench.claim(), after: 5, failure: failure))
        #expect(try bench.store.claim(for: "worker") == nil)
        bench.clock.advance(6)
        #expect(try bench.claim().job.attempt == 2)
    }

    @Test("the last retry fails the job with its reason", arguments: StoreKind.allCases)
    func retriesRunOut(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let job = try bench.accept()
        let failure = JobFailure(reason: "engine", detail: "why")
        for _ in 0..<3 { _ = try bench.store.retry(try bench.claim(), after: 0, failure: failure) }
        #expect(try bench.store.job(job.id)?.status == .failed)
        #expect(try bench.store.job(job.id)?.failure == failure)
    }

    @Test("releasing all frees the jobs of a dead process at once", arguments: StoreKind.allCases)
    func releasesAll(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.accept()
        let dead = try bench.claim()
        try bench.store.releaseAll()
        let alive = try bench.claim()
        #expect(alive.leaseToken > dead.leaseToken && alive.job.attempt == 2)
    }

    @Test("a name is learned by one open job at a time", arguments: StoreKind.allCases)
    func namesAreReserved(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.accept(.tune, style: "ink")
        #expect(throws: ServerError.styleTaken("ink")) { try bench.accept(.tune, style: "ink") }
        _ = try bench.store.finish(try bench.claim(), as: .canceled)
        #expect(throws: Never.self) { try bench.accept(.tune, style: "ink") }
    }

    @Test("many sketches may use one style", arguments: StoreKind.allCases)
    func stylesAreShared(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.accept(.sketch, style: "ink")
        #expect(throws: Never.self) { try bench.accept(.sketch, style: "ink") }
    }

    @Test("purging forgets an ended job's settings and leaves an open one alone", arguments: StoreKind.allCases)
    func purges(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let job = try bench.accept(style: "ink")
        #expect(try !bench.store.purge(job.id))
        _ = try bench.store.finish(try bench.claim(), as: .succeeded(StoreBench.product))
        #expect(try bench.store.purge(job.id))
        let rest = try #require(try bench.store.job(job.id))
        #expect(rest.isPurged && rest.product == nil && rest.settings.style == nil)
        #expect(try bench.store.liveIDs().isEmpty)
    }

    @Test(
        "a reopened job is as if it had never been claimed, but older claims stay void", arguments: StoreKind.allCases)
    func reopens(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let job = try bench.accept()
        #expect(try bench.store.reopen(job.id) == nil, "it is queued")
        let claim = try bench.claim()
        _ = try bench.store.finish(claim, as: .failed(JobFailure(reason: "engine", detail: "why")))
        let again = try #require(try bench.store.reopen(job.id))
        #expect(again.status == .queued && again.attempt == 0 && again.failure == nil && again.finished == nil)
        #expect(again.leaseToken > claim.leaseToken)
        #expect(try !bench.store.finish(claim, as: .canceled))
        #expect(try bench.claim().job.attempt == 1)
    }

    @Test("a tuning is not reopened while another learns its name", arguments: StoreKind.allCases)
    func reopenKeepsNames(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let job = try bench.accept(.tune, style: "ink")
        _ = try bench.store.cancel(job.id)
        try bench.accept(.tune, style: "ink")
        #expect(throws: ServerError.styleTaken("ink")) { try bench.store.reopen(job.id) }
    }

    @Test("every end sets the time at which a job expires, and reopening takes it away", arguments: StoreKind.allCases)
    func expires(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let jobs = try (0..<3).map { _ in try bench.accept() }
        #expect(try bench.store.finish(bench.claim(), as: .succeeded(StoreBench.product)))
        #expect(try bench.store.finish(bench.claim(), as: .failed(JobFailure(reason: "engine", detail: "why"))))
        _ = try bench.store.cancel(jobs[2].id)
        let due = bench.clock.now + 100
        #expect(try jobs.map { try bench.store.job($0.id)?.expires } == [due, due, due])
        #expect(try bench.store.reopen(jobs[2].id)?.expires == nil)
        #expect(try bench.store.expired(at: due - 1).isEmpty)
        #expect(try bench.store.expired(at: due) == [jobs[0].id, jobs[1].id])
        bench.clock.advance(100)
        #expect(try bench.store.jobs(JobFilter(), before: nil, limit: 9).map(\.id) == [jobs[2].id])
    }

    @Test(
        "a purged job is forgotten only when asked, and an expired one that has its files never",
        arguments: StoreKind.allCases)
    func forgets(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let jobs = try (0..<2).map { _ in try bench.accept() }
        for job in jobs { _ = try bench.store.cancel(job.id) }
        #expect(try bench.store.purge(jobs[0].id))
        try bench.store.forget(before: bench.clock.now + 100)
        #expect(try bench.store.job(jobs[0].id) != nil)
        try bench.store.forget(before: bench.clock.now + 101)
        #expect(try bench.store.job(jobs[0].id) == nil && bench.store.job(jobs[1].id) != nil)
    }

    @Test("drafts are accepted together or not at all", arguments: StoreKind.allCases)
    func acceptsAllOrNone(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let taken = try bench.accept()
        let fresh = JobDraft(id: JobID.make(), kind: .sketch, settings: JobSettings(seed: 1), group: "g")
        let again = JobDraft(id: taken.id, kind: .sketch, settings: JobSettings(seed: 2), group: "g")
        #expect(throws: ServerError.requestTaken) { try bench.store.accept([fresh, again], RequestMark()) }
        #expect(try bench.store.openCount() == 1)
    }

    @Test("a key names the jobs of one request until they are purged", arguments: StoreKind.allCases)
    func keys(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let drafts = (0..<2).map { seed in
            JobDraft(id: JobID.make(), kind: .sketch, settings: JobSettings(seed: UInt64(seed)), group: "g")
        }
        let mark = RequestMark(key: "k", fingerprint: "f")
        #expect(try bench.store.accept(drafts, mark).map(\.fingerprint) == ["f", "f"])
        #expect(throws: ServerError.requestTaken) { try bench.store.accept(drafts, mark) }
        #expect(try bench.store.jobs(JobFilter(key: "k"), before: nil, limit: 9).count == 2)
        #expect(try bench.store.jobs(JobFilter(group: "g"), before: nil, limit: 9).count == 2)
        for draft in drafts {
            _ = try bench.store.cancel(draft.id)
            #expect(try bench.store.purge(draft.id))
        }
        let more = [JobDraft(id: JobID.make(), kind: .sketch, settings: JobSettings(seed: 3))]
        #expect(throws: Never.self) { try bench.store.accept(more, mark) }
    }

    @Test("lists run from the newest, a page at a time, by state and style", arguments: StoreKind.allCases)
    func lists(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let jobs = try ["a", "b", "a"].map { try bench.accept(style: $0) }
        let first = try bench.store.jobs(JobFilter(), before: nil, limit: 2)
        #expect(first.map(\.id) == [jobs[2].id, jobs[1].id])
        let second = try bench.store.jobs(JobFilter(), before: first[1].sequence, limit: 2)
        #expect(second.map(\.id) == [jobs[0].id])
        #expect(try bench.store.jobs(JobFilter(style: "b"), before: nil, limit: 9).map(\.id) == [jobs[1].id])
        _ = try bench.claim()
        #expect(try bench.store.jobs(JobFilter(state: .running), before: nil, limit: 9).map(\.id) == [jobs[0].id])
    }

    @Test("a mix is listed under each of its styles", arguments: StoreKind.allCases)
    func listsMixes(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.accept(style: "a")
        var settings = JobSettings(style: "a:0.7,b:0.3", seed: 7)
        settings.mix = [StyleShare(name: "a", hash: "1", weight: 0.7), StyleShare(name: "b", hash: "2", weight: 0.3)]
        let mixed = try bench.store.accept(
            [JobDraft(id: JobID.make(), kind: .sketch, settings: settings)], RequestMark())[0]
        let named = ["a", "b", "c"].map { JobFilter(style: $0) }
        let lists = try named.map { try bench.store.jobs($0, before: nil, limit: 9) }
        #expect(lists.map(\.count) == [2, 1, 0] && lists[1].map(\.id) == [mixed.id])
    }

    @Test("what is ahead of a job is what will be claimed before it", arguments: StoreKind.allCases)
    func knowsWhatIsAhead(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let jobs = try (0..<3).map { _ in try bench.accept() }
        _ = try bench.claim()
        #expect(try bench.store.ahead(of: jobs[2]).map(\.id) == [jobs[0].id, jobs[1].id])
        #expect(try bench.store.openCount() == 3)
    }

    @Test("the pace of a kind is taken from its jobs that succeeded", arguments: StoreKind.allCases)
    func pace(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.accept()
        let claim = try bench.claim()
        _ = try bench.store.report(StepReport(step: 10, of: 10, stage: "x"), of: claim)
        bench.clock.advance(5)
        _ = try bench.store.finish(claim, as: .succeeded(StoreBench.product))
        #expect(try bench.store.pace(of: .sketch, limit: 9) == [JobPace(seconds: 5, steps: 10)])
        #expect(try bench.store.pace(of: .tune, limit: 9).isEmpty)
    }
}

@Suite("The SQLite store")
struct SQLiteJobStoreTests {
    @Test("commits reach the disk: WAL with synchronous=FULL")
    func isDurable() throws {
        let folder = TemporaryFolder()
        let store = try SQLiteJobStore(path: folder.path + "/jobs.sqlite")
        #expect(try store.pragma("journal_mode") == "wal")
        #expect(try store.pragma("synchronous") == "2")
    }

    @Test("a file that is no database is refused")
    func refusesRubbish() throws {
        let folder = TemporaryFolder()
        folder.write(Array(repeating: 0x41, count: 8192), to: "jobs.sqlite")
        #expect(throws: ServerError.self) { try SQLiteJobStore(path: folder.path + "/jobs.sqlite") }
    }
}
