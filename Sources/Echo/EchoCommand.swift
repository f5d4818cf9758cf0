// `limner-echo`: the service's parser and connections without the service. It answers every request with what was
// parsed, so that suites from outside can compare framing and not only statuses. Built beside limner, not installed.
import ArgumentParser
import Dispatch
import FoundationEssentials
import Glibc
import LimnerProtocol
import LimnerServer

@main
struct EchoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limner-echo", abstract: "Answer every request with what was parsed.",
        discussion: """
            200 with the JSON {method, uri, version, headers: [[name, value]…], body}, every value in base64. The query \
            ?answer=chunked, abort, 204 or 304 asks for an answer of another shape. Listens on loopback alone, until \
            SIGTERM; with TLS, SIGHUP reads the certificate again.
            """)

    @Option(help: "Port to listen on; 0 takes a free one.") var port = 0
    @Option(help: "A file to write the port to once it listens.") var portFile: String?
    @Option(help: "A PEM file with the certificate chain to speak TLS with.") var tlsCertificate: String?
    @Option(help: "A PEM file with the certificate's key.") var tlsKey: String?
    @Option(help: "Clients connected at once, in all and from one address.") var connections = 1024

    private static let handlers = 4
    private static let graceSeconds = 10.0

    func validate() throws {
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key belong together.")
        }
    }

    func run() throws {
        let files = tlsCertificate.map { TLSFiles(certificate: $0, key: tlsKey ?? "") }
        let net = try NetServer(host: "127.0.0.1", port: port, tls: files)
        let handlers = HandlerPool(width: Self.handlers)
        let configuration = NetConfiguration(
            connections: connections, connectionsPerAddress: connections, parser: Limits())
        try net.start(configuration, responder: EchoResponder(), handlers: handlers, timepiece: SystemTimepiece())
        if let portFile { try Data("\(net.port)\n".utf8).write(to: URL(fileURLWithPath: portFile), options: .atomic) }
        print("listening on \(files == nil ? "http" : "https")://127.0.0.1:\(net.port)")
        Self.waitUntilSignalled { if let files { Self.reload(net, files) } }
        net.beginStopping()
        net.finishStopping(by: .now() + Self.graceSeconds)
        handlers.close(by: .now() + Self.graceSeconds)
    }

    private static func reload(_ net: NetServer, _ files: TLSFiles) {
        do throws(ServerError) {
            try net.reload(files)
        } catch {
            print("the old certificate stays: \(error)")
        }
    }

    /// Waits for SIGTERM or SIGINT.
    private static func waitUntilSignalled(hangUp: @escaping @Sendable () -> Void) {
        let asked = DispatchSemaphore(value: 0)
        let sources = [SIGTERM, SIGINT, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                if number == SIGHUP { hangUp() } else { asked.signal() }
            }
            source.resume()
            return source
        }
        asked.wait()
        for source in sources { source.cancel() }
    }
}
