internal import LimnerProtocol
internal import Logging

/// One line for each request.
struct RequestLog: Sendable {
    /// A request that has been answered, or whose client has gone. One value in a line's metadata that becomes a field for
    /// each of its members: a dictionary of eight texts for every request would cost more than most answers.
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

    let log: Logger

    /// Called on the event loop: the logger's handler must not block.
    func add(_ entry: Entry) { log.info("request", metadata: ["request": .stringConvertible(entry)]) }
}

extension RequestLog.Entry: CustomStringConvertible {
    func write(to text: inout LogText) {
        text.field("bytes", String(bytes))
        text.field("complete", isComplete ? "true" : "false")
        text.field("method", method?.rawValue ?? "none")
        text.field("milliseconds", String(Int(seconds * 1000)))
        text.field("request", ticket.id)
        text.field("route", route ?? "none")
        text.field("status", String(status))
        if let trace = ticket.trace { text.field("trace", trace.traceID) }
    }

    /// What a handler of another kind writes.
    var description: String { "\(method?.rawValue ?? "none") \(route ?? "none") \(status) \(ticket.id)" }
}
