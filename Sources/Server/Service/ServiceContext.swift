internal import Glibc
internal import LimnerProtocol
internal import Logging
internal import Synchronization

/// What routes work with: the parts of a running service, by name.
final class ServiceContext: Sendable {
    let configuration: ServiceConfiguration
    let painter: any Painter
    let store: any JobStore
    let registry: StyleRegistry
    let folders: JobFolders
    let workers: WorkerPool
    let waiters: JobWaiters
    let handlers: HandlerPool
    let access: Access
    let telemetry: Telemetry
    let results = ResultMemory()
    let submissions = Submissions()
    let streams = EventStreams()
    let janitor: Janitor
    private let stopping = Mutex(false)

    init(
        configuration: ServiceConfiguration, painter: any Painter, store: any JobStore, registry: StyleRegistry,
        folders: JobFolders, workers: WorkerPool, waiters: JobWaiters, handlers: HandlerPool, access: Access,
        telemetry: Telemetry
    ) {
        self.configuration = configuration
        self.painter = painter
        self.store = store
        self.registry = registry
        self.folders = folders
        self.workers = workers
        self.waiters = waiters
        self.handlers = handlers
        self.access = access
        self.telemetry = telemetry
        janitor = Janitor(
            store: store, folders: folders, timepiece: configuration.timepiece, log: configuration.logger)
    }

    var limits: ServiceLimits { configuration.limits }
    var timepiece: any Timepiece { configuration.timepiece }
    var log: Logger { configuration.logger }

    /// From now on the service is not ready.
    func beginStopping() {
        stopping.withLock { $0 = true }
        streams.close()
        janitor.stop()
    }

    /// Called several times a second while there are connections; must not block.
    func tick() {
        waiters.expire(at: timepiece.elapsed)
        streams.tick(at: timepiece.elapsed)
    }

    var isStopping: Bool { stopping.withLock { $0 } }

    /// What keeps the service from being ready, by name; empty when nothing does.
    func failingChecks() -> [String: String] {
        var failing: [String: String] = [:]
        if isStopping { failing["stopping"] = "The service is stopping." }
        do throws(ServerError) { try store.check() } catch { failing["store"] = error.publicDetail }
        do throws(ServerError) { try checkDisk() } catch { failing["disk"] = error.publicDetail }
        if !Disk.isFolder(registry.stylesFolder) { failing["registry"] = "The registry's folder is gone." }
        return failing
    }

    /// Throws when the disk of the data folder is about to be full.
    func checkDisk() throws(ServerError) {
        var status = statvfs()
        guard statvfs(configuration.dataFolder, &status) == 0 else {
            throw .file(what: "Cannot ask for the free space of \(configuration.dataFolder)", code: errno)
        }
        guard Int(status.f_bavail) * Int(status.f_frsize) >= limits.freeDiskBytes else {
            throw .file(what: "The data folder's disk is nearly full", code: ENOSPC)
        }
    }

    /// Throws when no job can be taken.
    func checkRoom() throws(ServerError) {
        try store.check()
        try checkDisk()
    }

    /// A job as clients see it.
    func document(_ job: Job) throws(ServerError) -> JobDocument {
        var document = JobDocument(job)
        guard !job.status.isFinal else { return document }
        let ahead = job.status == .queued ? try store.ahead(of: job) : []
        if job.status == .queued { document.position = ahead.count { $0.status == .queued } + 1 }
        let forecaster = JobForecaster(
            paces: try paces(of: Set(ahead.map(\.kind) + [job.kind])), workers: configuration.workers,
            now: timepiece.now)
        document.eta = forecaster.forecast(job, ahead: ahead)
        return document
    }

    /// How long the newest jobs of these kinds took.
    func paces(of kinds: Set<JobKind>) throws(ServerError) -> [JobKind: [JobPace]] {
        var paces: [JobKind: [JobPace]] = [:]
        for kind in kinds { paces[kind] = try store.pace(of: kind, limit: ServerLimits.paceSamples) }
        return paces
    }
}
