// The service's instruments, made before they are needed: changing one costs a lock without contention or an atomic
// addition, which the event loop can afford for every request.

internal import CoreMetrics
internal import LimnerProtocol
internal import Synchronization

/// What connections count.
final class ConnectionMeters: Sendable {
    private let accepted: Counter
    private let open: Meter
    private let refused: Counter
    private let certificateReads: Tallies
    private let receivedBytes: Counter
    private let sentBytes: Counter

    init(_ factory: any MetricsFactory) {
        certificateReads = Tallies(.certificateReads, by: "outcome", factory)
        accepted = ServiceMetric.connections.counter(in: factory)
        open = ServiceMetric.connectionsOpen.meter(in: factory)
        refused = ServiceMetric.connectionsRefused.counter(in: factory)
        receivedBytes = ServiceMetric.receivedBytes.counter(in: factory)
        sentBytes = ServiceMetric.sentBytes.counter(in: factory)
    }

    func opened() {
        accepted.increment()
        open.increment()
    }

    func closed() { open.decrement() }
    func turnedAway() { refused.increment() }
    func certificateRead(isUsable: Bool) { certificateReads.count(isUsable ? "used" : "refused") }
    func received(_ count: Int) { receivedBytes.increment(by: count) }
    func sent(_ count: Int) { sentBytes.increment(by: count) }
}

/// What requests count. Labels are bounded: routes as they are written, methods that are known, statuses we send.
final class RequestMeters: Sendable {
    /// Changed under the lock of ``rows``.
    private final class Row {
        let seconds: Recorder
        var byStatus: [Int: Counter] = [:]

        init(_ seconds: Recorder) { self.seconds = seconds }
    }

    private struct Key: Hashable {
        var route: String
        var method: Method?
    }

    private let factory: any MetricsFactory
    private let rows = Mutex<[Key: Row]>([:])
    private let faults: Tallies
    private let refusals: Tallies

    init(_ factory: any MetricsFactory) {
        self.factory = factory
        faults = Tallies(.parseFaults, by: "fault", factory)
        refusals = Tallies(.refusals, by: "status", factory)
    }

    /// - Parameters:
    ///   - route: nil when there is none.
    ///   - method: nil when the head could not be read.
    func answered(route: String?, method: Method?, status: Int, seconds: Double) {
        let key = Key(route: route ?? "none", method: method)
        rows.withLock { rows in
            let row = rows[key] ?? Row(ServiceMetric.requestSeconds.histogram(labels(key), in: factory))
            if let counter = row.byStatus[status] {
                counter.increment()
            } else {
                let labels = labels(key) + [("status", String(status))]
                let counter = ServiceMetric.requests.counter(labels, in: factory)
                counter.increment()
                row.byStatus[status] = counter
                rows[key] = row
            }
            row.seconds.record(seconds)
        }
    }

    private func labels(_ key: Key) -> [(String, String)] {
        [("route", key.route), ("method", key.method?.rawValue ?? "none")]
    }

    func refused(_ fault: ParseFault) { faults.count(fault.rawValue) }

    /// - Parameter status: 401, 403, 421 or 429.
    func refused(status: Int) { refusals.count(String(status)) }
}

/// What jobs count while they go by; how many there are is asked of the store when the metrics are read.
final class JobMeters: Sendable {
    private let factory: any MetricsFactory
    private let accepted: Tallies

    init(_ factory: any MetricsFactory) {
        self.factory = factory
        accepted = Tallies(.jobsAccepted, by: "kind", factory)
    }

    func accepted(_ kind: JobKind) { accepted.count(kind.rawValue) }

    /// An attempt at a job is over; one that has not ended goes on later and counts then.
    func settled(_ job: Job) {
        guard job.status.isFinal, let started = job.started, let finished = job.finished else { return }
        let kind = ("kind", job.kind.rawValue)
        ServiceMetric.jobSeconds.histogram([kind, ("status", job.status.rawValue)], in: factory)
            .record(max(0, finished - started))
        ServiceMetric.queueSeconds.histogram([kind], in: factory).record(max(0, started - job.created))
    }
}

/// Counters of one metric that differ in one label.
private final class Tallies: Sendable {
    private let metric: ServiceMetric
    private let label: String
    private let factory: any MetricsFactory
    private let counters = Mutex<[String: Counter]>([:])

    init(_ metric: ServiceMetric, by label: String, _ factory: any MetricsFactory) {
        self.metric = metric
        self.label = label
        self.factory = factory
    }

    func count(_ value: String) {
        counters.withLock { counters in
            let counter = counters[value] ?? metric.counter([(label, value)], in: factory)
            counters[value] = counter
            counter.increment()
        }
    }
}
