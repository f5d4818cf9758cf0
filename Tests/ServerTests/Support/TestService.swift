import FoundationEssentials
import LimnerProtocol
import LimnerServer
import Logging

/// A service on a free loopback port with a fake painter, and requests to it.
final class TestService: Sendable {
    let folder: TemporaryFolder
    let painter: FakePainter
    let service: Service
    let port: Int

    init(
        _ painter: FakePainter = FakePainter(), folder: TemporaryFolder = TemporaryFolder(), workers: Int = 1,
        timepiece: any Timepiece = SystemTimepiece(), tls: TLSFiles? = nil, access: AccessPolicy = AccessPolicy(),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, logsRequests: Bool = true,
        openAPI: [UInt8]? = Array("openapi: 3.1.0\n".utf8), _ change: (inout ServiceLimits) -> Void = { _ in }
    ) throws {
        self.folder = folder
        self.painter = painter
        var limits = ServiceLimits()
        limits.freeDiskBytes = 0
        limits.graceSeconds = 5
        change(&limits)
        // What raw requests of tests put into Host.
        var access = access
        access.hostNames.append("a")
        service = Service(
            ServiceConfiguration(
                port: 0, tls: tls, dataFolder: folder.path + "/data", registryFolder: folder.path + "/registry",
                workers: workers, limits: limits, access: access, version: "1.2.3",
                openAPI: openAPI, logger: logger, logsRequests: logsRequests, timepiece: timepiece),
            painter: painter)
        try service.start()
        guard let port = service.boundPort else { throw WireClient.Trouble.cannotConnect }
        self.port = port
    }

    deinit { service.stop() }

    func client() throws -> WireClient { try WireClient(port: port) }

    /// One request on a connection of its own.
    func request(_ method: String, _ target: String, _ fields: [String] = [], body: [UInt8]? = nil) throws
        -> WireClient.Response
    {
        let client = try client()
        client.send(Self.bytes(method, target, fields, body: body))
        return try client.response(toHead: method == "HEAD")
    }

    static func bytes(_ method: String, _ target: String, _ fields: [String] = [], body: [UInt8]? = nil) -> [UInt8] {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields
        if let body { lines.append("Content-Length: \(body.count)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? [])
    }

    // MARK: The API

    func sketch(
        _ parts: [Part] = [.photo(), .text("text", "a drawing")], _ fields: [String] = []
    ) throws -> WireClient.Response {
        try request("POST", "/v1/sketch", fields + [Part.contentType], body: Part.form(parts))
    }

    func tune(_ name: String, _ fields: [String] = []) throws -> WireClient.Response {
        let parts: [Part] = [.photo(), .file("sketch", Pictures.photo("drawn")), .text("name", name)]
        return try request("POST", "/v1/instructions", fields + [Part.contentType], body: Part.form(parts))
    }

    func job(_ id: String, wait: Bool = false) throws -> JobDocument {
        let response = try request("GET", "/v1/jobs/\(id)", wait ? ["Prefer: wait=20"] : [])
        return try WireJSON.decode(JobDocument.self, from: response.body)
    }
}

/// One part of a form.
enum Part {
    case text(String, String)
    case file(String, [UInt8])

    static func photo(_ bytes: [UInt8] = Pictures.photo()) -> Part { .file("photo", bytes) }

    static let contentType = "Content-Type: multipart/form-data; boundary=frontier"

    static func form(_ parts: [Part]) -> [UInt8] {
        var bytes: [UInt8] = []
        for part in parts {
            switch part {
            case .text(let name, let value):
                bytes += "--frontier\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
            case .file(let name, let content):
                let head = "Content-Disposition: form-data; name=\"\(name)\"; filename=\"../\(name).jpg\""
                bytes += "--frontier\r\n\(head)\r\nContent-Type: image/jpeg\r\n\r\n".utf8
                bytes += content + Array("\r\n".utf8)
            }
        }
        return bytes + Array("--frontier--\r\n".utf8)
    }
}

extension WireClient.Response {
    func job() throws -> JobDocument { try WireJSON.decode(JobDocument.self, from: body) }
    func problem() throws -> Problem { try WireJSON.decode(Problem.self, from: body) }
}
