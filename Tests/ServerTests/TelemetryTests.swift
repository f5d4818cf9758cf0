// What a log reader can rely on, and what becomes of it when there is none; request ids, traces and timings.

import FoundationEssentials
import Glibc
import LimnerProtocol
import LimnerServer
import Logging
import Testing

/// A pipe that a log is written into.
final class LogPipe: Sendable {
    let registry = PrometheusRegistry()
    let writer: LogWriter
    private let input: Int32
    private let output: Int32

    init(limit: Int? = nil) {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0, "no pipe for a test")
        (output, input) = (ends[0], ends[1])
        writer = LogWriter(descriptor: input, limit: limit, metrics: registry)
    }

    /// A descriptor that the writer still writes to would soon be another test's file.
    deinit {
        stopReading()
        precondition(writer.close(within: 10), "the log's thread does not end")
        close(input)
        close(output)
    }

    func logger(_ level: Logger.Level = .info, _ timepiece: any Timepiece = SystemTimepiece()) -> Logger {
        let writer = writer
        return Logger(label: "test") { _ in JSONLogHandler(writer: writer, level: level, timepiece: timepiece) }
    }

    /// Nobody reads any more.
    func stopReading() {
        let nothing = open("/dev/null", O_RDONLY)
        dup2(nothing, output)
        close(nothing)
    }

    /// What has been written, after the writer was closed.
    func lines() throws -> [[String: String]] {
        writer.close(within: 10)
        _ = fcntl(output, F_SETFL, O_NONBLOCK)
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = max(0, read(output, &bytes, bytes.count))
        return try bytes.prefix(count).split(separator: UInt8(ascii: "\n")).map { line in
            try JSONDecoder().decode([String: String].self, from: Data(line))
        }
    }

    var text: String { String(decoding: registry.text(), as: UTF8.self) }
}

@Suite("The log", .timeLimit(.minutes(1)))
struct TelemetryTests {
    @Test("a line is one JSON object with time, level, message and metadata")
    func isJSON() throws {
        let pipe = LogPipe()
        let log = pipe.logger(.info, ManualTimepiece())
        log.warning("two\nlines \"quoted\" \\ and \u{1}", metadata: ["job": "7"])
        let line = try #require(try pipe.lines().first)
        #expect(line["level"] == "warning" && line["job"] == "7")
        #expect(line["message"] == "two\nlines \"quoted\" \\ and \u{1}")
        #expect(line["time"] == "2026-11-23T20:27:05.000Z")
    }

    @Test("lines below the level are left out, and the others keep their order")
    func level() throws {
        let pipe = LogPipe()
        let log = pipe.logger(.warning)
        log.info("no")
        for number in 0..<100 { log.error("\(number)") }
        #expect(try pipe.lines().map { $0["message"] } == (0..<100).map(String.init))
    }

    @Test("§4.36 a reader that does not read costs lines and never a wait, and the lines lost are counted")
    func blockedReader() {
        let pipe = LogPipe(limit: 8)
        let log = pipe.logger()
        // More than a pipe holds.
        let long = String(repeating: "x", count: 4096)
        for _ in 0..<1000 { log.info("\(long)") }
        #expect(pipe.text.contains("limner_log_lines_dropped_total "))
        #expect(!pipe.text.contains("limner_log_lines_dropped_total 0\n"))
        pipe.stopReading()
    }

    @Test("§4.36 a reader that has gone costs its lines and nothing else")
    func goneReader() throws {
        let pipe = LogPipe()
        pipe.stopReading()
        pipe.logger().info("lost")
        _ = try pipe.lines()
        #expect(pipe.text.contains("limner_log_lines_dropped_total 1\n"))
    }

    @Test("a request's line tells id, trace, route and status, and nothing of key, file or query")
    func requestLine() throws {
        let (folder, pipe) = (TemporaryFolder(), LogPipe())
        let key = try folder.addKey("keyholder", [.admin])
        do {
            let bench = try TestService(folder: folder, logger: pipe.logger())
            let trace = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let fields = [key, trace, "X-Request-Id: mine-1", Part.contentType]
            let form = Part.form([.photo(), .text("text", "a secret sentence")])
            #expect(try bench.request("POST", "/v1/sketch?steps=3", fields, body: form).status == 202)
            bench.service.stop()
        }
        let lines = try pipe.lines()
        let line = try #require(lines.first { $0["message"] == "request" })
        #expect(line["request"] == "mine-1" && line["trace"] == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(line["route"] == "sketch" && line["method"] == "POST" && line["status"] == "202")
        let all = lines.flatMap { $0.values }.joined(separator: " ")
        for secret in ["limner_", "keyholder", "photo.jpg", "secret", "steps"] { #expect(!all.contains(secret)) }
    }

    @Test("request lines can be left out")
    func withoutRequests() throws {
        let pipe = LogPipe()
        let bench = try TestService(logger: pipe.logger(), logsRequests: false)
        _ = try bench.request("GET", "/healthz")
        bench.service.stop()
        let messages = try pipe.lines().compactMap { $0["message"] }
        #expect(messages.contains("listening") && !messages.contains("request"))
    }
}

@Suite("Request ids, traces and timings", .timeLimit(.minutes(1)))
struct CorrelationTests {
    @Test("a client's own request id comes back, on answers and on errors", arguments: ["/healthz", "/nothing"])
    func ownID(_ path: String) throws {
        let id = String(repeating: "Az0._-", count: 21)
        #expect(try TestService().request("GET", path, ["X-Request-Id: \(id)"]).fields["x-request-id"] == id)
    }

    @Test("any other is replaced", arguments: ["", "two words", "a\"b", "ü", String(repeating: "a", count: 129)])
    func replacedID(_ id: String) throws {
        let made = try TestService().request("GET", "/healthz", ["X-Request-Id: \(id)"]).fields["x-request-id"]
        #expect(made != id && made?.isEmpty == false)
    }

    @Test("a problem names the request as its answer does")
    func problemID() throws {
        let response = try TestService().request("GET", "/nothing", ["X-Request-Id: mine"])
        #expect(try response.problem().requestID == "mine")
    }

    @Test(
        "traceparent is taken as W3C Trace Context §3.2 writes it",
        arguments: [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later", true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more", false),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01", false),
            ("", false),
        ])
    func traceParent(_ text: String, _ isValid: Bool) {
        let trace = TraceParent(Array(text.utf8))
        #expect((trace != nil) == isValid)
        #expect(trace.map { $0.traceID == "4bf92f3577b34da6a3ce929d0e0e4736" } ?? true)
        #expect(trace.map { $0.parentID == "00f067aa0ba902b7" } ?? true)
    }

    @Test("a job's answer tells how long it waits and is worked on, a result's also its phases")
    func serverTiming() throws {
        let bench = try TestService()
        let response = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"])
        let timing = try #require(response.fields["server-timing"])
        #expect(timing.hasPrefix("queue;dur=") && timing.contains(", infer;dur="))
        let result = try bench.request("GET", "/v1/jobs/\(try response.job().id)/result")
        #expect(result.fields["server-timing"]?.hasSuffix(", encode;dur=250") == true)
    }

    @Test("a job that waits has waited so far and has not been worked on")
    func waitsSoFar() throws {
        let timepiece = ManualTimepiece()
        let bench = try TestService(FakePainter(.waitForRelease), timepiece: timepiece)
        _ = try bench.sketch()
        #expect(bench.painter.hasStarted())
        let id = try bench.sketch().job().id
        timepiece.advance(3)
        #expect(try bench.request("GET", "/v1/jobs/\(id)").fields["server-timing"] == "queue;dur=3000")
    }
}
