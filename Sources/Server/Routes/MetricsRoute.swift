internal import CoreMetrics
internal import LimnerProtocol

/// `GET /v1/metrics` and `/metrics`: Prometheus' text format, version 0.0.4.
enum MetricsRoute {
    @Sendable static func get(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        try measure(context)
        return .now(Answer(200, PrometheusText.mediaType, context.configuration.metrics.text()))
    }

    /// Sets what is only known when it is asked for.
    private static func measure(_ context: ServiceContext) throws {
        let factory = context.configuration.metrics
        let tallies = try context.store.tally()
        for kind in JobKind.allCases {
            for status in JobStatus.allCases {
                let count = tallies.first { $0.kind == kind && $0.status == status }?.count ?? 0
                let labels = [("kind", kind.rawValue), ("status", status.rawValue)]
                ServiceMetric.jobs.meter(labels, in: factory).set(count)
            }
        }
        let queued = tallies.reduce(0) { $0 + ($1.status == .queued ? $1.count : 0) }
        ServiceMetric.queueDepth.meter(in: factory).set(queued)
        ServiceMetric.workers.meter(in: factory).set(context.configuration.workers)
        ServiceMetric.workersBusy.meter(in: factory).set(context.workers.busyCount)
        ServiceMetric.styles.meter(in: factory).set(context.registry.list().count)
    }
}
