internal import CoreMetrics

/// Every metric of the service: its name, and what it says.
enum ServiceMetric: String, CaseIterable {
    case requests = "limner_http_requests_total"
    case requestSeconds = "limner_http_request_seconds"
    case connections = "limner_connections_total"
    case connectionsOpen = "limner_connections_open"
    case connectionsRefused = "limner_connections_refused_total"
    case certificateReads = "limner_certificate_reads_total"
    case receivedBytes = "limner_received_bytes_total"
    case sentBytes = "limner_sent_bytes_total"
    case parseFaults = "limner_http_parse_faults_total"
    case refusals = "limner_access_refusals_total"
    case jobsAccepted = "limner_jobs_accepted_total"
    case jobs = "limner_jobs"
    case queueDepth = "limner_queue_depth"
    case jobSeconds = "limner_job_seconds"
    case queueSeconds = "limner_job_queue_seconds"
    case workers = "limner_workers"
    case workersBusy = "limner_workers_busy"
    case styles = "limner_styles"
    case logLinesDropped = "limner_log_lines_dropped_total"

    var help: String {
        switch self {
        case .requests: "Requests answered, by route, method and status."
        case .requestSeconds: "Seconds from a request's head to the end of its answer."
        case .connections: "Connections accepted."
        case .connectionsOpen: "Connections open."
        case .connectionsRefused: "Connections turned away because there were too many."
        case .certificateReads: "Times the TLS certificate was read again, by whether it could be used."
        case .receivedBytes: "Bytes received, as they came from the sockets."
        case .sentBytes: "Bytes sent, as they went to the sockets."
        case .parseFaults: "Requests refused because of how they were written, by fault."
        case .refusals: "Requests refused because of who asked, by status."
        case .jobsAccepted: "Jobs accepted since the start, by kind."
        case .jobs: "Jobs kept, by kind and status."
        case .queueDepth: "Jobs that wait for a worker."
        case .jobSeconds: "Seconds a job was worked on, by kind and how it ended."
        case .queueSeconds: "Seconds a job waited before it was begun, by kind."
        case .workers: "Workers."
        case .workersBusy: "Workers that have a job."
        case .styles: "Styles in the registry."
        case .logLinesDropped: "Log lines dropped because whoever reads them was too slow or gone."
        }
    }

    /// Upper bounds of a histogram, seconds.
    var bounds: [Double] {
        self == .jobSeconds || self == .queueSeconds
            ? [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600] : Self.requestBounds
    }

    static let requestBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    func counter(_ dimensions: [(String, String)] = [], in factory: any MetricsFactory) -> Counter {
        Counter(label: rawValue, dimensions: dimensions, factory: factory)
    }

    func meter(_ dimensions: [(String, String)] = [], in factory: any MetricsFactory) -> Meter {
        Meter(label: rawValue, dimensions: dimensions, factory: factory)
    }

    func histogram(_ dimensions: [(String, String)] = [], in factory: any MetricsFactory) -> Recorder {
        Recorder(label: rawValue, dimensions: dimensions, aggregate: true, factory: factory)
    }
}
