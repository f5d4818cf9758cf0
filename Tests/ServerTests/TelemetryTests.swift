// What a log reader can rely on.

import Logging
import FoundationEssentials
import LimnerServer
import Logging
import Testing

@Suite("Log lines")
struct TelemetryTests {
    @Test("a line is one JSON object with time, level, message and metadata")
    func isJSON() throws {
        let handler = JSONLogHandler(timepiece: ManualTimepiece())
        let line = handler.line(level: .warning, message: "two\nlines \"quoted\"", more: ["job": "7"])
        #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        let object = try JSONDecoder().decode([String: String].self, from: Data(line))
        #expect(object["level"] == "warning" && object["job"] == "7")
        #expect(object["message"] == "two\nlines \"quoted\"")
        #expect(object["time"] == "2026-11-23T20:27:05.000Z")
    }
}
