// Groups 72–74 of the service's table of HTTP/1.1 inputs: multipart/form-data. Every body is fed whole, byte
// by byte and cut at every place.

import LimnerProtocol
import Testing

@Suite("Multipart bodies")
struct MultipartTests {
    /// A part as it was read.
    struct Part: Equatable {
        var name: String
        var filename: String?
        var type: String?
        var data: [UInt8]

        init(_ name: String, _ data: String, filename: String? = nil, type: String? = nil) {
            (self.name, self.filename, self.type, self.data) = (name, filename, type, octets(data))
        }
    }

    enum Outcome: Equatable {
        case parts([Part])
        case failure(ParseFault)
    }

    static func read(_ pieces: [ArraySlice<UInt8>], boundary: String, limits: MultipartLimits) -> Outcome {
        var parser = MultipartParser(boundary: octets(boundary), limits: limits)
        var parts: [Part] = []
        for piece in pieces + [[]] {
            parser.feed(piece)
            if piece.isEmpty { parser.finishInput() }
            events: while true {
                switch parser.next() {
                case .needsMore: break events
                case .part(let headers):
                    parts.append(Part(headers.name, "", filename: headers.filename, type: headers.contentType?.essence))
                case .data(let data): parts[parts.count - 1].data += data
                case .partEnd: continue
                case .finished: return .parts(parts)
                case .failure(let fault): return .failure(fault)
                }
            }
        }
        return .failure(.truncated)
    }

    private func expect(
        _ wire: [UInt8], boundary: String = "b", limits: MultipartLimits = MultipartLimits(), is expected: Outcome,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let read = { MultipartTests.read($0, boundary: boundary, limits: limits) }
        #expect(read([wire[...]]) == expected, "whole", sourceLocation: sourceLocation)
        #expect(read(wire.indices.map { wire[$0...$0] }) == expected, "byte by byte", sourceLocation: sourceLocation)
        for cut in stride(from: 1, to: wire.count, by: max(1, wire.count / 200)) {
            let outcome = read([wire[..<cut], wire[cut...]])
            guard outcome == expected else {
                Issue.record("cut at \(cut): \(outcome)", sourceLocation: sourceLocation)
                return
            }
        }
    }

