/// What the service tells of itself while it runs, by who tells it.
final class Telemetry: Sendable {
    let connections: ConnectionMeters
    let requests: RequestMeters
    let jobs: JobMeters

    init(_ configuration: ServiceConfiguration) {
        let metrics = configuration.metrics
        connections = ConnectionMeters(metrics)
        requests = RequestMeters(metrics)
        jobs = JobMeters(metrics)
    }
}
