internal import Synchronization

/// Who waits for news of a job: clients with `Prefer: wait=N`, and event streams. Waiting holds no thread: a closure is
/// kept and called when the news is there, the time is up or the service stops. It must not block.
final class JobWaiters: Sendable {
    typealias Resume = @Sendable () -> Void

    /// What is waited for.
    enum News: Sendable {
        /// The job's end, once.
        case end
        /// Any change, once.
        case change
        /// Every change, until ``forget(_:)``.
        case everyChange
    }

    private struct Waiter {
        var number: UInt64
        var job: String
        var news: News
        var due: Double
        var resume: Resume
    }

    private let state = Mutex((waiting: [Waiter](), last: UInt64(0)))

    /// - Parameter due: when to give up, by the monotonic clock.
    /// - Returns: the waiter's number.
    @discardableResult
    func wait(
        for news: News, of job: String, until due: Double = .infinity, _ resume: @escaping Resume
    ) -> UInt64 {
        state.withLock { state in
            state.last += 1
            state.waiting.append(Waiter(number: state.last, job: job, news: news, due: due, resume: resume))
            return state.last
        }
    }

    func forget(_ number: UInt64) { state.withLock { $0.waiting.removeAll { $0.number == number } } }

    /// The job is not as it was.
    func changed(_ job: String) {
        for waiter in watchers(of: job) { waiter.resume() }
        release { $0.job == job && $0.news == .change }
    }

    /// The job has ended, or there is no telling when it will.
    func ended(_ job: String) {
        for waiter in watchers(of: job) { waiter.resume() }
        release { $0.job == job && $0.news != .everyChange }
    }

    /// Lets one waiter go on.
    func release(_ number: UInt64) {
        release { $0.number == number }
    }

    /// Releases those whose time is up.
    func expire(at now: Double) {
        release { $0.due <= now }
    }

    func releaseAll() {
        release { _ in true }
    }

    private func watchers(of job: String) -> [Waiter] {
        state.withLock { $0.waiting.filter { $0.job == job && $0.news == .everyChange } }
    }

    private func release(_ isDue: (Waiter) -> Bool) {
        let due = state.withLock { state in
            guard state.waiting.contains(where: isDue) else { return [Waiter]() }
            let due = state.waiting.filter(isDue)
            state.waiting.removeAll(where: isDue)
            return due
        }
        for waiter in due { waiter.resume() }
    }
}
