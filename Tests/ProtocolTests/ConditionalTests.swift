// Groups 66–68 of the service's table of HTTP/1.1 inputs: ranges, preconditions, negotiation, preferences.

import LimnerProtocol
import Testing

@Suite("Ranges, preconditions and negotiation")
struct ConditionalTests {
    private func head(_ lines: String, method: String = "GET") throws -> RequestHead {
        try parsedHead("\(method) / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n")
    }

    @Test(
        "§3.66 one range of bytes is served, anything unreadable is ignored",
        arguments: [
            ("bytes=0-9", .slice(0..<10)), ("bytes=5-", .slice(5..<20)), ("bytes=-5", .slice(15..<20)),
            ("bytes=-50", .slice(0..<20)), ("bytes=10-99", .slice(10..<20)), ("bytes=19-19", .slice(19..<20)),
            ("Bytes=0-0", .slice(0..<1)), ("bytes=0-99999999999999999999", .slice(0..<20)),
            ("bytes=20-", .unsatisfiable), ("bytes=20-30", .unsatisfiable), ("bytes=-0", .unsatisfiable),
            ("bytes=99999999999999999999-", .unsatisfiable),
            ("bytes=9-5", .whole), ("bytes=0-1,3-4", .whole), ("bytes=", .whole), ("bytes=-", .whole),
            ("bytes=a-b", .whole), ("bytes=+1-2", .whole), ("bytes=1-2-3", .whole), ("items=0-1", .whole),
            ("0-1", .whole),
            ("bytes=0 - 1", .whole), ("bytes=0x1-2", .whole),
        ] as [(String, ByteRange)])
    func ranges(value: String, range: ByteRange) throws {
        #expect(ByteRange.of(try head("Range: \(value)\r\n"), length: 20) == range)
    }

    @Test(
        "§3.66 a range is ignored when If-Range does not name what is there",
        arguments: [
            ("\"a\"", true), ("\"b\"", false), ("W/\"a\"", false), ("\"a\", \"b\"", false), ("a", false), ("*", false),
            ("", false), ("Sun, 06 Nov 1994 08:49:37 GMT", false),
        ])
    func ifRange(condition: String, isServed: Bool) throws {
        let head = try head("Range: bytes=0-9\r\nIf-Range: \(condition)\r\n")
        #expect(ByteRange.of(head, length: 20, tag: EntityTag("a")) == (isServed ? .slice(0..<10) : .whole))
        #expect(ByteRange.of(head, length: 20) == .whole)
    }

    @Test("§3.66 nothing can be sliced from nothing", arguments: ["bytes=0-", "bytes=-5", "bytes=0-0"])
    func emptyContent(value: String) {
        #expect(ByteRange.parse(octets(value), length: 0) == .unsatisfiable)
    }

    @Test("§3.66 a range is for GET alone", arguments: ["POST", "HEAD", "DELETE"])
    func otherMethods(method: String) throws {
        #expect(ByteRange.of(try head("Range: bytes=0-1\r\n", method: method), length: 20) == .whole)
    }

    @Test(
        "§3.66 Content-Range tells the slice and the length",
        arguments: [
            (ByteRange.slice(0..<10), "bytes 0-9/20"), (.unsatisfiable, "bytes */20"), (.whole, nil),
        ] as [(ByteRange, String?)])
    func contentRange(range: ByteRange, text: String?) {
        #expect(range.contentRange(length: 20) == text)
    }

    @Test(
        "§3.67 If-None-Match compares weakly and comes before If-Modified-Since",
        arguments: [
            ("If-None-Match: \"a\"\r\n", true), ("If-None-Match: W/\"a\"\r\n", true),
            ("If-None-Match: \"b\"\r\n", false),
            ("If-None-Match: \"b\", \"a\"\r\n", true), ("If-None-Match: \"b\"\r\nIf-None-Match: \"a\"\r\n", true),
            ("If-None-Match: \"b,\\\", \"a\"\r\n", true), ("If-None-Match: *\r\n", true),
            ("If-None-Match: a\r\n", false),
            ("If-None-Match: \"b\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", false),
            ("If-None-Match: a\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", true),
            ("If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", false),
            ("If-Modified-Since: Sun, 06 Nov 1994 08:49:39 GMT\r\n", false),
            ("If-Modified-Since: yesterday\r\n", false),
            ("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", true),
            (String(repeating: "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", count: 2), false),
            ("", false),
        ])
    func preconditions(lines: String, notModified: Bool) throws {
        let verdict = Precondition.isNotModified(
            try head(lines), tag: EntityTag("a"), modified: 784_111_777, now: 784_111_778)
        #expect(verdict == notModified)
    }

