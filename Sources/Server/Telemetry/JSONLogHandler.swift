public import Logging

/// swift-log's lines as JSON, one object per line, through a ``LogWriter``. Logging never blocks.
///
/// Nothing a client sent is logged save style names, request ids and trace ids, all of them checked: no photo, no text,
/// no file name, no key and no key's name.
public struct JSONLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let writer: LogWriter
    private let timepiece: any Timepiece

    public init(writer: LogWriter, level: Logger.Level = .info, timepiece: any Timepiece = SystemTimepiece()) {
        self.writer = writer
        logLevel = level
        self.timepiece = timepiece
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let given = event.metadata ?? [:]
        let all = metadata.isEmpty ? given : metadata.merging(given) { _, new in new }
        writer.add(LogLine(time: timepiece.now, level: event.level, message: "\(event.message)", metadata: all))
    }
}
