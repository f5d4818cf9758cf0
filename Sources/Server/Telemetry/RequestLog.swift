internal import LimnerProtocol
internal import Logging
internal import Synchronization

/// One line for every request, written by a handler thread: the event loop only notes what was so.
///
/// While one line is being written the others gather and go together. When more gather than anybody could read, the rest
/// is dropped and counted. Nothing is even noted when the log's level is above `info`.
final class RequestLog: Sendable {
    struct Entry {
        var request: String
        var head: RequestHead?
        var status: Int
        var bytes: Int
        /// From the end of its head to the end of its answer.
        var seconds: Double
        var isComplete: Bool
    }

    private struct Line {
        var entries: [Entry] = []
        var dropped = 0
        var isBeingWritten = false
    }

    private let log: Logger
    private let handlers: HandlerPool
    private let path: @Sendable (RequestTarget) -> String?
    private let line = Mutex(Line())

    /// - Parameter path: a target's path as it is logged, without what a client filled in.
    init(_ log: Logger, handlers: HandlerPool, path: @escaping @Sendable (RequestTarget) -> String?) {
        self.log = log
        self.handlers = handlers
        self.path = path
    }

    func add(_ entry: Entry) {
        guard log.logLevel <= .info else { return }
        let mustWrite = line.withLock { line in
            guard line.entries.count < ServerLimits.unwrittenRequests else {
                line.dropped += 1
                return false
            }
            line.entries.append(entry)
            defer { line.isBeingWritten = true }
            return !line.isBeingWritten
        }
        if mustWrite { handlers.submit { self.write() } }
    }

    private func write() {
        while true {
            let taken = line.withLock { line in
                let taken = line
                line = Line(isBeingWritten: !taken.entries.isEmpty)
                return taken
            }
            if taken.dropped > 0 {
                log.warning("requests were not logged", metadata: ["count": "\(taken.dropped)"])
            }
            if taken.entries.isEmpty { return }
            for entry in taken.entries { write(entry) }
        }
    }

    private func write(_ entry: Entry) {
        log.info(
            "request",
            metadata: [
                "request": "\(entry.request)", "method": "\(entry.head?.method.rawValue ?? "-")",
                "path": "\(entry.head.flatMap { path($0.target) } ?? "-")", "status": "\(entry.status)",
                "bytes": "\(entry.bytes)", "milliseconds": "\(Int(entry.seconds * 1000))",
                "complete": "\(entry.isComplete)",
            ])
    }
}
