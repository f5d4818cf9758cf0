internal import Dispatch
package import Logging
internal import Synchronization

/// Removes what has been kept long enough: first a job's photo, settings and result, a long time later its name.
///
/// Photos are faces, so nothing here waits for anybody to ask. A job whose files are gone is answered 410, one whose name
/// is gone 404.
package final class Janitor: Sendable {
    private let store: any JobStore
    private let folders: JobFolders
    private let timepiece: any Timepiece
    private let log: Logger
    private let queue = DispatchQueue(label: "limner janitor")
    private let isStopped = Mutex(false)

    package init(store: any JobStore, folders: JobFolders, timepiece: any Timepiece, log: Logger) {
        self.store = store
        self.folders = folders
        self.timepiece = timepiece
        self.log = log
    }

    /// Sweeps now and from time to time until ``stop()``.
    func start() {
        sweep()
        schedule()
    }

    func stop() { isStopped.withLock { $0 = true } }

    private func schedule() {
        queue.asyncAfter(deadline: .now() + ServerLimits.janitorSeconds) { [weak self] in
            guard let self, !isStopped.withLock({ $0 }) else { return }
            sweep()
            schedule()
        }
    }

    /// One round.
    package func sweep() {
        let now = timepiece.now
        do throws(ServerError) {
            for id in try store.expired(at: now) { remove(id) }
            try store.forget(before: now - ServerLimits.tombstoneSeconds)
        } catch {
            log.error("what is kept too long could not be looked for", metadata: ["why": "\(error)"])
        }
    }

    /// One job's failure leaves the others to be removed.
    private func remove(_ id: String) {
        do throws(ServerError) {
            // First the row: should the files stay behind, the next start sweeps them.
            guard try store.purge(id) else { return }
            try folders.remove(id)
            log.info("job expired", metadata: ["job": "\(id)"])
        } catch {
            log.error("an expired job could not be removed", metadata: ["job": "\(id)", "why": "\(error)"])
        }
    }
}
