internal import LimnerProtocol
internal import Logging
internal import Synchronization

/// One line of the log before it is written: one JSON object of strings.
struct LogLine: Sendable {
    /// Wall time, seconds since 1970.
    var time: Double
    var level: Logger.Level
    var message: String
    var metadata: Logger.Metadata

    /// The object and its line feed. `time`, `level` and `message` come first, then the metadata by name.
    var json: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes += #"{"time":""#.utf8
        bytes += Timestamp(milliseconds: Int64(time * 1000)).text.utf8
        bytes += #"","level":""#.utf8
        bytes += level.rawValue.utf8
        bytes += #"","message":"#.utf8
        Self.append(message, to: &bytes)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            bytes.append(UInt8(ascii: ","))
            Self.append(key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            Self.append("\(value)", to: &bytes)
        }
        bytes += "}\n".utf8
        return bytes
    }

    /// A string as JSON writes it (RFC 8259 §7). Written out because a line per request is too much for a JSON encoder.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// The line that says how many were dropped before `lines`.
    static func lost(_ count: Int, beside lines: [LogLine]) -> [UInt8] {
        LogLine(
            time: lines.first?.time ?? 0, level: .warning, message: "log lines were dropped",
            metadata: ["count": "\(count)"]
        ).json
    }
}

/// Lines dropped since the last one that got through.
final class Losses: Sendable {
    private let count = Atomic<Int>(0)

    func add(_ more: Int) { count.wrappingAdd(more, ordering: .relaxed) }
    func take() -> Int { count.exchange(0, ordering: .relaxed) }
}
