public import CoreMetrics
internal import Dispatch
internal import Glibc
internal import LimnerProtocol

/// Log lines on their way to a descriptor, by default standard error.
///
/// Any thread hands lines in and none waits: one thread of its own formats and writes them. While whoever reads the
/// descriptor is too slow, lines wait up to a limit and are then dropped; when it is gone they are dropped at once. The
/// counter says how many, and so does a line of its own as soon as lines get through again.
public final class LogWriter: Sendable {
    private let dropped: Counter
    private let lines: Backlog<LogLine>
    private let losses: Losses

    /// - Parameters:
    ///   - descriptor: stays the caller's; may be a pipe, and may block.
    ///   - limit: how many lines wait at most; nil means as many as are useful.
    ///   - factory: where the counter of dropped lines is made.
    public init(descriptor: Int32 = 2, limit: Int? = nil, metrics factory: any MetricsFactory) {
        // A reader that goes away must not end the process.
        signal(SIGPIPE, SIG_IGN)
        let dropped = ServiceMetric.logLinesDropped.counter(in: factory)
        let losses = Losses()
        self.dropped = dropped
        self.losses = losses
        lines = Backlog("limner log", limit: limit ?? ServerLimits.logLines) { lines in
            let lost = losses.take()
            let notice = lost > 0 ? LogLine.lost(lost, beside: lines) : []
            if !Self.write(notice + lines.flatMap(\.json), to: descriptor) {
                dropped.increment(by: lines.count)
                losses.add(lost + lines.count)
            }
        }
    }

    func add(_ line: LogLine) {
        if lines.add(line) { return }
        dropped.increment()
        losses.add(1)
    }

    /// Writes what waits and takes no more.
    ///
    /// - Parameter seconds: how long a reader that does not read is waited for.
    public func close(within seconds: Double = 1) {
        lines.close(by: .now() + seconds)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress
                let count = retryingInterrupted { Glibc.write(descriptor, start, rest.count) }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}
