internal import Synchronization

/// Clients that wait for a job to end (`Prefer: wait=N`). Waiting holds no thread: a closure is kept until the job has
/// ended, the time is up or the service stops, and is then called once.
final class JobWaiters: Sendable {
    typealias Resume = @Sendable () -> Void

    private struct Waiter {
        var job: String
        var due: Double
        var resume: Resume
    }

    private let waiting = Mutex<[Waiter]>([])

    /// - Parameter due: when to give up, by the monotonic clock.
    func wait(for job: String, until due: Double, _ resume: @escaping Resume) {
        waiting.withLock { $0.append(Waiter(job: job, due: due, resume: resume)) }
    }

    /// The job has ended.
    func ended(_ job: String) {
        release { $0.job == job }
    }

    /// Releases those whose time is up.
    func expire(at now: Double) {
        release { $0.due <= now }
    }

    func releaseAll() {
        release { _ in true }
    }

    private func release(_ isDue: (Waiter) -> Bool) {
        let due = waiting.withLock { waiting in
            guard waiting.contains(where: isDue) else { return [Waiter]() }
            let due = waiting.filter(isDue)
            waiting.removeAll(where: isDue)
            return due
        }
        for waiter in due { waiter.resume() }
    }
}
