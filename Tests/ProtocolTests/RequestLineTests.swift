// Groups 1–15, 64 and 65 of the service's table of HTTP/1.1 inputs: the request line, the target and the host.

import LimnerProtocol
import Testing

@Suite("Request line, target and host")
struct RequestLineTests {
    private func refusal(host lines: String, method: String = "GET", _ body: String = "") {
        expectRefusal(octets("\(method) / HTTP/1.1\r\n\(lines)\r\n\(body)"), 400, closes: false)
    }

    @Test("§3.1 HTTP/1.1 needs a Host", arguments: ["", "Hosts: h\r\n", "X: Host: h\r\n"])
    func noHost(lines: String) {
        refusal(host: lines)
        refusal(host: lines + "Content-Length: 5\r\n", method: "POST", "hello")
    }

    @Test(
        "§3.2 two Host lines are refused, equal or not",
        arguments: ["Host: h\r\nHost: h\r\n", "Host: h\r\nhost: other\r\n", "HOST: h\r\nX: y\r\nHost:\r\n"])
    func twoHosts(lines: String) { refusal(host: lines) }

    @Test(
        "§3.3 a Host that is no host is refused",
        arguments: [
            "a b", "u@h", "h/p", "a,b", ":80", "h:port", "h:65536", "h:8:8", "h:-1", "h:+1", "[::1", "[::1]x", "[1:2]",
            "[:::]", "[1::2::3]", "[::1.2.3.256]", "[::1%eth0]", "[v1.a]", "[]", "::1", "", "\u{E9}", "h%20", "h?",
            "h#",
            "http://h", "h\"", "*",
        ])
    func invalidHost(value: String) { refusal(host: "Host: \(value)\r\n") }

    @Test(
        "§3.3 hosts are names or addresses with an optional port",
        arguments: [
            ("h", "h", nil), ("H.Example", "h.example", nil), ("h:80", "h", 80), ("h:", "h", nil),
            ("127.0.0.1:8080", "127.0.0.1", 8080), ("[::1]:8080", "[::1]", 8080), ("[::]", "[::]", nil),
            ("[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]", nil), ("[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]", nil),
        ] as [(String, String, Int?)])
    func hosts(field: String, host: String, port: Int?) throws {
        let head = try parsedHead("GET / HTTP/1.1\r\nHost: \(field)\r\n\r\n")
        #expect(head.authority == Authority(host: host, port: port))
    }

    @Test("§3.1 HTTP/1.0 may come without Host")
    func oldVersionWithoutHost() throws {
        let head = try parsedHead("GET / HTTP/1.0\r\n\r\n")
        #expect(head.authority == nil)
    }

    @Test("§3.4 the authority of an absolute target wins over Host")
    func absoluteForm() throws {
        let head = try parsedHead("GET HTTP://One:81/v1/jobs?x=1 HTTP/1.1\r\nHost: two\r\n\r\n")
        #expect(head.authority == Authority(host: "one", port: 81))
        #expect(head.target.form == .absolute)
        #expect(head.target.segments == ["v1", "jobs"])
        #expect(head.target.query == [NamedValue("x", "1")])
    }

