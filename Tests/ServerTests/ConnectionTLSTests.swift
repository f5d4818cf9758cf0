// TLS on the sockets: versions, protocols, what is no TLS, the end, stalls, and certificates that are renewed.

import COpenSSL
import LimnerProtocol
import LimnerServer
import Testing

@Suite("TLS", .timeLimit(.minutes(1)))
struct ConnectionTLSTests {
    private static let last = "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    @Test(
        "requests are served over TLS 1.2 and 1.3",
        arguments: [(TLS1_2_VERSION, "TLSv1.2"), (TLS1_3_VERSION, "TLSv1.3")])
    func versions(_ newest: Int32, _ name: String) throws {
        let net = try TestNet(tls: Certificates.first)
        let client = try TLSClient(port: net.port, .init(newest: newest))
        #expect(client.version == name && client.chosenProtocol == "http/1.1")
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
        client.send("ab" + Self.last)
        let (text, isOrderly) = client.rest()
        #expect(text.contains("\r\n\r\nPOST /a abHTTP/1.1 200 OK") && text.hasSuffix("GET /a "))
        #expect(isOrderly)
    }

    @Test("TLS 1.1 is refused")
    func oldVersion() throws {
        let net = try TestNet(tls: Certificates.first)
        #expect(throws: TLSClient.Trouble.self) { try TLSClient(port: net.port, .init(newest: TLS1_1_VERSION)) }
    }

    @Test("a client that speaks only other protocols is refused, one that names none is served")
    func protocols() throws {
        let net = try TestNet(tls: Certificates.first)
        #expect(throws: TLSClient.Trouble.self) {
            try TLSClient(port: net.port, .init(protocols: Array("\u{2}h2".utf8)))
        }
        let client = try TLSClient(port: net.port, .init(protocols: []))
        client.send(Self.last)
        #expect(client.rest().text.hasSuffix("GET /a "))
    }

    @Test("keys are not negotiated anew")
    func renegotiation() throws {
        let net = try TestNet(tls: Certificates.first)
        let client = try TLSClient(port: net.port, .init(newest: TLS1_2_VERSION))
        #expect(!client.renegotiates())
    }

    @Test("an answer larger than every buffer arrives whole")
    func large() throws {
        let net = try TestNet(
            tls: Certificates.first,
            answer: { _, _ in Answer(200, "text/plain", [UInt8](repeating: 0x61, count: 8 << 20)) })
        let client = try TLSClient(port: net.port)
        client.send(Self.last)
        let (text, isOrderly) = client.rest()
        #expect(text.utf8.count > 8 << 20 && text.hasSuffix("aaaa") && isOrderly)
    }

    @Test("a body larger than every buffer is taken whole")
    func upload() throws {
        let net = try TestNet(
            tls: Certificates.first, answer: { _, body in Answer(200, "text/plain", Array("\(body.count)".utf8)) })
        let client = try TLSClient(port: net.port)
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n")
        client.send(String(repeating: "a", count: 3_000_000))
        #expect(client.rest().text.hasSuffix("\r\n\r\n3000000"))
    }

    @Test(
        "§3.15 plain HTTP on a TLS port is told so, readably",
        arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "DELETE / HTTP/1.0\r\n\r\n", "\r\nPATCH / HTTP/1.1\r\n"])
    func plainOnTLS(_ request: String) throws {
        let net = try TestNet(tls: Certificates.first)
        let client = try net.client()
        client.send(request)
        let response = try client.response()
        #expect(response.status == 400 && response.text.contains("https"))
        #expect(response.fields["connection"] == "close")
        #expect(try client.isClosed())
    }

    @Test("§3.15 a TLS greeting on a plain port is 400 and the end")
    func tlsOnPlain() throws {
        let net = try TestNet()
        let client = try net.client()
        client.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03])
        #expect(try client.response().status == 400)
        #expect(try client.isClosed())
    }

    @Test(
        "what is neither TLS nor text is refused without harm to others",
        arguments: [[0x80, 0x2E, 1], [0, 0, 0], [22, 9, 9, 9, 9, 9]])
    func garbage(_ bytes: [UInt8]) throws {
        let net = try TestNet(tls: Certificates.first)
        let stranger = try net.client()
        stranger.send(bytes)
        stranger.halfClose()
        _ = try stranger.rest()
        let client = try TLSClient(port: net.port)
        client.send(Self.last)
        #expect(client.rest().text.hasSuffix("GET /a "))
    }

    @Test("§3.52 a handshake that is not through in ten seconds is given up", arguments: [[], [22, 3, 1, 2, 0]])
    func stalled(_ bytes: [UInt8]) throws {
        let clock = ManualTimepiece()
        let net = try TestNet(timepiece: clock, tls: Certificates.first)
        let client = try net.client()
        client.send(bytes)
        clock.advance(11, until: client)
        #expect(try client.isClosed())
    }

    @Test("§3.55 over TLS one connection too many is closed without a word, and the others are served on")
    func caps() throws {
        let net = try TestNet(tls: Certificates.first, configure: { $0.connections = 1 })
        let first = try TLSClient(port: net.port)
        #expect(try net.client().isClosed())
        first.send(Self.last)
        #expect(first.rest().text.hasSuffix("GET /a "))
    }

    @Test("§3.71 a body that is aborted has no orderly end")
    func aborts() throws {
        let stream = BodyStream(onGone: {})
        let net = try TestNet(tls: Certificates.first, answer: { _, _ in Answer(200, body: .stream(stream)) })
        let client = try TLSClient(port: net.port)
        client.send("GET /a HTTP/1.0\r\n\r\n")
        stream.abort()
        #expect(!client.rest().isOrderly)
    }

    @Test("§4.35 a renewed certificate is used by new connections, while old ones go on")
    func reloads() throws {
        let net = try TestNet(tls: Certificates.first)
        let old = try TLSClient(port: net.port)
        try net.net.reload(Certificates.second)
        #expect(try TLSClient(port: net.port).serial == 2)
        old.send(Self.last)
        #expect(old.serial == 1 && old.rest().text.hasSuffix("GET /a "))
    }

    @Test(
        "§4.35 a certificate that cannot be used leaves the old one in place",
        arguments: [
            TLSFiles(certificate: "/nowhere.pem", key: Certificates.second.key),
            TLSFiles(certificate: Certificates.second.certificate, key: "/nowhere.pem"),
            TLSFiles(certificate: Certificates.second.certificate, key: Certificates.first.key),
            TLSFiles(certificate: Certificates.second.key, key: Certificates.second.key),
        ])
    func keepsOld(_ files: TLSFiles) throws {
        let net = try TestNet(tls: Certificates.first)
        #expect { try net.net.reload(files) } throws: { error in
            guard case .certificate(_, let detail)? = error as? ServerError else { return false }
            return !detail.isEmpty
        }
        #expect(try TLSClient(port: net.port).serial == 1)
    }

    @Test("the service speaks TLS, and reads its certificate again when asked to")
    func service() throws {
        let folder = TemporaryFolder()
        let files = TLSFiles(certificate: folder.path + "/c.pem", key: folder.path + "/k.pem")
        try Self.install(Certificates.first, in: folder)
        let bench = try TestService(folder: folder, tls: files)
        let client = try TLSClient(port: bench.port)
        client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        #expect(client.serial == 1 && client.rest().text.contains("ok"))
        try Self.install(Certificates.second, in: folder)
        bench.service.reloadCertificate()
        #expect(try TLSClient(port: bench.port).serial == 2)
        folder.write([0], to: "k.pem")
        bench.service.reloadCertificate()
        let last = try TLSClient(port: bench.port)
        last.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        let metrics = last.rest().text
        #expect(last.serial == 2)
        #expect(metrics.contains("limner_certificate_reads_total{outcome=\"used\"} 1\n"))
        #expect(metrics.contains("limner_certificate_reads_total{outcome=\"refused\"} 1\n"))
    }

    private static func install(_ files: TLSFiles, in folder: TemporaryFolder) throws {
        for (source, target) in [(files.certificate, "c.pem"), (files.key, "k.pem")] {
            folder.write(try #require(TemporaryFolder.contents(source)), to: target)
        }
    }
}
