// Groups 16–25 of the service's table of HTTP/1.1 inputs: field lines.

import LimnerProtocol
import Testing

@Suite("Header fields")
struct HeaderFieldTests {
    private func wire(_ lines: String) -> [UInt8] { octets("GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n") }

    @Test(
        "§3.16 white space before the colon is refused",
        arguments: [
            "X : y", "X\t: y", "X \t : y", "Host : h", "Content-Length : 5", "Transfer-Encoding : chunked",
            "Transfer-Encoding\t: chunked",
        ])
    func spaceBeforeColon(line: String) {
        expectRefusal(wire("\(line)\r\n"), 400, closes: true)
    }

    @Test(
        "§3.19 a name is a token, and every line has one",
        arguments: [": y", ":", "::", "X", "Content-Length", "X[0]: y", "X(y): z", "X Y: z", "X\"Y\": z", "é: y"])
    func name(line: String) {
        expectRefusal(wire("\(line)\r\n"), 400, closes: true)
    }

    @Test("§3.19 no byte that is no token character may stand in a name", arguments: 0...0xFF)
    func nameSweep(code: Int) throws {
        let scalar = try #require(Unicode.Scalar(code))
        let isToken = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        if isToken || "!#$%&'*+-.^_`|~".unicodeScalars.contains(scalar) {
            let fields = ["Host: h", "X\(scalar)Y: z", "\(scalar): z"]
            expectRequest(
                wire(fields.dropFirst().map { $0 + "\r\n" }.joined()),
                .request(method: "GET", target: "/", fields: fields, body: ""))
        } else if scalar != ":" {
            for line in ["X\(scalar)Y: z", "\(scalar): z"] { expectRefusal(wire("\(line)\r\n"), 400, closes: true) }
        }
    }

    @Test(
        "§3.17 folded lines are refused in any field",
        arguments: [
            "X: a\r\n b\r\n", "X: a\r\n\tb\r\n", "X: a\r\n b\r\n c\r\n", "Transfer-Encoding:\r\n chunked\r\n",
            "Content-Length:\r\n 5\r\n",
            "Transfer-Encoding: chunked\r\n ,identity\r\n", "Content-Length: 5\r\n 0\r\n", "Connection:\r\n close\r\n",
            "X: a\r\n \r\n", " X: a\r\n", "\tX: a\r\n",
        ])
    func folded(lines: String) {
        expectRefusal(wire(lines), 400, closes: true)
    }

    @Test("§3.18 a white-space line before the first field is refused", arguments: [" \r\n", "\t\r\n", " Host: h\r\n"])
    func blankFirstLine(line: String) {
        expectRefusal(octets("GET / HTTP/1.1\r\n\(line)Host: h\r\n\r\n"), 400, closes: true)
    }

    @Test("§3.20 control characters in a value are refused", arguments: (0...0x1F).map { $0 } + [0x7F])
    func controlInValue(code: Int) throws {
        if code == 0x09 { return }
        let scalar = try #require(Unicode.Scalar(code))
        for value in ["a\(scalar)b", "\(scalar)a", "a\(scalar)"] where !(value == "a\r") {
            expectRefusal(wire("X: \(value)\r\n"), 400, closes: true)
        }
    }

    @Test(
        "§3.20 §3.24 obs-text stays as it is, and only SP and HTAB are trimmed",
        arguments: [
            ("X: \u{80}\u{FF}", "\u{80}\u{FF}"), ("X: \u{85}a\u{A0}", "\u{85}a\u{A0}"), ("X:\t a\tb \t", "a\tb"),
            ("X:", ""), ("X:  ", ""), ("X:y", "y"), ("X: :y", ":y"),
        ])
    func value(line: String, value: String) {
        expectRequest(
            wire("\(line)\r\n"),
            .request(method: "GET", target: "/", fields: ["Host: h", "X: \(value)"], body: ""))
    }

    @Test("§3.21 underscored names are other names", arguments: ["Content_Length: 5", "Transfer_Encoding: chunked"])
    func underscores(line: String) {
        expectRequest(
            wire("\(line)\r\n"), .request(method: "GET", target: "/", fields: ["Host: h", line], body: ""))
    }

    @Test("§3.22 a hundred fields are read, one more is answered 431")
    func count() {
        let lines = (0..<99).map { "X\($0): y\r\n" }
        expectRequest(
            wire(lines.joined()),
            .request(
                method: "GET", target: "/", fields: ["Host: h"] + lines.map { String($0.dropLast()) }, body: ""))
        expectRefusal(wire(lines.joined() + "Y: z\r\n"), 431, closes: true)
    }

    @Test("§3.22 a line of 16 KiB is read, a longer one is answered 431")
    func longLine() {
        let longest = String(repeating: "v", count: 16384 - 3)
        expectRequest(
            wire("X: \(longest)\r\n"),
            .request(method: "GET", target: "/", fields: ["Host: h", "X: \(longest)"], body: ""))
        expectRefusal(wire("X: \(longest)v\r\n"), 431, closes: true)
        expectRefusal(wire("X: \(longest)\(longest)"), 431, closes: true)
    }

    @Test("§3.22 more than 32 KiB of fields are answered 431")
    func longBlock() {
        let line = "X: \(String(repeating: "v", count: 16000))\r\n"
        expectRefusal(wire(line + line + line), 431, closes: true)
    }

    @Test(
        "§3.23 fields that may be given once are refused twice",
        arguments: [
            "Content-Type: a/b\r\nContent-Type: a/b", "Authorization: Bearer a\r\nauthorization: Bearer b",
            "Idempotency-Key: \"a\"\r\nIDEMPOTENCY-KEY: \"a\"",
            "Content-Encoding: identity\r\nContent-Encoding: identity",
            "Range: bytes=0-1\r\nRange: bytes=0-1", "Last-Event-ID: 1\r\nX: y\r\nLast-Event-ID: 1",
        ])
    func repeated(lines: String) {
        expectRefusal(wire("\(lines)\r\n"), 400, closes: false)
    }

    @Test("§3.24 names compare without regard to case, order and duplicates stay")
    func lookup() throws {
        let head = try parsedHead("GET / HTTP/1.1\r\nhOST: h\r\nVia: a\r\nX: 1\r\nvia: b, c\r\n\r\n")
        #expect(head.fields.text("HOST") == "h")
        #expect(head.fields.values("VIA") == [octets("a"), octets("b, c")])
        #expect(head.fields.list("Via")?.map { latin($0) } == ["a", "b", "c"])
        #expect(head.fields.map(\.name) == ["hOST", "Via", "X", "via"])
    }

    @Test("§3.20 text that is not UTF-8 is nil, never repaired")
    func invalidText() throws {
        let head = try parsedHead("GET / HTTP/1.1\r\nHost: h\r\nX: \u{FF}\r\n\r\n")
        #expect(head.fields.text("X") == nil)
    }

    @Test("§3.24 commas inside quoted strings do not split a list")
    func quotedList() throws {
        let head = try parsedHead("GET / HTTP/1.1\r\nHost: h\r\nX: \"a,\\\"b\", ,c,\r\n\r\n")
        #expect(head.fields.list("X")?.map { latin($0) } == ["\"a,\\\"b\"", "c"])
    }

    @Test("§3.24 a list whose quoted string does not end is no list")
    func openQuote() throws {
        let head = try parsedHead("GET / HTTP/1.1\r\nHost: h\r\nX: \"a, b\r\n\r\n")
        #expect(head.fields.list("X") == nil)
    }
}
