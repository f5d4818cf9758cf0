// The options of `limner serve`, in the groups its help shows.
import ArgumentParser
import LimnerServer
import Logging

/// Where it listens.
struct ListeningOptions: ParsableArguments {
    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port to listen on; 0 takes a free one.") var port = 8080
    @Option(help: "A file to write the port to once the service listens.") var portFile: String?
    @Option(help: "A PEM file with the certificate chain to speak TLS with; SIGHUP reads it again.")
    var tlsCertificate: String?
    @Option(help: "A PEM file with the certificate's key, without a passphrase.") var tlsKey: String?
    @Option(help: "Clients connected at once.") var connections = ServiceLimits().connections
    @Option(help: "Clients connected at once from one address.")
    var connectionsPerAddress = ServiceLimits().connectionsPerAddress

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535.") }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key belong together.")
        }
        guard connections > 0, connectionsPerAddress > 0 else {
            throw ValidationError("--connections and --connections-per-address must be at least 1.")
        }
    }

    var tls: TLSFiles? {
        guard let tlsCertificate, let tlsKey else { return nil }
        return TLSFiles(certificate: tlsCertificate, key: tlsKey)
    }

    var limits: ServiceLimits {
        var limits = ServiceLimits()
        limits.connections = connections
        limits.connectionsPerAddress = connectionsPerAddress
        return limits
    }
}

/// Who may reach it.
struct AccessOptions: ParsableArguments {
    @Flag(help: "Listen on an address that others can reach although there are no keys: whoever reaches it may use it.")
    var publicWithoutKeys = false
    @Option(
        help: ArgumentHelp(
            "A host name the service answers to, besides loopback and its address. May be given again.",
            valueName: "name"))
    var hostName: [String] = []
    @Option(
        help: ArgumentHelp(
            "An origin whose pages may use the API, e.g. https://example.org. May be given again.", valueName: "origin")
    )
    var corsOrigin: [String] = []

    var policy: AccessPolicy {
        var policy = AccessPolicy()
        policy.allowsPublicWithoutKeys = publicWithoutKeys
        policy.hostNames = hostName
        policy.corsOrigins = corsOrigin
        return policy
    }
}

/// What it says while it runs.
struct LogOptions: ParsableArguments {
    @Option(help: "The least level that is logged: \(Self.levels).", transform: Self.level)
    var logLevel = Logger.Level.info
    @Flag(inversion: .prefixedNo, help: "Log a line for each request.") var requestLog = true

    private static let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")

    private static func level(_ word: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: word) else { throw ValidationError("use one of \(levels).") }
        return level
    }
}
