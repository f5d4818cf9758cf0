package import Dispatch
internal import Foundation
internal import Synchronization

/// Where request handlers run: so many threads and one line of tasks.
///
/// Handlers read and write files and ask the store, so they block; the event loop must not. They have threads of their
/// own because Dispatch on Linux takes a second to notice that its few threads are blocked. Each connection has at most
/// one task here at a time, so what waits is bounded by the number of connections and nothing of one connection
/// overtakes itself.
package final class HandlerPool: Sendable {
    package typealias Task = @Sendable () -> Void

    private let width: Int
    private let waiting = DispatchSemaphore(value: 0)
    private let ended = DispatchGroup()
    private let line = Mutex(Line())

    private struct Line {
        var tasks: [Task] = []
        var next = 0
        var isClosed = false

        mutating func take() -> Task? {
            guard next < tasks.count else { return nil }
            let task = tasks[next]
            next += 1
            if next == tasks.count { (tasks, next) = ([], 0) }
            return task
        }
    }

    /// Starts the threads; they end with ``close(by:)`` and not before.
    package init(width: Int) {
        self.width = width
        for number in 1...width { launch(number) }
    }

    private func launch(_ number: Int) {
        ended.enter()
        let thread = Thread {
            self.work()
            self.ended.leave()
        }
        thread.name = "limner handler \(number)"
        thread.start()
    }

    private func work() {
        while true {
            waiting.wait()
            // Woken with nothing in line: the pool is closed.
            guard let task = line.withLock({ $0.take() }) else { return }
            task()
        }
    }

    /// Runs `task` when its turn comes; never, once the pool is closed.
    package func submit(_ task: @escaping Task) {
        let isTaken = line.withLock { line in
            if !line.isClosed { line.tasks.append(task) }
            return !line.isClosed
        }
        if isTaken { waiting.signal() }
    }

    /// Takes no more tasks, and waits until those in line are done.
    ///
    /// - Returns: whether that was so in time.
    @discardableResult
    package func close(by deadline: DispatchTime) -> Bool {
        line.withLock { $0.isClosed = true }
        for _ in 0..<width { waiting.signal() }
        return ended.wait(timeout: deadline) == .success
    }
}
