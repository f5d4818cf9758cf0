internal import Dispatch
internal import Glibc
internal import LimnerProtocol
internal import Logging
internal import Synchronization

/// The whole service: data folder, job store, registry, workers, routes and sockets, put together and taken apart.
///
///     let service = Service(ServiceConfiguration(dataFolder: …, registryFolder: …), painter: painter)
///     try service.start()
///     service.runUntilSignalled()
public final class Service: Sendable {
    private let configuration: ServiceConfiguration
    private let painter: any Painter
    private let running = Mutex<RunningService?>(nil)

    public init(_ configuration: ServiceConfiguration, painter: any Painter) {
        self.configuration = configuration
        self.painter = painter
    }

    /// The port it listens on, once started.
    public var boundPort: Int? { running.withLock { $0?.net.port } }

    /// How many keys protect it, once started; nil where none are needed.
    public var keyCount: Int? { running.withLock { $0?.keyCount } }

    /// Takes the data folder, frees what an earlier process left there, and begins to listen.
    ///
    /// - Throws: ``ServerError/dataFolderInUse(_:)``, ``ServerError/cannotListen(address:detail:)``, a store or file
    ///   error. Nothing is left running then.
    public func start() throws(ServerError) {
        precondition(boundPort == nil, "a service is started once")
        // A client or a log reader that goes away must not end the process.
        signal(SIGPIPE, SIG_IGN)
        let started = try RunningService(configuration, painter: painter)
        running.withLock { $0 = started }
        configuration.logger.info(
            "listening", metadata: ["host": "\(configuration.host)", "port": "\(started.net.port)"])
    }

    /// Stops: no new connections, every job handed back at once, answers under way finished, all within the grace time
    /// of the limits.
    public func stop() {
        let stopping = running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let stopping else { return }
        stopping.stop()
        configuration.logger.info("stopped")
    }

    /// Lets new connections begin with what the certificate's files hold now. When they cannot be used, that is logged
    /// and counted, and the old certificate stays. Without TLS nothing is read.
    public func reloadCertificate() {
        running.withLock { $0 }?.reloadCertificate()
    }

    /// Waits for SIGTERM or SIGINT, then stops. A second signal ends the process without waiting. SIGHUP reads the
    /// certificate again.
    public func runUntilSignalled() {
        let asked = DispatchSemaphore(value: 0)
        let count = Mutex(0)
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let seen = count.withLock { count in
                    count += 1
                    return count
                }
                if seen > 1 { _exit(130) }
                asked.signal()
            }
            source.resume()
            return source
        }
        let reloading = onHangUp()
        asked.wait()
        stop()
        for source in sources { source.cancel() }
        reloading.cancel()
    }

    private func onHangUp() -> any DispatchSourceSignal {
        signal(SIGHUP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
        source.setEventHandler { [weak self] in self?.reloadCertificate() }
        source.resume()
        return source
    }
}

/// A service while it runs.
final class RunningService: Sendable {
    let net: NetServer
    private let lock: FolderLock
    private let context: ServiceContext
    private let router: Router

    var keyCount: Int? { context.access.keyCount }

    init(_ configuration: ServiceConfiguration, painter: any Painter) throws(ServerError) {
        lock = try FolderLock.take(configuration.dataFolder)
        let folders = try JobFolders(root: configuration.dataFolder)
        let policy = JobStorePolicy(retention: configuration.limits.retentionSeconds)
        let store = try SQLiteJobStore(path: folders.storeFile, policy: policy, timepiece: configuration.timepiece)
        let registry = try StyleRegistry(
            root: configuration.registryFolder, timepiece: configuration.timepiece,
            inspect: { folder in try painter.inspectStyle(at: folder) })
        try store.releaseAll()
        try folders.sweep(keeping: try store.liveIDs())
        net = try NetServer(host: configuration.host, port: configuration.port, tls: configuration.tls)
        let access = try Access(configuration, bound: BindAddress(of: net.listener.descriptor))
        let waiters = JobWaiters()
        let telemetry = Telemetry(configuration)
        let workers = WorkerPool(
            store: store, painter: painter, registry: registry, folders: folders, policy: policy,
            timepiece: configuration.timepiece, log: configuration.logger, waiters: waiters,
            settled: { id in if let job = try? store.job(id) { telemetry.jobs.settled(job) } })
        context = ServiceContext(
            configuration: configuration, painter: painter, store: store, registry: registry, folders: folders,
            workers: workers, waiters: waiters, handlers: HandlerPool(width: ServerLimits.handlers),
            access: access, telemetry: telemetry)
        router = Router(context)
        do throws(ServerError) {
            try begin()
        } catch {
            context.handlers.close(by: .now())
            throw error
        }
    }

    private func begin() throws(ServerError) {
        let configuration = context.configuration
        var parser = LimnerProtocol.Limits()
        parser.body = context.limits.bodyBytes
        var netConfiguration = NetConfiguration(
            connections: context.limits.connections, connectionsPerAddress: context.limits.connectionsPerAddress,
            parser: parser)
        netConfiguration.meters = context.telemetry.connections
        try net.start(
            netConfiguration, responder: router, handlers: context.handlers, timepiece: configuration.timepiece)
        context.workers.start(workers: min(configuration.workers, ServerLimits.mostWorkers))
        _ = context.registry.list()
        for style in context.registry.quarantined {
            configuration.logger.warning(
                "a damaged style was set aside",
                metadata: ["style": "\(style.name)", "folder": "\(style.folder)", "why": "\(style.reason)"])
        }
        context.janitor.start()
    }

    func reloadCertificate() {
        let log = context.configuration.logger
        guard let files = context.configuration.tls else {
            log.notice("there is no certificate to read again: TLS is off")
            return
        }
        do throws(ServerError) {
            try net.reload(files)
            log.info("the certificate was read again")
            context.telemetry.connections.certificateRead(isUsable: true)
        } catch {
            log.error("the old certificate stays", metadata: ["why": "\(error)"])
            context.telemetry.connections.certificateRead(isUsable: false)
        }
    }

    func stop() {
        let grace = context.limits.graceSeconds
        context.beginStopping()
        net.beginStopping()
        context.workers.stop()
        context.waiters.releaseAll()
        let deadline = DispatchTime.now() + grace
        net.finishStopping(by: deadline)
        context.handlers.close(by: deadline)
        context.workers.waitUntilEnded(by: deadline)
    }
}
