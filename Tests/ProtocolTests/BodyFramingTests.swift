// Groups 26–34 and 42–45 of the service's table of HTTP/1.1 inputs: how long a body is.

import LimnerProtocol
import Testing

@Suite("Body framing")
struct BodyFramingTests {
    private func post(_ lines: String, _ body: String = "", version: String = "1.1") -> [UInt8] {
        octets("POST / HTTP/\(version)\r\nHost: h\r\n\(lines)\r\n\(body)")
    }

    private func request(_ fields: [String], _ body: String) -> Seen {
        .request(method: "POST", target: "/", fields: ["Host: h"] + fields, body: body)
    }

    @Test(
        "§3.26 length and coding together are refused and nothing after is served",
        arguments: [
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "Transfer-Encoding: chunked \r\nContent-Length: 5\r\n",
            "Content-Length: 0\r\nTransfer-Encoding: identity\r\n",
            "Transfer-Encoding: chunked\r\nX: y\r\nContent-Length: nonsense\r\n",
            "content-length: 5\r\nTRANSFER-ENCODING: Chunked\r\nConnection: keep-alive\r\n",
        ])
    func both(lines: String) {
        expectRefusal(post(lines, "0\r\n\r\n"), 400, closes: true)
    }

    @Test(
        "§3.27 a repeated length is refused, equal or not",
        arguments: [
            "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\ncontent-length: 5\r\n",
            "Content-Length: 5, 5\r\n", "Content-Length: 5,6\r\n",
        ])
    func repeatedLength(lines: String) {
        expectRefusal(post(lines, "hello"), 400, closes: true)
    }

    @Test(
        "§3.28 §3.29 a length is decimal digits and nothing else",
        arguments: [
            "+5", "-1", "-0", "0x5", "0o5", "5_0", "5a", "\"5\"", "5 5", "\u{EF}\u{BC}\u{95}", "", "005", "00", "5.0",
            "5e0", "\u{B2}", "5;x", " ,5", "5,", "0 0", "\u{A0}5", "5\u{B}",
        ])
    func malformedLength(value: String) {
        expectRefusal(post("Content-Length: \(value)\r\n", "hello"), 400, closes: true)
    }

    @Test(
        "§3.29 lengths beyond any integer are answered 413",
        arguments: [
            "9223372036854775807", "9223372036854775808", "18446744073709551616", String(repeating: "9", count: 30),
            "67108865",
        ])
    func hugeLength(value: String) {
        expectRefusal(post("Content-Length: \(value)\r\n"), 413, closes: true)
    }

    @Test("§3.30 a length over the limit is answered 413 before the body, whatever is expected")
    func lengthOverLimit() {
        var limits = Limits()
        limits.body = 5
        expectRefusal(post("Content-Length: 6\r\nExpect: 100-continue\r\n"), 413, closes: true, limits: limits)
        expectRequest(post("Content-Length: 5\r\n", "hello"), request(["Content-Length: 5"], "hello"), limits: limits)
    }

    @Test("§3.28 a length is spaced freely", arguments: ["Content-Length:5", "content-length: \t5\t "])
    func spacedLength(line: String) {
        let name = line.hasPrefix("c") ? "content-length" : "Content-Length"
        expectRequest(post("\(line)\r\n", "hello"), request(["\(name): 5"], "hello"))
    }

    @Test("§3.31 a coding on HTTP/1.0 is faulty framing")
    func codingOnOldVersion() {
        expectRefusal(
            post("Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", version: "1.0"), 400,
            closes: true)
    }

    @Test(
        "§3.32 §3.33 a coding must end in chunked, once",
        arguments: [
            "gzip", "identity", "xchunked", "chunked, gzip", "", "chunked, chunked", ", chunked", "chunked,",
            "chunked\u{B}", "chunked\0", "\"chunked\"", "chunked;a=b", "chunked\u{85}", "\u{A0}chunked", "chunk ed",
            "gzip, chunked, chunked", "gzip;q=1, chunked", "\u{B}chunked", "chunked\u{FF}",
        ])
    func malformedCoding(value: String) {
        expectRefusal(post("Transfer-Encoding: \(value)\r\n", "0\r\n\r\n"), 400, closes: true)
    }

