// Who may reach the service: addresses, host names, and pages of other origins.

import LimnerProtocol
import LimnerServer
import Testing

@Suite("Hosts and addresses", .timeLimit(.minutes(1)))
struct HostTests {
    let folder = TemporaryFolder()

    private func access(_ octets: [UInt8], _ change: (inout AccessPolicy) -> Void = { _ in }) throws -> Access {
        var policy = AccessPolicy()
        change(&policy)
        let configuration = ServiceConfiguration(
            dataFolder: folder.path + "/data", registryFolder: folder.path + "/registry", access: policy)
        return try Access(configuration, bound: BindAddress(octets: octets))
    }

    @Test("an address others can reach is refused without keys, and the error says what to do")
    func publicWithoutKeys() {
        let error = #expect(throws: ServerError.self) { try access([192, 0, 2, 1]) }
        #expect(error?.description.contains("limner keys add") == true)
        #expect(error?.description.contains("--public-without-keys") == true)
    }

    @Test("it is taken with a key, and then needs keys")
    func publicWithKeys() throws {
        _ = try folder.addKey("one", [.admin])
        #expect(try access([0, 0, 0, 0]).keyCount == 1)
    }

    @Test("it is taken without keys when that is said")
    func publicByName() throws {
        #expect(try access([0, 0, 0, 0]) { $0.allowsPublicWithoutKeys = true }.keyCount == nil)
    }

    @Test("the service itself refuses to start so")
    func refusesStart() {
        let configuration = ServiceConfiguration(
            host: "0.0.0.0", port: 0, dataFolder: folder.path + "/data", registryFolder: folder.path + "/registry")
        let service = Service(configuration, painter: FakePainter())
        #expect(throws: ServerError.publicWithoutKeys("0.0.0.0")) { try service.start() }
    }

    @Test(
        "loopback is 127.0.0.0/8 and ::1, also when mapped, and nothing else",
        arguments: [
            ([127, 0, 0, 1], true), ([127, 9, 9, 9], true), ([128, 0, 0, 1], false), ([0, 0, 0, 0], false),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], true),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1], true),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], false), ([], false),
        ] as [([UInt8], Bool)])
    func loopback(_ octets: [UInt8], _ isLoopback: Bool) {
        #expect(BindAddress(octets: octets).isLoopback == isLoopback)
    }

    @Test(
        "§3.4 a request for another host is 421, whatever its path",
        arguments: [
            ("localhost", 200), ("LOCALHOST:99", 200), ("127.0.0.1", 200), ("[::1]:8080", 200), ("sketch.example", 200),
            ("evil.example", 421), ("localhost.evil.example", 421), ("192.0.2.1", 421), ("127.0.0.1.evil.example", 421),
        ])
    func hosts(_ host: String, _ status: Int) throws {
        var policy = AccessPolicy()
        policy.hostNames = ["sketch.example"]
        let bench = try TestService(folder: folder, access: policy)
        let client = try bench.client()
        client.send("GET /healthz HTTP/1.1\r\nHost: \(host)\r\n\r\nGET /nothing HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try client.response().status == status)
        #expect(try client.response().status == (status == 200 ? 404 : 421))
    }

    @Test("§3.4 the authority of an absolute target wins over Host")
    func absolute() throws {
        let bench = try TestService(folder: folder)
        let client = try bench.client()
        client.send("GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try client.response().status == 421)
        client.send("GET http://localhost/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        #expect(try client.response().status == 200)
    }

    @Test(
        "a host name with a port, a scheme or a path is refused at start", arguments: ["a:80", "http://a", "a/b", ""])
    func refusesHostName(_ name: String) {
        #expect(throws: ServerError.self) { try access([127, 0, 0, 1]) { $0.hostNames = [name] } }
    }
}

@Suite("Pages of other origins", .timeLimit(.minutes(1)))
struct OriginTests {
    private func bench(_ origins: [String] = ["https://page.example"]) throws -> TestService {
        var policy = AccessPolicy()
        policy.corsOrigins = origins
        return try TestService(access: policy)
    }

    private static let asks = [
        "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization, x-other",
    ]

    @Test("§3.65 a listed origin is told what it may do")
    func preflight() throws {
        let fields = try bench().request("OPTIONS", "/v1/sketch", ["Origin: https://page.example"] + Self.asks)
        #expect(fields.status == 204 && fields.fields["allow"] == "OPTIONS, POST")
        #expect(fields.fields["access-control-allow-origin"] == "https://page.example")
        #expect(fields.fields["access-control-allow-methods"] == "OPTIONS, POST")
        #expect(fields.fields["access-control-allow-headers"]?.contains("Authorization") == true)
        #expect(fields.fields["access-control-allow-headers"]?.contains("x-other") == false)
        #expect(fields.fields["vary"] == "Origin")
    }

    @Test(
        "§3.65 an origin that is not listed is never sent back",
        arguments: [
            "https://evil.example", "https://page.example.evil.example", "http://page.example",
            "https://page.example:8443",
            "https://PAGE.example", "null", "*",
        ])
    func unlisted(_ origin: String) throws {
        let bench = try bench()
        for response in [
            try bench.request("OPTIONS", "/v1/sketch", ["Origin: \(origin)"] + Self.asks),
            try bench.request("GET", "/v1/styles", ["Origin: \(origin)"]),
        ] {
            #expect(!response.fields.keys.contains { $0.hasPrefix("access-control") })
            #expect(response.fields["vary"] == "Origin")
        }
    }

    @Test("§3.65 without a list there is no CORS at all")
    func off() throws {
        let response = try bench([]).request("OPTIONS", "/v1/sketch", ["Origin: https://page.example"] + Self.asks)
        #expect(response.status == 204 && response.fields["vary"] == nil)
        #expect(!response.fields.keys.contains { $0.hasPrefix("access-control") })
    }

    @Test(
        "a listed origin may read answers, errors too, and never with credentials", arguments: ["/v1/jobs", "/nothing"])
    func reads(_ path: String) throws {
        let response = try bench().request("GET", path, ["Origin: https://page.example"])
        #expect(response.fields["access-control-allow-origin"] == "https://page.example")
        #expect(response.fields["access-control-expose-headers"]?.contains("Retry-After") == true)
        #expect(response.fields["access-control-allow-credentials"] == nil)
    }

    @Test(
        "a page of another origin can change nothing, not even by a form", arguments: ["https://evil.example", "null"])
    func refusesForms(_ origin: String) throws {
        let response = try bench().sketch([.photo(), .text("text", "t")], ["Origin: \(origin)"])
        #expect(response.status == 403)
    }

    @Test("pages of the service itself and of listed origins may")
    func takesForms() throws {
        let bench = try bench()
        for origin in ["https://page.example", "http://localhost"] {
            #expect(try bench.sketch([.photo(), .text("text", "t")], ["Origin: \(origin)"]).status == 202)
        }
    }

    @Test(
        "what is no origin as browsers write it is refused at start",
        arguments: ["*", "null", "https://a/", "https://A", "https://a:443", "http://a:80", "ftp://a", "a", "https://"])
    func refusesOrigins(_ origin: String) {
        #expect(throws: ServerError.self) { try bench([origin]) }
    }
}
