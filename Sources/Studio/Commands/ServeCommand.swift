// `limner serve`: the service, with the engine behind it.
import ArgumentParser
import Foundation
import LimnerServer

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the HTTP API.",
        discussion: """
            Listens on loopback. There are no access keys yet, so another address is refused unless --public says that \
            whoever can reach it may use it.
            """)

    @OptionGroup var model: ModelOption
    @OptionGroup var registry: RegistryOption
    @Option(help: "The folder of jobs and their pictures; one service per folder.") var data = Locations.data + "/data"
    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port to listen on; 0 takes a free one.") var port = 8080
    @Option(help: "A PEM file with the certificate chain to speak TLS with; SIGHUP reads it again.")
    var tlsCertificate: String?
    @Option(help: "A PEM file with the certificate's key, without a passphrase.") var tlsKey: String?
    @Option(help: "Clients connected at once.") var connections = ServiceLimits().connections
    @Option(help: "Clients connected at once from one address.")
    var connectionsPerAddress = ServiceLimits().connectionsPerAddress
    @Option(help: "A file to write the port to once the service listens.") var portFile: String?
    @Option(help: "Jobs drawn at once; each uses every core.") var workers = 1
    @Flag(name: .customLong("public"), help: "Listen on an address that others can reach, without keys.")
    var isPublic = false

    private static let loopback = ["127.0.0.1", "::1", "localhost"]

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535.") }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key belong together.")
        }
        guard connections > 0, connectionsPerAddress > 0 else {
            throw ValidationError("--connections and --connections-per-address must be at least 1.")
        }
        guard workers > 0 else { throw ValidationError("--workers must be at least 1.") }
        guard isPublic || Self.loopback.contains(host) else {
            throw ValidationError(
                "'\(host)' may be reached by others and there are no access keys yet; say --public if that is meant.")
        }
    }

    func run() throws {
        let painter = EnginePainter(model: try model.load())
        var limits = ServiceLimits()
        limits.connections = connections
        limits.connectionsPerAddress = connectionsPerAddress
        let configuration = ServiceConfiguration(
            host: host, port: port, tls: tls, dataFolder: data, registryFolder: registry.resolved(),
            workers: workers, limits: limits, version: Build.version, openAPI: Self.description())
        let service = Service(configuration, painter: painter)
        try service.start()
        try announce(service.boundPort ?? port)
        service.runUntilSignalled()
    }

    private var tls: TLSFiles? {
        guard let tlsCertificate, let tlsKey else { return nil }
        return TLSFiles(certificate: tlsCertificate, key: tlsKey)
    }

    private func announce(_ port: Int) throws {
        if let portFile { try "\(port)\n".write(toFile: portFile, atomically: true, encoding: .utf8) }
        let line =
            "listening on \(tls == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(port)\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }

    /// openapi.yaml, beside the models.
    private static func description() -> [UInt8]? {
        Locations.beside("openapi.yaml").lazy.compactMap { FileManager.default.contents(atPath: $0) }.first.map(
            Array.init)
    }
}
