internal import FoundationEssentials
internal import Glibc
internal import LimnerProtocol
public import Logging

/// Log lines as JSON, one object per line, on standard error: `time`, `level`, `message` and the metadata.
///
/// A line is written with one call, so lines of several threads do not mix. A reader that is gone loses lines and
/// nothing else. Nothing a client sent is logged, save validated style names.
public struct JSONLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let timepiece: any Timepiece

    public init(level: Logger.Level = .info, timepiece: any Timepiece = SystemTimepiece()) {
        logLevel = level
        self.timepiece = timepiece
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let bytes = line(level: event.level, message: event.message, more: event.metadata)
        bytes.withUnsafeBytes { buffer in
            _ = retryingInterrupted { write(STDERR_FILENO, buffer.baseAddress, buffer.count) }
        }
    }

    /// One line as it is written.
    package func line(level: Logger.Level, message: Logger.Message, more: Logger.Metadata?) -> [UInt8] {
        var entries: [String: String] = [:]
        for (key, value) in metadata.merging(more ?? [:], uniquingKeysWith: { _, new in new }) {
            entries[key] = "\(value)"
        }
        entries["time"] = Timestamp(milliseconds: Int64(timepiece.now * 1000)).text
        entries["level"] = level.rawValue
        entries["message"] = "\(message)"
        let bytes = (try? WireJSON.encode(entries)) ?? []
        return bytes + [UInt8(ascii: "\n")]
    }
}
