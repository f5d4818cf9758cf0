public import Logging

/// What a service is told, once, when it is made.
public struct ServiceConfiguration: Sendable {
    /// Name or address to listen on.
    public var host: String
    /// 0 takes a free port; ``Service/boundPort`` says which.
    public var port: Int
    /// Speak TLS with this certificate; nil for plain HTTP.
    public var tls: TLSFiles?
    /// Jobs and their files. One service per folder.
    public var dataFolder: String
    /// Styles. May be shared with other processes.
    public var registryFolder: String
    /// Jobs painted at once; 1 when the painter uses all cores by itself.
    public var workers: Int
    public var limits: ServiceLimits
    public var access: AccessPolicy
    /// Shown in `/v1/info`.
    public var version: String
    /// The API's description, served at `/openapi.yaml`; without it that path is not there.
    public var openAPI: [UInt8]?
    public var logger: Logger
    /// Whether there is a line for each request.
    public var logsRequests: Bool
    /// Where the service counts, and what `/metrics` shows.
    public var metrics: PrometheusRegistry
    public var timepiece: any Timepiece

    public init(
        host: String = "127.0.0.1", port: Int = 8080, tls: TLSFiles? = nil, dataFolder: String,
        registryFolder: String, workers: Int = 1, limits: ServiceLimits = ServiceLimits(),
        access: AccessPolicy = AccessPolicy(), version: String = "", openAPI: [UInt8]? = nil,
        logger: Logger = Logger(label: "limner") { _ in SwiftLogNoOpLogHandler() }, logsRequests: Bool = true,
        metrics: PrometheusRegistry = PrometheusRegistry(), timepiece: any Timepiece = SystemTimepiece()
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.dataFolder = dataFolder
        self.registryFolder = registryFolder
        self.workers = workers
        self.limits = limits
        self.access = access
        self.version = version
        self.openAPI = openAPI
        self.logger = logger
        self.logsRequests = logsRequests
        self.metrics = metrics
        self.timepiece = timepiece
    }
}

/// Who may reach the service. Its keys are in the data folder, see ``KeyFile``.
public struct AccessPolicy: Sendable, Equatable {
    /// Host names it answers to besides loopback and the address it listens on.
    public var hostNames: [String] = []
    /// Origins whose pages may use the API, as browsers write them.
    public var corsOrigins: [String] = []
    /// Whoever reaches an address that is not loopback may use the service.
    public var allowsPublicWithoutKeys = false

    public init() {}
}

/// The limits an operator may set.
public struct ServiceLimits: Sendable, Equatable {
    /// One uploaded picture, bytes.
    public var photoBytes = 32 << 20
    /// One uploaded style file, bytes.
    public var styleBytes = ServerLimits.styleFileBytes
    /// Connections at once, in all and from one address.
    public var connections = 1024
    public var connectionsPerAddress = 256
    /// Jobs queued or running; more are answered 503.
    public var openJobs = 1000
    /// Free bytes the disk must keep; below it uploads are answered 507.
    public var freeDiskBytes = 64 << 20
    /// How long photos, settings and results are kept after a job's end, seconds.
    public var retentionSeconds = ServerLimits.retentionSeconds
    /// How long ``Service/stop()`` waits for clients and workers, seconds.
    public var graceSeconds = 10.0

    public init() {}

    /// The longest request body: a pair and its options.
    var bodyBytes: Int { 2 * photoBytes + (1 << 20) }
}
