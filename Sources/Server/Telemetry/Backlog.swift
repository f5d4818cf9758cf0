internal import Dispatch
internal import Foundation
internal import Synchronization

/// A line of bounded length that one thread of its own works off.
///
/// Adding costs a lock, and a wake-up only when the line was empty: the thread lets a few elements gather before it
/// takes them all. What finds the line full is dropped, so that whoever adds never waits.
final class Backlog<Element: Sendable>: Sendable {
    private let limit: Int
    private let work: @Sendable ([Element]) -> Void
    private let bell = DispatchSemaphore(value: 0)
    private let closing = DispatchSemaphore(value: 0)
    private let ended = DispatchGroup()
    private let line = Mutex(Line())

    private struct Line {
        var elements: [Element] = []
        var isClosed = false
    }

    /// - Parameters:
    ///   - name: of the thread.
    ///   - work: called on that thread with what has gathered, in order; may block.
    init(_ name: String, limit: Int, _ work: @escaping @Sendable ([Element]) -> Void) {
        self.limit = limit
        self.work = work
        ended.enter()
        let thread = Thread { [self] in
            run()
            ended.leave()
        }
        thread.name = name
        thread.start()
    }

    /// - Returns: false when there was no room, or the line is closed.
    func add(_ element: Element) -> Bool {
        let (isTaken, isFirst) = line.withLock { line in
            guard !line.isClosed, line.elements.count < limit else { return (false, false) }
            line.elements.append(element)
            return (true, line.elements.count == 1)
        }
        if isFirst { bell.signal() }
        return isTaken
    }

    private func run() {
        var isClosed = false
        while !isClosed {
            bell.wait()
            _ = closing.wait(timeout: .now() + ServerLimits.logGatherSeconds)
            let elements: [Element]
            (elements, isClosed) = line.withLock { line in
                defer { line.elements = [] }
                return (line.elements, line.isClosed)
            }
            if !elements.isEmpty { work(elements) }
        }
    }

    /// Takes no more, and waits until what is in line is done, or the deadline.
    func close(by deadline: DispatchTime) {
        line.withLock { $0.isClosed = true }
        closing.signal()
        bell.signal()
        _ = ended.wait(timeout: deadline)
    }
}
