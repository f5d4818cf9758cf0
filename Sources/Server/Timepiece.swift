internal import Glibc

/// The clocks, as an argument: tests bring one whose hands they move.
public protocol Timepiece: Sendable {
    /// Wall time, seconds since 1970: for dates people see. May jump.
    var now: Double { get }
    /// Seconds that only ever grow, also while the machine sleeps: for leases and deadlines.
    var elapsed: Double { get }
}

/// The machine's clocks.
public struct SystemTimepiece: Timepiece {
    public init() {}

    public var now: Double { Self.read(CLOCK_REALTIME) }

    public var elapsed: Double { Self.read(CLOCK_BOOTTIME) }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
