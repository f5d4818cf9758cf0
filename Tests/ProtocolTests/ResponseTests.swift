// Groups 60–63 and 69–71 of the service's table of HTTP/1.1 inputs: heads of answers and their framing.

import LimnerProtocol
import Testing

@Suite("Answers")
struct ResponseTests {
    static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    static let new = AnswerContext(version: .http11, isHead: false)
    static let newHead = AnswerContext(version: .http11, isHead: true)
    static let old = AnswerContext(version: .http10, isHead: false)
    static let oldHead = AnswerContext(version: .http10, isHead: true)

    private func start(
        _ status: Int, _ body: ResponseBody, _ context: AnswerContext, keepsAlive: Bool = true,
        fields: HeaderFields = [:]
    ) -> ResponseStart {
        ResponseHead(status, fields: fields).start(
            body: body, answering: context, keepsAlive: keepsAlive, date: ResponseTests.date)
    }

    @Test("§3.63 a head is status line, date, fields, framing")
    func wholeHead() {
        let start = start(200, .length(5), ResponseTests.new, fields: ["Content-Type": "text/plain", "X-A": "1"])
        let expected =
            "HTTP/1.1 200 OK\r\nDate: \(ResponseTests.date)\r\nContent-Type: text/plain\r\nX-A: 1\r\n"
            + "Content-Length: 5\r\n\r\n"
        #expect(latin(start.bytes) == expected)
        #expect(start.transfer == .length(5))
        #expect(!start.closes)
    }

    @Test(
        "§3.61 §3.62 §3.70 framing follows status, method, version and body",
        arguments: [
            (200, .length(5), new, "Content-Length: 5", .length(5), false),
            (200, .none, new, "Content-Length: 0", .none, false),
            (200, .stream, new, "Transfer-Encoding: chunked", .chunked, false),
            (200, .length(5), newHead, "Content-Length: 5", .none, false),
            (404, .length(9), newHead, "Content-Length: 9", .none, false),
            (200, .stream, newHead, "Transfer-Encoding: chunked", .none, false),
            (200, .stream, old, "", .untilClose, true), (200, .stream, oldHead, "", .none, false),
            (200, .length(5), old, "Content-Length: 5", .length(5), false),
            (204, .none, new, "", .none, false), (204, .length(5), new, "", .none, false),
            (304, .length(5), new, "", .none, false), (304, .stream, new, "", .none, false),
            (204, .stream, old, "", .none, false),
        ] as [(Int, ResponseBody, AnswerContext, String, BodyTransfer, Bool)])
    func framing(
        status: Int, body: ResponseBody, context: AnswerContext, line: String, transfer: BodyTransfer, closes: Bool
    ) {
        let start = start(status, body, context)
        let lines = latin(start.bytes).split(separator: "\r\n").map(String.init)
        let framing = lines.filter { $0.hasPrefix("Content-Length") || $0.hasPrefix("Transfer-Encoding") }
        #expect(framing == (line.isEmpty ? [] : [line]))
        #expect(start.transfer == transfer)
        #expect(start.closes == closes)
    }

    @Test(
        "§3.48 Connection says what will happen",
        arguments: [
            (new, true, nil), (new, false, "close"), (old, true, "keep-alive"), (old, false, "close"),
        ] as [(AnswerContext, Bool, String?)])
    func connection(context: AnswerContext, keepsAlive: Bool, value: String?) {
        let start = start(200, .length(1), context, keepsAlive: keepsAlive)
        let lines = latin(start.bytes).split(separator: "\r\n").map(String.init)
        #expect(lines.filter { $0.hasPrefix("Connection") } == (value.map { ["Connection: \($0)"] } ?? []))
        #expect(start.closes == !keepsAlive)
    }

    @Test("§3.62 §3.69 framing fields given by a route are left out")
    func ownFields() {
        let fields: HeaderFields = [
            "Content-Length": "9", "transfer-encoding": "chunked", "Connection": "close", "Date": "now", "X": "y",
        ]
        let start = start(200, .length(5), ResponseTests.new, fields: fields)
        #expect(
            latin(start.bytes)
                == "HTTP/1.1 200 OK\r\nDate: \(ResponseTests.date)\r\nX: y\r\nContent-Length: 5\r\n\r\n")
    }

    @Test("§3.69 no value can end its line")
    func injection() {
        var fields = HeaderFields()
        fields.append("X", "a\r\nSet-Cookie: b\0\n")
        #expect(latin(fields[0].value) == "a  Set-Cookie: b")
    }

    @Test("§3.60 §3.62 100 Continue is for HTTP/1.1 alone")
    func continuation() {
        #expect(latin(ResponseHead.continuation(answering: ResponseTests.new)) == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(ResponseHead.continuation(answering: ResponseTests.old).isEmpty)
    }

    @Test("§3.71 chunks are size, data and CRLF, and an empty one is not written")
    func chunks() {
        #expect(latin(ChunkedEncoder.chunk(octets("hello world!!!!!")[...])) == "10\r\nhello world!!!!!\r\n")
        #expect(ChunkedEncoder.chunk([]).isEmpty)
        #expect(latin(ChunkedEncoder.last) == "0\r\n\r\n")
    }

    @Test(
        "§3.63 IMF-fixdates are written and read",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
        ])
    func dates(seconds: Int, text: String) {
        #expect(IMFFixdate.text(secondsSinceEpoch: seconds) == text)
        #expect(IMFFixdate.seconds(octets(text)) == seconds)
    }

    @Test(
        "§3.67 other dates are not read",
        arguments: [
            "", "Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC", "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
        ])
    func otherDates(text: String) {
        #expect(IMFFixdate.seconds(octets(text)) == nil)
    }

    @Test(
        "§3.69 a download's name is safe whatever it is",
        arguments: [
            ("a.png", "attachment; filename=\"a.png\"; filename*=UTF-8''a.png"),
            (
                "a\"\r\nX: y\\/é%.png",
                "attachment; filename=\"a___X: y____.png\"; filename*=UTF-8''a%22%0D%0AX%3A%20y%5C%2F%C3%A9%25.png"
            ),
        ])
    func attachment(name: String, value: String) {
        #expect(ContentDisposition.attachment(filename: name) == value)
    }

    @Test("§3.69 no sentence about a fault repeats what the client sent", arguments: ParseFault.allCases)
    func reasons(fault: ParseFault) {
        let marks = ["GET", "X-Evil", "<script>"]
        #expect(!fault.reason.isEmpty)
        #expect(!marks.contains { fault.reason.contains($0) })
    }

    @Test("every status a fault can earn has a phrase")
    func phrases() {
        for fault in ParseFault.allCases { #expect(!StatusLine.phrase(fault.status).isEmpty) }
    }
}
