internal import Dispatch
internal import Synchronization

/// Where request handlers run: a Dispatch queue that never runs more than so many at once.
///
/// Handlers read and write files and ask the store, so they block; the event loop must not. Each connection has at
/// most one task here at a time, so what waits is bounded by the number of connections and nothing of one connection
/// overtakes itself.
final class HandlerPool: Sendable {
    typealias Task = @Sendable () -> Void

    private let queue = DispatchQueue(label: "limner.handlers", attributes: .concurrent)
    private let width: Int
    private let state = Mutex(State())

    private struct State {
        var running = 0
        var waiting: [Task] = []
        var next = 0

        mutating func take() -> Task? {
            guard next < waiting.count else {
                running -= 1
                return nil
            }
            let task = waiting[next]
            next += 1
            if next == waiting.count { (waiting, next) = ([], 0) }
            return task
        }
    }

    init(width: Int) {
        self.width = width
    }

    func submit(_ task: @escaping Task) {
        let mayStart = state.withLock { state in
            state.waiting.append(task)
            guard state.running < width else { return false }
            state.running += 1
            return true
        }
        if mayStart { queue.async { self.drain() } }
    }

    private func drain() {
        while let task = state.withLock({ $0.take() }) { task() }
    }
}
