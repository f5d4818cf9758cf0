package import LimnerProtocol

/// When a job will be done, from how long jobs of its kind took before: pure arithmetic over what the store says.
///
/// A job's own time is its steps times the quantile of the seconds per step; a queued job waits for everything ahead of
/// it, shared among the workers. Without a history there is no forecast, except for a running job with steps behind it.
package struct JobForecaster {
    /// Of each kind, the newest jobs that succeeded.
    let paces: [JobKind: [JobPace]]
    let workers: Int
    let now: Double

    package init(paces: [JobKind: [JobPace]], workers: Int, now: Double) {
        self.paces = paces
        self.workers = workers
        self.now = now
    }

    /// - Parameter ahead: what will be claimed before a queued job, running jobs included.
    func forecast(_ job: Job, ahead: [Job]) -> JobForecast? {
        guard let p50 = seconds(job, ahead, 0.5), let p90 = seconds(job, ahead, 0.9) else { return nil }
        return JobForecast(p50: Self.rounded(p50), p90: Self.rounded(max(p50, p90)))
    }

    private func seconds(_ job: Job, _ ahead: [Job], _ quantile: Double) -> Double? {
        guard let own = remaining(job, quantile) else { return nil }
        guard job.status == .queued else { return own }
        var before = 0.0
        for other in ahead {
            guard let seconds = remaining(other, quantile) else { return nil }
            before += seconds
        }
        return before / Double(max(1, workers)) + own
    }

    private func remaining(_ job: Job, _ quantile: Double) -> Double? {
        let history = paces[job.kind] ?? []
        let done = job.progress?.step ?? 0
        guard let steps = job.progress?.steps ?? job.settings.steps ?? Self.typicalSteps(history) else { return nil }
        let left = Double(max(0, steps - done))
        if let perStep = Self.quantile(history.map { $0.seconds / Double($0.steps) }, quantile) {
            return left * perStep
        }
        guard done > 0, let started = job.started else { return nil }
        return left * max(0, now - started) / Double(done)
    }

    private static func typicalSteps(_ history: [JobPace]) -> Int? {
        quantile(history.map { Double($0.steps) }, 0.5).map { Int($0) }
    }

    /// The value below which `fraction` of the samples lie (nearest rank); nil without samples.
    static func quantile(_ samples: [Double], _ fraction: Double) -> Double? {
        let sorted = samples.sorted()
        guard !sorted.isEmpty else { return nil }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))]
    }

    private static func rounded(_ seconds: Double) -> Double { (seconds * 10).rounded() / 10 }
}