    @Test("§3.4 an absolute target without a path means /", arguments: ["http://h", "http://h?x=1", "http://h/"])
    func absoluteWithoutPath(target: String) throws {
        let head = try parsedHead("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(head.target.path == "/")
    }

    @Test("§3.4 an absolute target does not excuse a missing Host")
    func absoluteWithoutHost() {
        expectRefusal(octets("GET http://h/ HTTP/1.1\r\n\r\n"), 400, closes: false)
    }

    @Test("§3.4 another scheme is answered 421", arguments: ["ftp://h/", "gopher://h"])
    func otherScheme(target: String) {
        expectRefusal(octets("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n"), 421, closes: false)
    }

    @Test(
        "§3.5 §3.4 a target that is none of the four forms is refused",
        arguments: [
            "GET *", "GET h:443", "GET v1/jobs", "GET http:/h", "GET http://", "GET http://u@h/", "GET http:///p",
            "GET ?x", "OPTIONS **", "GET //%zz", "POST *",
        ])
    func strangeTarget(line: String) {
        expectRefusal(octets("\(line) HTTP/1.1\r\nHost: h\r\n\r\n"), 400, closes: false)
    }

    @Test("§3.5 OPTIONS * is a request")
    func optionsAsterisk() {
        expectRequest(
            octets("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"),
            .request(method: "OPTIONS", target: "*", fields: ["Host: h"], body: ""))
    }

    @Test("§3.5 CONNECT is answered 501 and closes")
    func connect() {
        expectRefusal(octets("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"), 501, closes: true)
    }

    @Test("§3.5 CONNECT closes although its client would speak on", arguments: ["h:443", "/", "*", "h", "http://h/"])
    func connectToAnything(target: String) {
        expectRefusal(
            octets("CONNECT \(target) HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n"), 501, closes: true)
    }

    @Test("§3.64 TRACE is answered 501, and nothing of it comes back", arguments: ["", "Content-Length: 6\r\n"])
    func trace(lines: String) {
        let body = lines.isEmpty ? "" : "secret"
        expectRefusal(octets("TRACE /secret HTTP/1.1\r\nHost: h\r\n\(lines)\r\n\(body)"), 501, closes: false)
        #expect(!ParseFault.methodUnknown.reason.contains("secret"))
    }

    @Test("§3.6 every method the API uses is read", arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    func knownMethod(method: String) {
        expectRequest(
            octets("\(method) /v1 HTTP/1.1\r\nHost: h\r\n\r\n"),
            .request(method: method, target: "/v1", fields: ["Host: h"], body: ""))
    }

    @Test("§3.65 OPTIONS of a resource is a request")
    func optionsOfResource() {
        let fields = ["Host: h", "Origin: http://o", "Access-Control-Request-Method: POST"]
        expectRequest(
            octets("OPTIONS /v1/jobs HTTP/1.1\r\n\(fields.map { $0 + "\r\n" }.joined())\r\n"),
            .request(method: "OPTIONS", target: "/v1/jobs", fields: fields, body: ""))
    }

    @Test(
        "§3.6 an unknown method is answered 501 and the connection goes on",
        arguments: [
            "get", "TRACE", "BREW", "Post", "G!#$%&'*+-.^_`|~9", String(repeating: "M", count: 32),
        ])
    func unknownMethod(method: String) {
        expectRefusal(octets("\(method) / HTTP/1.1\r\nHost: h\r\n\r\n"), 501, closes: false)
    }

    @Test("§3.6 a method longer than 32 bytes is answered 501", arguments: [33, 100, 9000])
    func longMethod(length: Int) {
        let method = String(repeating: "M", count: length)
        expectRefusal(octets("\(method) / HTTP/1.1\r\nHost: h\r\n\r\n"), 501, closes: true)
    }

    @Test(
        "§3.6 a method that is no token is refused",
        arguments: ["G=\":", "G(T", "GE\u{80}T", "G/T", "GET,", "\"GET\"", "[", "GET:"])
    func methodToken(method: String) {
        expectRefusal(octets("\(method) / HTTP/1.1\r\nHost: h\r\n\r\n"), 400, closes: true)
    }

    @Test(
        "§3.7 the request line is not corrected",
        arguments: [
            "GET  / HTTP/1.1", "GET\t/ HTTP/1.1", "GET / HTTP/1.1 ", "GET / HTTP/1.1\t", "GET /a b HTTP/1.1",
            " GET / HTTP/1.1", "GET /  HTTP/1.1", "GET /\tHTTP/1.1", "GET", "GET HTTP/1.1", "GET / ",
            "GET  HTTP/1.1", "GET / HTTP/1.1 x", "  GET / HTTP/1.1", "GET\u{A0}/ HTTP/1.1", "GET /\u{B}HTTP/1.1",
        ])
    func requestLine(line: String) {
        expectRefusal(octets("\(line)\r\nHost: h\r\n\r\n"), 400, closes: true)
    }

    @Test("§3.9 a request of HTTP/0.9 is refused", arguments: ["GET /", "GET /index.html", "GET", "POST /"])
    func simpleRequest(line: String) {
        expectRefusal(octets("\(line)\r\n"), 400, closes: true)
    }

    @Test(
        "§3.8 a malformed version is refused",
        arguments: [
            "HTTP/1", "HTTP/01.1", "HTTP/1.10", "http/1.1", "HTTP/ 1.1", "HTTP/1,1", "HTTP/1.x", "HTTP/+1.1", "HTP/1.1",
            "HTTP/2", "HTTPS/1.1",
        ])
    func malformedVersion(version: String) {
        expectRefusal(octets("GET / \(version)\r\nHost: h\r\n\r\n"), 400, closes: true)
    }

    @Test(
        "§3.8 another major version is answered 505 and closes",
        arguments: [
            "GET / HTTP/2.0\r\nHost: h\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/0.9\r\n\r\n",
            "GET / HTTP/3.0\r\nHost: h\r\n\r\n",
        ])
    func otherVersion(wire: String) {
        expectRefusal(octets(wire), 505, closes: true)
    }

    @Test("§3.8 a later minor version is treated as 1.1", arguments: [1, 2, 9])
    func laterMinorVersion(minor: Int) throws {
        let head = try parsedHead("GET / HTTP/1.\(minor)\r\nHost: h\r\n\r\n")
        #expect(head.version == .http11)
        #expect(head.keepsAlive)
    }

    @Test("§3.10 a target of 8192 bytes is read")
    func longestTarget() {
        let target = "/" + String(repeating: "a", count: 8191)
        expectRequest(
            octets("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n"),
            .request(method: "GET", target: target, fields: ["Host: h"], body: ""))
    }

    @Test("§3.10 a longer target is answered 414", arguments: [8193, 8200, 9000, 100_000])
    func tooLongTarget(length: Int) {
        let target = "/" + String(repeating: "a", count: length - 1)
        expectRefusal(octets("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n"), 414, closes: true)
    }

    @Test("§3.10 an endless request line is refused at its limit")
    func endlessLine() {
        expectRefusal(octets("GET /" + String(repeating: "a", count: 9000)), 414, closes: true)
    }

    @Test("§3.8 a too long version is refused at the line's limit")
    func endlessVersion() {
        expectRefusal(octets("GET / HTTP/" + String(repeating: "1", count: 9000)), 400, closes: true)
    }

    @Test("§3.11 control characters in the line are refused", arguments: (0...0x1F).map { $0 } + [0x7F])
    func controlInTarget(code: Int) throws {
        let character = try #require(Unicode.Scalar(code))
        expectRefusal(octets("GET /a\(character)b HTTP/1.1\r\nHost: h\r\n\r\n"), 400, closes: true)
    }

    @Test(
        "§3.11 characters and encodings that are no path are refused",
        arguments: [
            "/a#b", "/a\\b", "/\u{C3}\u{A9}", "/\u{FF}", "/a\"b", "/a<b>", "/a^b", "/a|b", "/a{b}", "/a`b", "/%", "/%4",
            "/%g0", "/%+1", "/%00", "/%0d%0a", "/%c0%af", "/%ff", "/%7f", "/%ed%a0%80", "/?x=%00", "/?x=%0D%0A",
            "/?x=%c0%af", "/?x=%", "/?a#b", "/?%C3", "/?\u{E9}", "/?a=\\",
        ])
    func badTarget(target: String) {
        expectRefusal(octets("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n"), 400, closes: false)
    }

    @Test(
        "§3.12 dot segments are refused, however they are written",
        arguments: [
            "/..", "/../etc", "/a/../b", "/%2e%2e/etc", "/.%2E", "/.", "/a/./b", "/%2e", "/a/%2E%2e/", "//..",
            "http://h/../etc", "/..?x=1",
        ])
    func dotSegments(target: String) {
        expectRefusal(octets("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n"), 400, closes: false)
    }

    @Test(
        "§3.12 paths are decoded once, segment by segment",
        arguments: [
            ("/", []), ("/v1/jobs", ["v1", "jobs"]), ("/v1/", ["v1", ""]), ("//", ["", ""]), ("//x", ["", "x"]),
            ("/a%2Fb", ["a/b"]), ("/a//b", ["a", "", "b"]), ("/..%2F..", ["../.."]), ("/%5c", ["\\"]),
            ("/%252e%252e", ["%2e%2e"]), ("/%C3%A9", ["é"]), ("/a+b", ["a+b"]), ("/...", ["..."]),
            ("/a%20b;c=d,e:f@g!$&'()*", ["a b;c=d,e:f@g!$&'()*"]),
        ] as [(String, [String])])
    func segments(path: String, segments: [String]) throws {
        let head = try parsedHead("GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(head.target.segments == segments)
        #expect(head.target.path == path)
    }

    @Test(
        "§3.12 queries keep order and duplicates",
        arguments: [
            ("", []), ("?", []), ("?a", [NamedValue("a", "")]), ("?a=", [NamedValue("a", "")]),
            ("?a=1&a=2", [NamedValue("a", "1"), NamedValue("a", "2")]), ("?&&a=b=c", [NamedValue("a", "b=c")]),
            ("?text=a+b%2Bc", [NamedValue("text", "a b+c")]), ("?%C3%A9=%E2%82%AC", [NamedValue("é", "€")]),
            ("?a=/x?y", [NamedValue("a", "/x?y")]),
        ] as [(String, [NamedValue])])
    func query(query: String, items: [NamedValue]) throws {
        let head = try parsedHead("GET /p\(query) HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(head.target.query == items)
        #expect(head.target.segments == ["p"])
    }

    @Test("§3.13 one or two empty lines before a request line are skipped", arguments: ["\r\n", "\r\n\r\n"])
    func leadingLines(lines: String) {
        expectRequest(
            octets("\(lines)GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
            .request(method: "GET", target: "/", fields: ["Host: h"], body: ""))
    }

    @Test(
        "§3.13 §3.14 more empty lines, or other line ends, are refused",
        arguments: ["\r\n\r\n\r\n", "\n", "\r\r\n", "\r\n\n"])
    func badLeadingLines(lines: String) {
        expectRefusal(octets("\(lines)GET / HTTP/1.1\r\nHost: h\r\n\r\n"), 400, closes: true)
    }

    @Test(
        "§3.14 bare LF and bare CR are refused wherever they stand",
        arguments: [
            "GET / HTTP/1.1\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\n",
            "GET / HTTP/1.1\rHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", "GET /\r HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\rX", "G\nET / HTTP/1.1\r\n\r\n",
        ])
    func bareLineEnds(wire: String) {
        expectRefusal(octets(wire), 400, closes: true)
    }

    @Test("§3.15 a TLS ClientHello is refused at its first byte")
    func clientHello() {
        expectRefusal([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03], 400, closes: true)
        expectRefusal([0x16], 400, closes: true)
    }
}
