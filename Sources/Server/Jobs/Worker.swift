internal import Dispatch
internal import Foundation
internal import LimnerProtocol
internal import Logging
internal import Synchronization

/// The worker pool: real threads, each of which runs one visible pipeline.
///
///     claim → hold → attempt (painter) → settle
///
/// A pulse thread renews the leases of all holds, so that a step that takes minutes loses no job. Stopping hands every
/// job back in the store at once and then waits for the threads, which stop at their next step.
final class WorkerPool: Sendable {
    private let store: any JobStore
    private let painter: any Painter
    private let registry: StyleRegistry
    private let folders: JobFolders
    private let policy: JobStorePolicy
    private let timepiece: any Timepiece
    private let log: Logger
    /// Who is told when a job is begun, has made a step, or is over.
    private let waiters: JobWaiters
    /// Called with a job's id when an attempt at it is over, on any thread.
    private let settled: @Sendable (String) -> Void
    let previews = JobPreviews()
    private let bell = DispatchSemaphore(value: 0)
    private let pulseBell = DispatchSemaphore(value: 0)
    private let ended = DispatchGroup()
    private let state = Mutex(State())
    /// Tells this process's claims from those of an earlier one.
    private let name = UUID().uuidString.lowercased()

    private struct State {
        var isStopping = false
        var holds: [String: Hold] = [:]
    }

    init(
        store: any JobStore, painter: any Painter, registry: StyleRegistry, folders: JobFolders,
        policy: JobStorePolicy, timepiece: any Timepiece, log: Logger, waiters: JobWaiters,
        settled: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.painter = painter
        self.registry = registry
        self.folders = folders
        self.policy = policy
        self.timepiece = timepiece
        self.log = log
        self.waiters = waiters
        self.settled = settled
    }

    func start(workers: Int) {
        for number in 1...max(1, workers) {
            launch("limner worker \(number)") { self.work("\(self.name)/\(number)") }
        }
        launch("limner pulse") { self.beat() }
    }

    private func launch(_ name: String, _ body: @escaping @Sendable () -> Void) {
        ended.enter()
        let thread = Thread {
            body()
            self.ended.leave()
        }
        thread.name = name
        thread.stackSize = ServerLimits.workerStackBytes
        thread.start()
    }

    /// How many workers have a job.
    var busyCount: Int { state.withLock { $0.holds.count } }

    /// There may be something to claim.
    func ring() { bell.signal() }

    /// Asks the holder of a job, if it is in this process, to stop at its next step.
    func interrupt(_ id: String) {
        state.withLock { $0.holds[id] }?.interrupt(.canceled)
    }

    /// Hands all jobs back and asks the threads to end.
    func stop() {
        let holds = state.withLock { state in
            state.isStopping = true
            return Array(state.holds.values)
        }
        for hold in holds { handBack(hold) }
        for _ in 0..<ServerLimits.mostWorkers { bell.signal() }
        pulseBell.signal()
    }

    /// Waits for the threads after ``stop()``.
    ///
    /// - Returns: whether all ended in time; a painter amid a long step cannot be made to.
    @discardableResult
    func waitUntilEnded(by deadline: DispatchTime) -> Bool {
        ended.wait(timeout: deadline) == .success
    }

    private func handBack(_ hold: Hold) {
        hold.interrupt(.handedBack)
        do throws(ServerError) {
            _ = try store.handBack(hold.claim)
        } catch {
            log.error("a job could not be handed back", metadata: ["job": "\(hold.claim.job.id)", "why": "\(error)"])
        }
    }

    // MARK: The pipeline

    private func work(_ worker: String) {
        while !state.withLock({ $0.isStopping }) {
            guard let claim = claim(for: worker) else {
                _ = bell.wait(timeout: .now() + ServerLimits.idleWorkerSeconds)
                continue
            }
            guard let hold = take(claim) else { return }
            waiters.changed(claim.job.id)
            let attempt = Attempt(hold: hold, painter: painter, registry: registry, folders: folders)
            settle(hold, attempt.perform())
            state.withLock { $0.holds[claim.job.id] = nil }
            previews.forget(claim.job.id)
            settled(claim.job.id)
            waiters.ended(claim.job.id)
        }
    }

    private func claim(for worker: String) -> Claim? {
        do throws(ServerError) {
            return try store.claim(for: worker)
        } catch {
            log.error("no job could be claimed", metadata: ["why": "\(error)"])
            return nil
        }
    }

    private func take(_ claim: Claim) -> Hold? {
        let hold = Hold(
            claim, store: store, lease: policy.lease, timepiece: timepiece,
            told: { step in
                self.previews.keep(step, of: claim)
                self.waiters.changed(claim.job.id)
            })
        let isStopping = state.withLock { state in
            if !state.isStopping { state.holds[claim.job.id] = hold }
            return state.isStopping
        }
        guard isStopping else { return hold }
        handBack(hold)
        return nil
    }

    private func settle(_ hold: Hold, _ outcome: AttemptOutcome) {
        let claim = hold.claim
        do throws(ServerError) {
            switch outcome {
            case .ended(let ending): try end(claim, as: ending)
            case .interrupted(.canceled): try end(claim, as: .canceled)
            case .interrupted(.handedBack), .interrupted(.leaseLost): discard(claim)
            case .again(let failure):
                let delay = ServerLimits.retrySeconds * Double(1 << min(claim.job.attempt, 10) - 1)
                discard(claim)
                _ = try store.retry(claim, after: delay, failure: failure)
                log.warning("an attempt failed", metadata: metadata(claim, ["why": "\(failure.reason)"]))
            }
        } catch {
            log.error("an attempt could not be settled", metadata: metadata(claim, ["why": "\(error)"]))
        }
    }

    private func end(_ claim: Claim, as ending: JobEnding) throws(ServerError) {
        guard try store.finish(claim, as: ending) else { return discard(claim) }
        if case .succeeded = ending {} else { discard(claim) }
        let seconds = timepiece.now - (claim.job.started ?? timepiece.now)
        log.info("job ended", metadata: metadata(claim, ["as": "\(ending.word)", "seconds": "\(seconds)"]))
    }

    /// Removes what an attempt wrote that nobody will ask for.
    private func discard(_ claim: Claim) {
        try? Disk.remove(folders.file(claim.job.id, folders.resultName(claim)))
        try? Disk.remove(folders.tuningFolder(claim))
    }

    private func metadata(_ claim: Claim, _ more: Logger.Metadata) -> Logger.Metadata {
        let own: Logger.Metadata = [
            "job": "\(claim.job.id)", "kind": "\(claim.job.kind.rawValue)", "attempt": "\(claim.job.attempt)",
        ]
        return own.merging(more) { _, new in new }
    }

    // MARK: The pulse

    private func beat() {
        while !state.withLock({ $0.isStopping }) {
            _ = pulseBell.wait(timeout: .now() + ServerLimits.pulseSeconds)
            for hold in state.withLock({ Array($0.holds.values) }) { hold.renew() }
        }
    }
}

extension JobEnding {
    fileprivate var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed(let failure): "failed: \(failure.reason)"
        case .canceled: "canceled"
        }
    }
}
