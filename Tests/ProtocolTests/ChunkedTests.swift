// Groups 35–41 of the service's table of HTTP/1.1 inputs: the chunked coding.

import LimnerProtocol
import Testing

@Suite("Chunked bodies")
struct ChunkedTests {
    private func post(_ body: String) -> [UInt8] {
        octets("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\(body)")
    }

    private func request(_ body: String) -> Seen {
        .request(method: "POST", target: "/", fields: ["Host: h", "Transfer-Encoding: chunked"], body: body)
    }

    private func refusal(
        _ body: String, _ status: Int, after data: String = "", limits: Limits = Limits(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expectRefusal(
            post(body), status, closes: true, after: [.cut(method: "POST", body: data)], limits: limits,
            sourceLocation: sourceLocation)
    }

    @Test(
        "§3.38 chunks are joined",
        arguments: [
            ("0\r\n\r\n", ""), ("000\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"),
            ("1\r\nh\r\n4\r\nello\r\n00\r\n\r\n", "hello"), ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"), ("0000000000000005\r\nhello\r\n0\r\n\r\n", "hello"),
            ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ])
    func joined(wire: String, body: String) {
        expectRequest(post(wire), request(body))
    }

    @Test(
        "§3.35 a size is hexadecimal digits and CRLF",
        arguments: [
            "0x5\r\n", "+5\r\n", "-5\r\n", "5_\r\n", " 5\r\n", "5 \r\n", "5\t\r\n", "\r\n", "G\r\n", "5\n", "5\rhello",
            "\u{FF}\r\n", "0 \r\n", "\"5\"\r\n", "5\0\r\n", "5,5\r\n", "\r", "\n", "5\r", "5h\r\n", "\u{B}5\r\n",
            "5\u{A0}\r\n", "0X5\r\n",
            "\u{EF}\u{BC}\u{95}\r\n",
        ])
    func malformedSize(line: String) {
        refusal("\(line)hello\r\n0\r\n\r\n", 400)
    }

    @Test(
        "§3.36 sizes beyond 64 bits are refused",
        arguments: [
            "00000000000000005", "10000000000000000", "FFFFFFFFFFFFFFFFF", String(repeating: "0", count: 2000),
        ])
    func longSize(size: String) {
        refusal("\(size)\r\nhello\r\n0\r\n\r\n", 400)
    }

    @Test(
        "§3.36 sizes beyond the limit are answered 413",
        arguments: [
            "FFFFFFFFFFFFFFFF", "8000000000000000", "7FFFFFFFFFFFFFFF", "4000001",
        ])
    func hugeSize(size: String) {
        refusal("\(size)\r\nhello\r\n0\r\n\r\n", 413)
    }

    @Test(
        "§3.37 data must end where its size says",
        arguments: [
            ("5\r\nhello!\r\n0\r\n\r\n", "hello"), ("5\r\nhell\r\n0\r\n\r\n", "hell\r"),
            ("5\r\nhello0\r\n\r\n", "hello"),
            ("5\r\nhello\n0\r\n\r\n", "hello"), ("5\r\nhello\rX0\r\n\r\n", "hello"),
            ("5\r\nhello\r\r\n0\r\n\r\n", "hello"),
        ])
    func misplacedEnd(wire: String, data: String) {
        refusal(wire, 400, after: data)
    }

    @Test("§3.37 two bytes after the data's CRLF are no size")
    func strayBytes() {
        refusal("5\r\nhello\r\nXX", 400, after: "hello")
    }

    @Test("§3.38 without its final CRLF the body goes on waiting")
    func missingFinalLine() {
        expectExchange(post("5\r\nhello\r\n0\r\n"), is: Exchange([], .waiting))
    }

    @Test(
        "§3.39 valid extensions are ignored",
        arguments: [
            ";a", ";a=b", ";a=\"b;\\\"c\"", " ;a", "\t; a = b", ";a;b=c;d=\"\"", ";a=\"\u{FF}\"",
        ])
    func extensions(text: String) {
        expectRequest(post("5\(text)\r\nhello\r\n0\(text)\r\n\r\n"), request("hello"))
    }

    @Test(
        "§3.39 malformed extensions are refused",
        arguments: [
            ";", ";[", ";a=", ";a;", ";=b", ";a\0", ";a\rb", ";a=\"b", ";a=b c", ";a b", ";a=\"b\"c", ";a=b ", "; ",
            ";;a",
            ";a\u{7F}",
        ])
    func malformedExtensions(text: String) {
        refusal("5\(text)\r\nhello\r\n0\r\n\r\n", 400)
    }

    @Test("§3.39 a long extension is refused, and so are many")
    func longExtensions() {
        let most = ";" + String(repeating: "a", count: 1023)
        expectRequest(post("5\(most)\r\nhello\r\n0\r\n\r\n"), request("hello"))
        refusal("5\(most)a\r\nhello\r\n0\r\n\r\n", 400)
        refusal("5;\(String(repeating: "a", count: 5000))", 400)
        let many = String(repeating: "1\(most)\r\nx\r\n", count: 16)
        expectRequest(post("\(many)0\r\n\r\n"), request(String(repeating: "x", count: 16)))
        refusal("\(many)1;a\r\nx\r\n0\r\n\r\n", 400, after: String(repeating: "x", count: 16))
    }

    @Test(
        "§3.40 trailers are dropped and never become fields",
        arguments: [
            "X: y\r\n", "Content-Length: 5\r\nTransfer-Encoding: gzip\r\nHost: evil\r\nAuthorization: Bearer x\r\n",
            "Content-Type: a/b\r\nX:\r\n",
        ])
    func trailers(lines: String) {
        expectRequest(post("5\r\nhello\r\n0\r\n\(lines)\r\n"), request("hello"))
    }

    @Test(
        "§3.40 malformed trailers are refused",
        arguments: [
            "X\r\n", "X : y\r\n", " X: y\r\n", "X: a\r\n b\r\n", "X: \0\r\n", "X: y\n", "GET / HTTP/1.1\r\n",
        ])
    func malformedTrailers(lines: String) {
        refusal("5\r\nhello\r\n0\r\n\(lines)\r\n", 400, after: "hello")
    }

    @Test("§3.40 a trailer section over 8 KiB or over 100 lines is answered 431")
    func longTrailers() {
        refusal("0\r\n\(String(repeating: "X: \(String(repeating: "v", count: 100))\r\n", count: 90))\r\n", 431)
        refusal("0\r\nX: \(String(repeating: "v", count: 9000))", 431)
        refusal("0\r\n\(String(repeating: "X: y\r\n", count: 101))\r\n", 431)
    }

    @Test("§3.41 a decoded body over the limit is answered 413 in its midst")
    func tooLong() {
        var limits = Limits()
        limits.body = 8
        refusal("5\r\nhello\r\n4\r\nmore\r\n0\r\n\r\n", 413, after: "hello", limits: limits)
        expectRequest(post("5\r\nhello\r\n3\r\nmor\r\n0\r\n\r\n"), request("hellomor"), limits: limits)
    }

    @Test("§3.39 a million one-byte chunks make few events")
    func manyChunks() {
        var parser = RequestParser()
        parser.feed(post(String(repeating: "1\r\nx\r\n", count: 1_000_000) + "0\r\n\r\n"))
        var events = 0
        var received = 0
        loop: while true {
            switch parser.next() {
            case .head: continue
            case .body(let data):
                events += 1
                received += data.count
            default: break loop
            }
        }
        #expect(received == 1_000_000)
        #expect(events <= 16)
    }
}
