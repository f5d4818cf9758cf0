// `limner serve`: the service, with the engine behind it.
import ArgumentParser
import Foundation
import LimnerServer
import Logging

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the HTTP API.",
        discussion: """
            Listens on loopback, where no keys are needed until the first is made with 'limner keys add'. An address that \
            others can reach is refused without keys, unless --public-without-keys says that this is meant. Logs are JSON \
            lines on standard error; they hold no photo, text, file name or key.
            """)

    @OptionGroup var model: ModelOption
    @OptionGroup var registry: RegistryOption
    @OptionGroup var data: DataOption
    @Option(help: "Jobs drawn at once; each uses every core.") var workers = 1
    @Option(help: "Hours that photos and results are kept after a job's end.")
    var retention = ServerLimits.retentionSeconds / 3600
    @OptionGroup(title: "Listening") var listening: ListeningOptions
    @OptionGroup(title: "Access") var access: AccessOptions
    @OptionGroup(title: "Log") var log: LogOptions

    func validate() throws {
        guard workers > 0 else { throw ValidationError("--workers must be at least 1.") }
        guard ServerLimits.retentionHours.contains(retention) else {
            throw ValidationError("--retention must be in \(ServerLimits.retentionHours) hours.")
        }
    }

    func run() throws {
        let painter = EnginePainter(model: try model.load())
        let metrics = PrometheusRegistry()
        let writer = LogWriter(metrics: metrics)
        defer { writer.close() }
        let level = log.logLevel
        var limits = listening.limits
        limits.retentionSeconds = retention * 3600
        let configuration = ServiceConfiguration(
            host: listening.host, port: listening.port, tls: listening.tls, dataFolder: data.folder,
            registryFolder: registry.resolved(), workers: workers, limits: limits, access: access.policy,
            version: Build.version, openAPI: Self.description(),
            logger: Logger(label: "limner") { _ in JSONLogHandler(writer: writer, level: level) },
            logsRequests: log.requestLog, metrics: metrics)
        let service = Service(configuration, painter: painter)
        try service.start()
        try announce(service)
        service.runUntilSignalled()
    }

    /// Says where it listens and who may use it.
    private func announce(_ service: Service) throws {
        let port = service.boundPort ?? listening.port
        if let file = listening.portFile { try "\(port)\n".write(toFile: file, atomically: true, encoding: .utf8) }
        let host = listening.host.contains(":") ? "[\(listening.host)]" : listening.host
        let protection = service.keyCount.map { "every request needs one of \($0) keys" }
        let text = """
            listening on \(listening.tls == nil ? "http" : "https")://\(host):\(port)
            \(protection ?? "no keys: whoever reaches this address may use it; 'limner keys add' changes that")

            """
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    /// openapi.yaml, beside the models.
    private static func description() -> [UInt8]? {
        Locations.beside("openapi.yaml").lazy.compactMap { FileManager.default.contents(atPath: $0) }.first.map(
            Array.init)
    }
}
