internal import CoreMetrics
internal import Dispatch
internal import LimnerProtocol
internal import Logging

/// One line for each request. The event loop only notes what happened; the line is made on a thread of its own.
final class RequestLog: Sendable {
    /// A request that has been answered, or whose client has gone.
    struct Entry: Sendable {
        var ticket: Ticket
        /// nil when the head could not be read.
        var method: Method?
        /// As the API writes it, without what the client filled in; nil when there is no such route.
        var route: String?
        var status: Int
        var bytes: Int
        var seconds: Double
        /// All of the answer was sent.
        var isComplete: Bool
    }

    private let entries: Backlog<Entry>
    private let dropped: Counter

    init(_ log: Logger, metrics factory: any MetricsFactory) {
        dropped = ServiceMetric.logLinesDropped.counter(in: factory)
        entries = Backlog("limner requests", limit: ServerLimits.logLines) { entries in
            for entry in entries { log.info("request", metadata: entry.metadata) }
        }
    }

    func add(_ entry: Entry) {
        if !entries.add(entry) { dropped.increment() }
    }

    func close(by deadline: DispatchTime) { entries.close(by: deadline) }
}

extension RequestLog.Entry {
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "request": "\(ticket.id)", "method": "\(method?.rawValue ?? "none")", "route": "\(route ?? "none")",
            "status": "\(status)", "bytes": "\(bytes)", "milliseconds": "\(Int(seconds * 1000))",
            "complete": "\(isComplete)",
        ]
        if let trace = ticket.trace { metadata["trace"] = "\(trace.traceID)" }
        return metadata
    }
}
