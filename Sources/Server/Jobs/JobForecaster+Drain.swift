internal import LimnerProtocol

/// How fast the queue is worked off, for those who find no room in it.
extension JobForecaster {
    /// Seconds between the ends of two jobs while `open` are worked off: what the median job of each kind took, over the
    /// kinds that wait, shared among the workers.
    ///
    /// - Returns: nil without a history of any of the kinds.
    package func secondsPerEnd(_ open: [JobTally]) -> Double? {
        var (jobs, seconds) = (0, 0.0)
        for tally in open {
            guard let each = Self.quantile((paces[tally.kind] ?? []).map(\.seconds), 0.5) else { continue }
            jobs += tally.count
            seconds += each * Double(tally.count)
        }
        return jobs > 0 ? seconds / Double(jobs) / Double(max(1, workers)) : nil
    }
}
