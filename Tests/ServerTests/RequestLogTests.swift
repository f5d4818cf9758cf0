// The request log: one line for each request, nothing of what its client filled in, and silence when it is off.

import LimnerServer
import Logging
import Synchronization
import Testing

@Suite("The request log", .timeLimit(.minutes(1)))
struct RequestLogTests {
    @Test("a request is logged once, by its route and not by what the client filled in")
    func line() throws {
        let lines = try Self.linesOfOneRequest(level: .info)
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line["path"] == "styles/{name}" && line["status"] == "404" && line["method"] == "GET")
        #expect(!line.values.contains { $0.contains("hidden") })
    }

    @Test("above the level of requests nothing is logged")
    func silence() throws {
        #expect(try Self.linesOfOneRequest(level: .warning).isEmpty)
    }

    /// The metadata of what is logged about requests while one is made.
    private static func linesOfOneRequest(level: Logger.Level) throws -> [[String: String]] {
        let (folder, notes) = (TemporaryFolder(), Notes())
        var logger = Logger(label: "test") { _ in NotingHandler(notes: notes) }
        logger.logLevel = level
        let service = Service(
            ServiceConfiguration(
                port: 0, dataFolder: folder.path + "/data", registryFolder: folder.path + "/registry", logger: logger),
            painter: FakePainter())
        try service.start()
        let client = try WireClient(port: service.boundPort ?? 0)
        client.send("GET /v1/styles/hidden HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        #expect(try client.response().status == 404)
        service.stop()
        return notes.requests
    }
}

private final class Notes: Sendable {
    private let lines = Mutex<[[String: String]]>([])
    var requests: [[String: String]] { lines.withLock { $0 } }
    func add(_ line: [String: String]) { lines.withLock { $0.append(line) } }
}

/// Notes the metadata of messages that read "request".
private struct NotingHandler: LogHandler {
    let notes: Notes
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard "\(event.message)" == "request" else { return }
        notes.add((event.metadata ?? [:]).mapValues { "\($0)" })
    }
}
