public import CoreMetrics
internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// Log lines on their way to a descriptor, by default standard error.
///
/// Any thread hands lines in and none waits: a line is written out in memory where it is made, which costs less than to
/// hand its parts to another thread, and one thread of its own brings what has gathered to the descriptor. While whoever
/// reads that is too slow, lines wait up to a limit and are then dropped; when it is gone they are dropped at once. The
/// counter says how many, and so does a line of its own as soon as lines get through again.
public final class LogWriter: Sendable {
    private let descriptor: Int32
    private let limit: Int
    private let dropped: Counter
    private let bell = DispatchSemaphore(value: 0)
    private let closing = DispatchSemaphore(value: 0)
    private let ended = DispatchGroup()
    private let waiting = Mutex(Waiting())

    private struct Waiting {
        var text = LogText()
        var lines = 0
        /// Lines dropped since the last one that got through.
        var lost = 0
        var isClosed = false
    }

    /// - Parameters:
    ///   - descriptor: stays the caller's, who keeps it open until ``close(within:)`` says that it is done with; may be
    ///     a pipe, and may block.
    ///   - limit: how many lines wait at most; nil means as many as are useful.
    ///   - factory: where the counter of dropped lines is made.
    public init(descriptor: Int32 = 2, limit: Int? = nil, metrics factory: any MetricsFactory) {
        // A reader that goes away must not end the process.
        signal(SIGPIPE, SIG_IGN)
        self.descriptor = descriptor
        self.limit = limit ?? ServerLimits.logLines
        dropped = ServiceMetric.logLinesDropped.counter(in: factory)
        ended.enter()
        let thread = Thread { [self] in
            run()
            ended.leave()
        }
        thread.name = "limner log"
        thread.start()
    }

    func add(_ line: LogLine) {
        let (isTaken, isFirst) = waiting.withLock { waiting in
            guard !waiting.isClosed, waiting.lines < limit else {
                waiting.lost += 1
                return (false, false)
            }
            if waiting.lost > 0 { waiting.text.append(.lost(waiting.lost, at: line.time)) }
            waiting.lost = 0
            waiting.text.append(line)
            waiting.lines += 1
            return (true, waiting.lines == 1)
        }
        if isFirst { bell.signal() }
        if !isTaken { dropped.increment() }
    }

    private func run() {
        var text = LogText()
        var isClosed = false
        while !isClosed {
            bell.wait()
            _ = closing.wait(timeout: .now() + ServerLimits.logGatherSeconds)
            text.removeAll()
            // The two texts change places, so neither grows anew.
            let count = waiting.withLock { waiting in
                swap(&text, &waiting.text)
                isClosed = waiting.isClosed
                defer { waiting.lines = 0 }
                return waiting.lines
            }
            if count > 0, !Self.write(text.bytes, to: descriptor) {
                dropped.increment(by: count)
                waiting.withLock { $0.lost += count }
            }
        }
    }

    /// Writes what waits and takes no more.
    ///
    /// - Parameter seconds: how long a reader that does not read is waited for.
    /// - Returns: whether the descriptor is done with; where not, it may still be written to.
    @discardableResult
    public func close(within seconds: Double = 1) -> Bool {
        waiting.withLock { $0.isClosed = true }
        closing.signal()
        bell.signal()
        return ended.wait(timeout: .now() + seconds) == .success
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
