internal import LimnerProtocol
internal import Logging

/// One line of the log before it is written: one JSON object of strings.
struct LogLine: Sendable {
    /// Wall time, seconds since 1970.
    var time: Double
    var level: Logger.Level
    var message: String
    var metadata: Logger.Metadata

    /// The line that says how many were dropped before it.
    static func lost(_ count: Int, at time: Double) -> LogLine {
        LogLine(time: time, level: .warning, message: "log lines were dropped", metadata: ["count": "\(count)"])
    }
}

/// Lines as they are written, one JSON object of strings after the other. Written out because a line per request is too
/// much for a JSON encoder.
struct LogText {
    private(set) var bytes: [UInt8] = []
    /// Many lines are of one millisecond.
    private var written = (milliseconds: Int64.min, text: [UInt8]())

    /// Keeps the room.
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// The object and its line feed. `time`, `level` and `message` come first, then the metadata by name.
    mutating func append(_ line: LogLine) {
        let milliseconds = Int64(line.time * 1000)
        if milliseconds != written.milliseconds {
            written = (milliseconds, Array(Timestamp(milliseconds: milliseconds).text.utf8))
        }
        bytes += #"{"time":""#.utf8
        bytes += written.text
        bytes += #"","level":""#.utf8
        bytes += line.level.rawValue.utf8
        bytes += #"","message":"#.utf8
        append(line.message)
        for (key, value) in line.metadata.sorted(by: { $0.key < $1.key }) {
            if case .stringConvertible(let entry as RequestLog.Entry) = value {
                entry.write(to: &self)
            } else {
                field(key, "\(value)")
            }
        }
        bytes += "}\n".utf8
    }

    mutating func field(_ name: String, _ value: String) {
        bytes.append(UInt8(ascii: ","))
        append(name)
        bytes.append(UInt8(ascii: ":"))
        append(value)
    }

    /// A string as JSON writes it (RFC 8259 §7).
    private mutating func append(_ text: String) {
        let digits = StaticString("0123456789abcdef")
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                bytes += "\\u00".utf8
                digits.withUTF8Buffer { bytes += [$0[Int(byte >> 4)], $0[Int(byte & 15)]] }
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
