internal import LimnerProtocol

/// `Server-Timing` of jobs and results: the wait in the queue, the work so far or in all, and the work's phases, in
/// milliseconds.
enum ServerTiming {
    /// - Parameter now: wall time, seconds since 1970.
    static func text(_ job: Job, now: Double) -> String {
        let end = job.finished ?? now
        var phases = [PhaseTiming("queue", seconds: (job.started ?? end) - job.created)]
        if let started = job.started { phases.append(PhaseTiming("infer", seconds: end - started)) }
        switch job.product {
        case .picture(let outcome, _): phases += outcome.timings
        case .style(let outcome, _): phases += outcome.timings
        case nil: break
        }
        return phases.map { "\($0.phase);dur=\(Int(max(0, $0.seconds) * 1000))" }.joined(separator: ", ")
    }
}
