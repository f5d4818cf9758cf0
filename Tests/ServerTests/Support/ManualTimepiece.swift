import LimnerServer
import Synchronization

/// A clock whose hands a test moves.
final class ManualTimepiece: Timepiece {
    private let seconds = Mutex(0.0)

    /// 2026-11-23T20:27:05Z at the start.
    var now: Double { 1_795_465_625 + elapsed }
    var elapsed: Double { seconds.withLock { $0 } }

    func advance(_ more: Double) { seconds.withLock { $0 += more } }

    /// Moves the clock until the client hears something. Once may not do: what it sent may not have been read yet, and
    /// time in which the service is busy does not count.
    func advance(_ seconds: Double, until client: WireClient) {
        for _ in 0..<100 {
            advance(seconds)
            if client.isReadable(within: 100) { return }
        }
    }
}
