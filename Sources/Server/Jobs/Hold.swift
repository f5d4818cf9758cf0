internal import Synchronization

/// One attempt's hold on a job while the painter works on it.
///
/// Two threads meet here: the worker, which reports steps, and the pulse, which renews the lease while a step takes
/// long. Whichever learns first that the job is cancelled, taken or handed back leaves the reason for the other.
final class Hold: Sendable {
    let claim: Claim
    private let store: any JobStore
    private let timepiece: any Timepiece
    private let lease: Double
    /// Called with steps that are worth telling.
    private let told: @Sendable (StepReport) -> Void
    private let state: Mutex<State>

    private struct State {
        var interruption: JobInterruption?
        var renewed: Double
        var written: Double?
    }

    init(
        _ claim: Claim, store: any JobStore, lease: Double, timepiece: any Timepiece,
        told: @escaping @Sendable (StepReport) -> Void
    ) {
        self.claim = claim
        self.store = store
        self.lease = lease
        self.timepiece = timepiece
        self.told = told
        state = Mutex(State(interruption: nil, renewed: timepiece.elapsed, written: nil))
    }

    /// Why the attempt must stop, if it must.
    var interruption: JobInterruption? { state.withLock { $0.interruption } }

    /// Asks the attempt to stop at its next step. The first reason stays.
    func interrupt(_ reason: JobInterruption) {
        state.withLock { $0.interruption = $0.interruption ?? reason }
    }

    /// A step is done: writes it down unless that happened just now.
    ///
    /// - Throws: ``JobInterruption``.
    func report(_ step: StepReport) throws {
        if let interruption { throw interruption }
        let now = timepiece.elapsed
        let isDue = state.withLock { state in
            let isRecent = state.written.map { now - $0 < ServerLimits.progressSeconds } ?? false
            let isDue = !isRecent || step.step == step.steps
            if isDue { state.written = now }
            return isDue
        }
        if isDue { note { () throws(ServerError) in try store.report(step, of: claim) } }
        if isDue || step.preview != nil { told(step) }
        if let interruption { throw interruption }
    }

    /// Renews the lease.
    func renew() {
        note { () throws(ServerError) in try store.renew(claim) }
    }

    /// A store that does not answer is borne until the lease has run out: from then on the job may be another's.
    private func note(_ ask: () throws(ServerError) -> LeaseAnswer) {
        let before = timepiece.elapsed
        do throws(ServerError) {
            switch try ask() {
            case .held: state.withLock { $0.renewed = before }
            case .cancelRequested: interrupt(.canceled)
            case .lost: interrupt(.leaseLost)
            }
        } catch {
            if before - state.withLock({ $0.renewed }) >= lease { interrupt(.leaseLost) }
        }
    }
}
