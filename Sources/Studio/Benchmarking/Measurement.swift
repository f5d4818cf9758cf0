// Timing one piece of work: a warm-up, some repeats, and beside each how much else the machine was doing.
import LimnerEngine

/// One timed repeat.
struct Round: Encodable {
    /// Wall time of the work, once.
    let seconds: Double
    /// This process's processor time for it.
    let cpuSeconds: Double
    /// Cores that others kept busy meanwhile, on average; those that the host gave away included.
    let otherCores: Double
    /// Whether others took so much that the time means little.
    let disturbed: Bool

    enum CodingKeys: String, CodingKey {
        case seconds, disturbed
        case cpuSeconds = "cpu_seconds"
        case otherCores = "other_cores"
    }

    /// Cores that others may keep busy without disturbing.
    private static let tolerated = 0.1
    /// Seconds that the kernel's ticks may be off by, for each core.
    private static let tick = 0.02

    /// Runs `work` `times` times in a row.
    init(times: Int, _ work: () throws -> Void) throws {
        let (before, clock) = (try ProcessorTime.now(), ContinuousClock())
        let wall = try clock.measure { for _ in 0..<times { try work() } } / .seconds(1)
        let after = try ProcessorTime.now()
        let own = after.own - before.own
        let others = max(0, after.busy - before.busy - own) + after.stolen - before.stolen
        seconds = wall / Double(times)
        cpuSeconds = own / Double(times)
        otherCores = others / wall
        disturbed = others > Self.tolerated * wall + Self.tick
    }
}

/// A piece of work, timed.
struct Measurement: Encodable {
    let part: BenchPart
    /// Images in one batch, where that is a choice.
    let batch: Int?
    let rounds: [Round]
    let medianSeconds: Double
    let gigaflop: Double
    let gigaflopsPerSecond: Double
    /// Of what the machine does at most in this precision with as many threads.
    let shareOfPeak: Double?
    /// The most memory held during it, with the model; nil where the kernel does not let the peak begin anew.
    let peakMiB: Double?

    enum CodingKeys: String, CodingKey {
        case part, batch, rounds
        case medianSeconds = "median_seconds"
        case gigaflop = "gflop"
        case gigaflopsPerSecond = "gflop_per_second"
        case shareOfPeak = "share_of_peak"
        case peakMiB = "peak_mib"
    }

    init(
        _ part: BenchPart, batch: Int?, rounds: [Round], arithmetic: Arithmetic, peakGigaflops: Double?,
        peakMiB: Double?
    ) {
        (self.part, self.batch, self.rounds, self.peakMiB) = (part, batch, rounds, peakMiB)
        let seconds = median(rounds.map(\.seconds))
        let speed = arithmetic.total / 1e9 / seconds
        (medianSeconds, gigaflop, gigaflopsPerSecond) = (seconds, arithmetic.total / 1e9, speed)
        shareOfPeak = peakGigaflops.map { speed / $0 }
    }
}

/// The middle value, or the mean of the two middle ones.
func median(_ values: [Double]) -> Double {
    let (sorted, middle) = (values.sorted(), values.count / 2)
    return values.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}