    @Test("§3.33 a coding given in two lines is refused", arguments: ["chunked", "gzip", "identity"])
    func repeatedCoding(first: String) {
        expectRefusal(
            post("Transfer-Encoding: \(first)\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, closes: true)
    }

    @Test("§3.32 another coding before chunked is answered 501", arguments: ["gzip, chunked", "deflate,Chunked"])
    func unknownCoding(value: String) {
        expectRefusal(post("Transfer-Encoding: \(value)\r\n", "0\r\n\r\n"), 501, closes: true)
    }

    @Test("§3.33 chunked is read in any case", arguments: ["chunked", "Chunked", "CHUNKED", "\tchunked "])
    func chunkedCase(value: String) {
        let trimmed = value.filter { $0 != " " && $0 != "\t" }
        expectRequest(
            post("Transfer-Encoding: \(value)\r\n", "5\r\nhello\r\n0\r\n\r\n"),
            request(["Transfer-Encoding: \(trimmed)"], "hello"))
    }

    @Test("§3.34 no byte around the coding's name makes the body disappear", arguments: 0x01...0xFF)
    func byteSweep(code: Int) throws {
        let scalar = try #require(Unicode.Scalar(code))
        let isToken = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        if isToken || "!#$%&'*+-.^_`|~".unicodeScalars.contains(scalar) { return }
        for line in ["Transfer-Encoding\(scalar): chunked", "\(scalar)Transfer-Encoding: chunked"] {
            expectRefusal(post("\(line)\r\n", "0\r\n\r\n"), 400, closes: true)
        }
    }

    @Test("§3.42 a POST with neither length nor coding has no body")
    func noBody() {
        expectRequest(post(""), request([], ""))
    }

    @Test("§3.43 a body of a method without meaning for it is no next request", arguments: ["GET", "HEAD", "DELETE"])
    func bodyOfGet(method: String) {
        expectRequest(
            octets("\(method) / HTTP/1.1\r\nHost: h\r\nContent-Length: 14\r\n\r\nGET /x HTTP/1."),
            .request(
                method: method, target: "/", fields: ["Host: h", "Content-Length: 14"], body: "GET /x HTTP/1."))
    }

    @Test("§3.44 what follows a length of 0 is the next request")
    func pipelinedAfterZero() {
        expectRefusal(
            post("Content-Length: 0\r\n", "garbage\r\n\r\n"), 400, closes: true,
            after: [request(["Content-Length: 0"], "")])
    }

    @Test("§3.44 a whole request after a length of 0 is read as the next")
    func requestAfterZero() {
        expectRequest(post("Content-Length: 0\r\n"), request(["Content-Length: 0"], ""))
    }

    @Test("§3.43 a refused head with a short body keeps its connection, and the body is no request")
    func refusedWithBody() {
        expectRefusal(
            octets("POST / HTTP/1.1\r\nContent-Length: 18\r\n\r\nGET / HTTP/1.1\r\n\r\n"), 400, closes: false)
    }

    @Test(
        "§3.43 a refused head with a long, chunked or awaited body closes",
        arguments: [
            "Content-Length: 65537\r\n", "Transfer-Encoding: chunked\r\n",
            "Content-Length: 5\r\nExpect: 100-continue\r\n",
            "Content-Length: 5\r\nConnection: close\r\n",
        ])
    func refusedWithLongBody(lines: String) {
        expectRefusal(octets("POST / HTTP/1.1\r\n\(lines)\r\n"), 400, closes: true)
    }

    @Test(
        "§3.45 input that ends inside a request fails",
        arguments: [
            "GET", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: h", "GET / HTTP/1.1\r\nHost: h\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\n\r",
        ])
    func truncatedHead(wire: String) {
        expectExchange(octets(wire), ended: true, is: Exchange([.refused(400, closes: true)], .finished))
    }

    @Test(
        "§3.45 input that ends inside a body fails and the request never ends",
        arguments: [
            ("Content-Length: 6\r\n", "hello"), ("Transfer-Encoding: chunked\r\n", "5\r\nhello"),
            ("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n"),
        ])
    func truncatedBody(lines: String, body: String) {
        expectExchange(
            post(lines, body), ended: true,
            is: Exchange([.cut(method: "POST", body: "hello"), .refused(400, closes: true)], .finished))
    }

    @Test("§3.45 input that ends between requests finishes quietly", arguments: ["", "\r\n", "\r\n\r"])
    func endedBetween(tail: String) {
        expectExchange(octets(tail), ended: true, is: Exchange([], .finished))
        expectExchange(Exchange.nextRequest + octets(tail), ended: true, is: Exchange([.next], .finished))
    }
}
