internal import Logging

/// What the service tells of itself while it runs, by who tells it.
struct Telemetry: Sendable {
    let connections: ConnectionMeters
    let requests: RequestMeters
    let jobs: JobMeters
    /// nil when requests are not logged.
    let requestLog: RequestLog?

    init(_ configuration: ServiceConfiguration) {
        let metrics = configuration.metrics
        connections = ConnectionMeters(metrics)
        requests = RequestMeters(metrics)
        jobs = JobMeters(metrics)
        let isLogged = configuration.logsRequests && configuration.logger.logLevel <= .info
        requestLog = isLogged ? RequestLog(log: configuration.logger) : nil
    }
}