    @Test(
        "§3.67 If-Modified-Since is read in all three forms of a date",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", true), ("Sunday, 06-Nov-94 08:49:37 GMT", true),
            ("Sun Nov  6 08:49:37 1994", true), ("Sunday, 06-Nov-94 08:49:36 GMT", false),
            ("Sun Nov  6 08:49:36 1994", false), ("Monday, 06-Nov-94 08:49:37 GMT", false),
            ("Sun, 06-Nov-94 08:49:37 GMT", false), ("Sunday, 06-Nov-1994 08:49:37 GMT", false),
            ("Sunday, 06-Nov-94 08:49:37 CET", false), ("Mon Nov  6 08:49:37 1994", false),
            ("Sun Nov 06 08:49:37 1994", true), ("Sun Nov 31 08:49:37 1994", false), ("Sun Nov 6 08:49:37 1994", false),
        ])
    func sinceForms(date: String, notModified: Bool) throws {
        let head = try head("If-Modified-Since: \(date)\r\n")
        #expect(Precondition.isNotModified(head, tag: nil, modified: 784_111_777, now: 784_111_778) == notModified)
    }

    @Test(
        "§3.67 a year of two digits is at most fifty years ahead",
        arguments: [
            ("Sunday, 06-Nov-94 08:49:37 GMT", true), ("Sunday, 07-Nov-93 08:49:37 GMT", false),
            ("Saturday, 06-Nov-93 08:49:37 GMT", false), ("Thursday, 06-Nov-25 08:49:37 GMT", true),
            ("Friday, 06-Nov-26 08:49:37 GMT", false),
        ])
    func shortYears(date: String, notModified: Bool) throws {
        let head = try head("If-Modified-Since: \(date)\r\n")
        // Asked on 1 January 2026 about something of 1994.
        #expect(Precondition.isNotModified(head, tag: nil, modified: 784_111_777, now: 1_767_225_600) == notModified)
    }

    @Test("§3.67 preconditions of a 304 are for GET and HEAD", arguments: [("HEAD", true), ("POST", false)])
    func preconditionMethod(method: String, notModified: Bool) throws {
        let head = try head("If-None-Match: *\r\n", method: method)
        #expect(Precondition.isNotModified(head, tag: EntityTag("a"), modified: nil, now: 0) == notModified)
    }

    @Test("§3.67 * matches only what exists")
    func starOfNothing() throws {
        #expect(!Precondition.isNotModified(try head("If-None-Match: *\r\n"), tag: nil, modified: nil, now: 0))
    }

    @Test("§3.67 tags are written with their quotes")
    func tagText() {
        #expect(EntityTag("a").text == "\"a\"")
        #expect(EntityTag("a", isWeak: true).text == "W/\"a\"")
    }

    @Test(
        "§3.68 the most specific range decides, then the service's order",
        arguments: [
            ("", "application/json"), ("Accept:\r\n", "application/json"), ("Accept: */*\r\n", "application/json"),
            ("Accept: image/png\r\n", "image/png"), ("Accept: IMAGE/PNG\r\n", "image/png"),
            ("Accept: image/*\r\n", "image/png"),
            ("Accept: image/jpeg, image/png;q=0.5\r\n", "image/jpeg"),
            ("Accept: image/png;q=0.5, */*;q=0.4\r\n", "image/png"),
            ("Accept: application/json;q=0, */*\r\n", "image/png"),
            ("Accept: image/*;q=0, application/json;q=0.001\r\n", "application/json"),
            ("Accept: text/html, application/xhtml+xml, */*;q=0.8\r\n", "application/json"),
            ("Accept: image/png;q=1.000, application/json\r\n", "application/json"),
            ("Accept: image/jpeg\r\nAccept: image/png;q=0.9\r\n", "image/jpeg"),
            ("Accept: application/json; charset=utf-8\r\n", "application/json"),
            ("Accept: text/html\r\n", nil), ("Accept: */*;q=0\r\n", nil), ("Accept: image/webp;q=0.5\r\n", nil),
        ] as [(String, String?)])
    func negotiation(lines: String, best: String?) throws {
        let accept = try #require(Accept(try head(lines).fields))
        #expect(accept.best(of: ["application/json", "image/png", "image/jpeg"]) == best)
    }

    @Test(
        "§3.68 a malformed Accept is no Accept",
        arguments: [
            "png", "image/", "/png", "*/png", "image/png;q=2", "image/png;q=1.001", "image/png;q=0.1234",
            "image/png;q=x",
            "image/png;q", "image/png;", "image png", "\"image/png", "image/png;q=-1", "image/png;q=.5",
        ])
    func malformedAccept(value: String) throws {
        #expect(Accept(try head("Accept: \(value)\r\n").fields) == nil)
    }

    @Test(
        "§3.68 a type is named when it stands in Accept itself",
        arguments: [
            ("image/png", true), ("image/*", false), ("*/*", false), ("image/png;q=0", false), ("a/b, image/png", true),
        ])
    func named(value: String, isNamed: Bool) throws {
        let accept = try #require(Accept(try head("Accept: \(value)\r\n").fields))
        #expect(accept.names("image/png") == isNamed)
    }

    @Test(
        "preferences are read, bounded, and ignored when unreadable",
        arguments: [
            ("", nil, false), ("Prefer: wait=10\r\n", 10, false), ("Prefer: WAIT = \"7\"\r\n", 7, false),
            ("Prefer: wait=600\r\n", 60, false), ("Prefer: wait=99999999999999999999999\r\n", 60, false),
            ("Prefer: wait=0\r\n", 0, false), ("Prefer: wait=-1\r\n", nil, false), ("Prefer: wait=+5\r\n", nil, false),
            ("Prefer: wait\r\n", nil, false), ("Prefer: respond-async, wait=5\r\n", 5, true),
            ("Prefer: wait=5\r\nPrefer: wait=9, respond-async\r\n", 5, true), ("Prefer: wait=5; foo=bar\r\n", 5, false),
            ("Prefer: \"wait=5\r\n", nil, false), ("Prefer: wait=5.5\r\n", nil, false),
        ] as [(String, Int?, Bool)])
    func preferences(lines: String, wait: Int?, respondsAsync: Bool) throws {
        let preferences = Preferences(try head(lines).fields)
        #expect(preferences.wait == wait)
        #expect(preferences.respondsAsync == respondsAsync)
    }

    @Test(
        "§3.72 media types are read without regard to case",
        arguments: [
            ("multipart/form-data; boundary=x", "multipart/form-data", "x"),
            ("Multipart/Form-Data ; Boundary=\"a b\"", "multipart/form-data", "a b"),
            ("image/png", "image/png", nil), ("image/png;", "image/png", nil),
            ("a/b; c=\"x;y\\\"z\"; boundary=q", "a/b", "q"),
        ] as [(String, String, String?)])
    func mediaTypes(value: String, essence: String, boundary: String?) throws {
        let type = try #require(MediaType(octets(value)))
        #expect(type.essence == essence)
        #expect(type.parameter("boundary").map { latin($0) } == boundary)
    }

    @Test(
        "§3.72 malformed media types are refused",
        arguments: [
            "", "image", "image/", "/png", "image/p ng", "image/png; a", "image/png; a=", "image/png; a=\"x",
            "image/png; a=1; A=2", "image/png, image/jpeg", "image/png; =x", "image/png; a = b",
        ])
    func malformedMediaTypes(value: String) throws {
        #expect(MediaType(octets(value)) == nil)
        let head = try parsedHead("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: \(value)\r\n\r\n")
        #expect(throws: ParseFault.mediaType) { try head.contentType() }
    }
}