    private func field(_ name: String, _ value: String, boundary: String = "b") -> String {
        "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }

    /// A part whose headers are given, with content `x`.
    private func part(_ headers: String) -> [UInt8] { octets("--b\r\n\(headers)\r\n\r\nx\r\n--b--\r\n") }

    @Test("§3.72 a form as curl sends it is read")
    func curl() {
        let wire =
            "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n"
            + "\r\n\u{FF}\u{D8}\0\r\n\r--\r\n-\r\n--\r\n--a\u{FF}\u{D9}\r\n" + field("style", "charcoal") + "--b--\r\n"
        let photo = Part(
            "photo", "\u{FF}\u{D8}\0\r\n\r--\r\n-\r\n--\r\n--a\u{FF}\u{D9}", filename: "a.jpg", type: "image/jpeg")
        expect(octets(wire), is: .parts([photo, Part("style", "charcoal")]))
    }

    @Test(
        "§3.72 the boundary inside content is content unless a line begins with it",
        arguments: [
            "--b", "x--b--", "\n--b\r\n", "\r--b", "\r\n-b", "\r\n--", "--b--\r\n", "\r\r\n-\r\n--\rb", "\r\n--B",
            "\r\r\r\r\n--x", "",
        ])
    func boundaryInside(content: String) {
        expect(octets(field("a", content) + "--b--"), is: .parts([Part("a", content)]))
    }

    @Test("§3.72 content up to the last CR is its own")
    func trailingReturns() {
        expect(octets(field("a", "x\r\n\r\n\r") + "--b--"), is: .parts([Part("a", "x\r\n\r\n\r")]))
    }

    @Test("§3.73 a file of no bytes is a part of no bytes")
    func emptyFile() {
        let wire = "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\"\r\n\r\n\r\n--b--\r\n"
        expect(octets(wire), is: .parts([Part("photo", "", filename: "")]))
    }

    @Test("§3.73 a body of no parts is read")
    func noParts() {
        expect(octets("--b--\r\n"), is: .parts([]))
    }

    @Test("§3.72 white space may follow a boundary", arguments: [" ", "\t \t"])
    func padding(blanks: String) {
        let wire = "--b\(blanks)\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--\(blanks)\r\n"
        expect(octets(wire), is: .parts([Part("a", "x")]))
    }

    @Test("§3.73 a short preamble and epilogue are ignored", arguments: ["\r\n", "hello\r\n", "--x\r\n", "x\r\n\r\n"])
    func preamble(text: String) {
        expect(octets(text + field("a", "x") + "--b--\r\n\(text)"), is: .parts([Part("a", "x")]))
    }

    @Test("§3.73 a long preamble is refused")
    func longPreamble() {
        let text = String(repeating: "x", count: 1100)
        expect(octets("\(text)\r\n" + field("a", "x") + "--b--"), is: .failure(.preambleTooLong))
    }

    @Test("§3.73 a long epilogue is refused")
    func longEpilogue() {
        let text = String(repeating: "x", count: 1100)
        expect(octets(field("a", "x") + "--b--\r\n\(text)"), is: .failure(.epilogueTooLong))
    }

    @Test(
        "§3.73 a body without its last boundary is refused",
        arguments: [
            "", "--b", "--b\r\n", "--b-", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b-",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b\r\n",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n--b--\r\n", "--b\r\nContent-Disposition: form-data",
        ])
    func truncated(wire: String) {
        expect(octets(wire), is: .failure(.multipartTruncated))
    }

    @Test(
        "§3.73 lines that end in bare LF are refused",
        arguments: [
            "--b\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--\r\n",
            "--b\r\nContent-Disposition: form-data; name=a\n\nx\r\n--b--\r\n",
            "--b\r\nContent-Disposition: form-data; name=a\rX: y\r\n\r\nx\r\n--b--\r\n",
            "--bx\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--\r\n",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--x\r\n",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b-x\r\n",
        ])
    func malformed(wire: String) {
        expect(octets(wire), is: .failure(.multipart))
    }

    @Test(
        "§3.73 a part needs one form-data disposition with a name",
        arguments: [
            "X: y", "Content-Disposition: form-data", "Content-Disposition: form-data; name=\"\"",
            "Content-Disposition: attachment; name=a", "Content-Disposition: form-data; filename=a",
            "Content-Disposition: form-data; name=a; name=b", "Content-Disposition: form-data; name=\"a",
            "Content-Disposition: form-data; name=a x", "Content-Disposition: form-data name=a",
            "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=a",
            "Content-Disposition: form-data; name=\"\u{FF}\"", "Content-Disposition : form-data; name=a",
            " Content-Disposition: form-data; name=a", "Content-Disposition: form-data; name=a\r\n b",
            "Content-Disposition: form-data; name=a\r\nContent-Type: nonsense",
            "Content-Disposition: form-data; name=a\r\nContent-Type: a/b\r\nContent-Type: a/b",
            "Content-Disposition: form-data; name=\"a\0b\"",
            "Content-Disposition: form-data; name=a; filename=\"\u{FF}\"",
        ])
    func dispositions(headers: String) {
        expect(part(headers), is: .failure(.partHeaders))
    }

    @Test(
        "§3.73 names are read as browsers and curl write them",
        arguments: [
            ("name=a", "a", nil), ("name=\"a\"; filename=\"b.jpg\"", "a", "b.jpg"), ("NAME=\"a b\";", "a b", nil),
            ("name=\"a\\\"b\\\\c\"", "a\"b\\c", nil), ("name=\"a%22b\"", "a%22b", nil),
            ("name=\"\u{C3}\u{A9}\"; filename=\"\u{E2}\u{82}\u{AC}\"", "é", "€"),
            ("name=a; filename=\"../../x\"", "a", "x"), ("name=a; filename=\"C:\\dir\\x.png\"", "a", "x.png"),
            ("name=a; filename=\"/etc/\"", "a", ""), ("name=\"a;b=c\"; filename=x", "a;b=c", "x"),
            ("name=a; filename*=UTF-8''evil", "a", nil), ("filename=x; name=a; size=5", "a", "x"),
        ] as [(String, String, String?)])
    func names(parameters: String, name: String, filename: String?) {
        expect(part("Content-Disposition: form-data; \(parameters)"), is: .parts([Part(name, "x", filename: filename)]))
    }

    @Test("§3.73 a transfer encoding of a part is ignored")
    func transferEncoding() {
        expect(
            part("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64"),
            is: .parts([Part("a", "x")]))
    }

    @Test("§3.73 a part that is itself multipart is refused")
    func nested() {
        expect(
            part("Content-Disposition: form-data; name=a\r\nContent-Type: multipart/mixed; boundary=c"),
            is: .failure(.partNested))
    }

    @Test("§3.73 a repeated name is two parts")
    func repeatedName() {
        expect(octets(field("a", "1") + field("a", "2") + "--b--"), is: .parts([Part("a", "1"), Part("a", "2")]))
    }

    @Test("§3.73 parts, their headers and their content are bounded")
    func limits() {
        let many = String(repeating: field("a", "x"), count: 10_000)
        expect(octets(many + "--b--"), is: .failure(.partCount))
        let long = String(repeating: "v", count: 3000)
        expect(part("X: \(long)\r\nX: \(long)\r\nX: \(long)"), is: .failure(.partHeadersTooLong))
        expect(part("X: \(long)\(long)"), is: .failure(.partHeadersTooLong))
        expect(part(String(repeating: "X: y\r\n", count: 16) + "X: y"), is: .failure(.partHeadersTooLong))
        var limits = MultipartLimits()
        limits.part = 5
        expect(octets(field("a", "hello") + "--b--"), limits: limits, is: .parts([Part("a", "hello")]))
        expect(octets(field("a", "hello!") + "--b--"), limits: limits, is: .failure(.partTooLong))
    }

    @Test("§3.73 the reader may bound the part at hand, and only it")
    func partLimit() {
        var parser = MultipartParser(boundary: octets("b"))
        parser.feed(octets(field("a", "12345") + field("b", "123456") + "--b--"))
        guard case .part = parser.next() else {
            Issue.record("no part")
            return
        }
        parser.partLimit = 5
        #expect(parser.next() == .data(octets("12345")))
        #expect(parser.next() == .partEnd)
        guard case .part = parser.next() else {
            Issue.record("no second part")
            return
        }
        #expect(parser.next() == .data(octets("123456")))
    }

    @Test(
        "§3.72 boundaries of up to 70 characters are read",
        arguments: [
            ("boundary=x", "x"), ("boundary=\"a b\"", "a b"), ("boundary=\"'()+_,-./:=?\"", "'()+_,-./:=?"),
            ("boundary=\(String(repeating: "x", count: 70))", String(repeating: "x", count: 70)),
        ])
    func boundaries(parameter: String, boundary: String) throws {
        let type = try #require(MediaType(octets("multipart/form-data; \(parameter)")))
        #expect(try type.boundary() == octets(boundary))
        expect(
            octets(field("a", "x", boundary: boundary) + "--\(boundary)--"), boundary: boundary,
            is: .parts([Part("a", "x")]))
    }

    @Test(
        "§3.72 other boundaries are refused",
        arguments: [
            "", "; boundary=\"\"", "; boundary=\"a \"", "; boundary=\"a\u{E9}\"", "; boundary=\"a@b\"",
            "; boundary=a!b",
            "; boundary=\(String(repeating: "x", count: 71))", "; charset=utf-8",
        ])
    func badBoundaries(parameter: String) throws {
        let type = try #require(MediaType(octets("multipart/form-data\(parameter)")))
        #expect(throws: ParseFault.boundary) { try type.boundary() }
    }

    @Test("§3.74 a multipart body on HTTP/1.0 that only the connection's end would delimit has no bytes")
    func closeDelimited() {
        let fields = ["Content-Type: multipart/form-data; boundary=b"]
        expectRequest(
            octets("POST / HTTP/1.0\r\n\(fields[0])\r\n\r\n" + field("a", "x") + "--b--"),
            .request(method: "POST", target: "/", fields: fields, body: ""), goesOn: false)
    }

    @Test("§3.72 random bytes between boundaries come out as they went in")
    func randomContent() {
        var random = SplitMix(state: 7)
        let alphabet = octets("\r\n-bx")
        for _ in 0..<300 {
            let content = latin(
                (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 })
            if "\r\n\(content)\r\n".unicodeScalars.map(\.value).contains(sequence: octets("\r\n--b")) { continue }
            expect(octets(field("a", content) + "--b--"), is: .parts([Part("a", content)]))
        }
    }
}

extension [UInt32] {
    fileprivate func contains(sequence: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: sequence.map(UInt32.init)) }
    }
}
