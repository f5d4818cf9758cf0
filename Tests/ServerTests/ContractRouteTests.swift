// Groups of the contract's table that the service answers, over the wire: ranges, conditions, negotiation, forms.

import LimnerProtocol
import LimnerServer
import Testing

@Suite("The contract's inputs, at the service", .timeLimit(.minutes(1)))
struct ContractRouteTests {
    private func drawn() throws -> (bench: TestService, path: String) {
        let bench = try TestService()
        let id = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"]).job().id
        return (bench, "/v1/jobs/\(id)/result")
    }

    @Test("§3.61 HEAD answers GET's fields and no byte of body", arguments: ["", "/events", "/result", "/nothing"])
    func head(_ rest: String) throws {
        let (bench, result) = try drawn()
        let path = result.dropLast("/result".count) + rest
        let got = try bench.request("GET", String(path))
        let client = try bench.client()
        client.send(TestService.bytes("HEAD", String(path), ["Connection: close"]))
        let head = try client.response(toHead: true)
        #expect(head.status == got.status)
        for name in ["content-type", "content-length", "etag", "accept-ranges", "transfer-encoding"] {
            #expect(head.fields[name] == got.fields[name], "\(name)")
        }
        #expect(try client.isClosed())
    }

    @Test("§3.62 304 and 204 have neither body nor length nor coding")
    func bodiless() throws {
        let (bench, path) = try drawn()
        let tag = try #require(try bench.request("GET", path).fields["etag"])
        let client = try bench.client()
        client.send(TestService.bytes("GET", path, ["If-None-Match: \(tag)"]))
        client.send(TestService.bytes("DELETE", String(path.dropLast("/result".count))))
        client.send(TestService.bytes("GET", "/healthz"))
        for status in [304, 204] {
            let response = try client.response()
            #expect(response.status == status)
            #expect(response.fields["content-length"] == nil && response.fields["transfer-encoding"] == nil)
        }
        #expect(try client.response().status == 200, "nothing was left between them")
    }

    @Test(
        "§3.66 a range is a part; several, or what cannot be read, is the whole; what lies beyond is 416",
        arguments: [
            ("bytes=0-9", 206, "bytes 0-9/67"), ("bytes=-5", 206, "bytes 62-66/67"), ("bytes=5-", 206, "bytes 5-66/67"),
            ("bytes=60-200", 206, "bytes 60-66/67"), ("bytes=67-", 416, "bytes */67"), ("bytes=-0", 416, "bytes */67"),
            ("bytes=0-1,3-4", 200, nil), ("bytes=0-9,0-9,0-9,0-9", 200, nil), ("bytes=9-0", 200, nil),
            ("lines=0-1", 200, nil), ("bytes", 200, nil), ("bytes=a-b", 200, nil),
        ] as [(String, Int, String?)])
    func range(_ range: String, _ status: Int, _ content: String?) throws {
        let (bench, path) = try drawn()
        let response = try bench.request("GET", path, ["Range: \(range)"])
        #expect(response.status == status && response.fields["content-range"] == content)
        if status == 200 { #expect(response.body == Pictures.png) }
    }

    @Test("§3.66 a range on POST is ignored")
    func rangeOnPost() throws {
        let bench = try TestService()
        let response = try bench.sketch([.photo(), .text("text", "t")], ["Accept: image/png", "Range: bytes=0-1"])
        #expect(response.status == 200 && response.body == Pictures.png)
    }

    @Test("§3.67 If-None-Match compares weakly, knows lists and *, and wins over If-Modified-Since")
    func noneMatch() throws {
        let (bench, path) = try drawn()
        let tag = try #require(try bench.request("GET", path).fields["etag"])
        for value in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
            let response = try bench.request("GET", path, ["If-None-Match: \(value)"])
            #expect(response.status == 304 && response.fields["etag"] == tag, "\(value)")
        }
        for value in ["\"x\"", tag.filter { $0 != "\"" }, "W/\"x\""] {
            let future = "If-Modified-Since: Tue, 01 Jan 2030 00:00:00 GMT"
            #expect(try bench.request("GET", path, ["If-None-Match: \(value)", future]).status == 200, "\(value)")
        }
    }

    @Test("§3.67 a date that is garbage is ignored", arguments: ["yesterday", "0", "Tue, 99 Jan 2030 00:00:00 GMT"])
    func modifiedSince(_ date: String) throws {
        let (bench, path) = try drawn()
        #expect(try bench.request("GET", path, ["If-Modified-Since: \(date)"]).status == 200)
    }

    @Test("§3.68 a request body under a content coding is 415 with what is taken")
    func contentCoding() throws {
        let bench = try TestService()
        let form = Part.form([.photo(), .text("text", "t")])
        let response = try bench.request(
            "POST", "/sketch", [Part.contentType, "Content-Encoding: gzip"], body: form)
        #expect(response.status == 415 && response.fields["accept-encoding"] == "identity")
    }

    @Test("§3.69 no name a client gives comes back in an error or a header")
    func noEcho() throws {
        let bench = try TestService()
        let response = try bench.sketch([.photo(), .text("x-marks-it", "red\u{22}herring")])
        #expect(response.status == 422)
        #expect(!response.text.contains("x-marks-it") && !response.text.contains("herring"))
    }

    // MARK: Forms

    private func form(_ text: String, _ type: String = "multipart/form-data; boundary=frontier") throws -> Int {
        let bench = try TestService(FakePainter(.waitForRelease))
        let response = try bench.request("POST", "/sketch?text=t", ["Content-Type: \(type)"], body: Array(text.utf8))
        if response.status >= 400 { #expect(bench.folder.names("data/jobs").isEmpty) }
        #expect(bench.folder.names("data/staging").isEmpty)
        return response.status
    }

    /// A part `photo` with the fake painter's picture, which begins with a byte that no text has.
    private func sketch(_ boundary: String, quoted: Bool = false, photo: [UInt8] = Pictures.photo()) throws -> Int {
        let bench = try TestService(FakePainter(.waitForRelease))
        let head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"photo\"\r\n\r\n"
        let body = Array(head.utf8) + photo + Array("\r\n--\(boundary)--\r\n".utf8)
        let mark = quoted ? "\"\(boundary)\"" : boundary
        let type = "Content-Type: multipart/form-data; boundary=\(mark)"
        let response = try bench.request("POST", "/sketch?text=t", [type], body: body)
        if response.status == 202 {
            let id = try response.job().id
            #expect(bench.folder.read("data/jobs/\(id)/photo") == photo)
        }
        return response.status
    }

    @Test(
        "§3.72 a form without a usable boundary is 400",
        arguments: [
            "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
            "multipart/form-data; boundary=" + String(repeating: "b", count: 71),
        ])
    func badBoundary(_ type: String) throws { #expect(try form("--b\r\n", type) == 400) }

    @Test("§3.72 a quoted boundary, one with spaces, and one that stands in the picture are no obstacle")
    func oddBoundaries() throws {
        #expect(try sketch("frontier", quoted: true) == 202)
        #expect(try sketch("a b", quoted: true) == 202)
        #expect(try sketch(String(repeating: "b", count: 70)) == 202)
        #expect(try sketch("frontier", photo: Pictures.photo("x--frontier\r\n-frontier\r--frontier--")) == 202)
    }

    @Test(
        "§3.73 malformed forms are refused and leave nothing",
        arguments: [
            ("LF alone", "--frontier\nContent-Disposition: form-data; name=\"a\"\n\nb\n--frontier--\n", [400]),
            ("no last boundary", "--frontier\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nb\r\n", [400]),
            (
                "nested",
                "--frontier\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: multipart/mixed; boundary=x"
                    + "\r\n\r\n--x--\r\n--frontier--\r\n", [415]
            ),
            ("no name", "--frontier\r\nContent-Disposition: form-data\r\n\r\nb\r\n--frontier--\r\n", [400]),
            (
                "long part headers",
                "--frontier\r\nX: " + String(repeating: "a", count: 9000) + "\r\n\r\nb\r\n--frontier--\r\n", [413]
            ),
            (
                "ten thousand parts",
                String(
                    repeating: "--frontier\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n", count: 10_000)
                    + "--frontier--\r\n", [413]
            ),
            (
                "an unknown file",
                "--frontier\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\nb\r\n--frontier--\r\n",
                [422]
            ),
            (
                "an empty file",
                "--frontier\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"b\"\r\n\r\n\r\n--frontier--\r\n",
                [422]
            ),
        ] as [(String, String, [Int])])
    func badForms(_ name: String, _ body: String, _ statuses: [Int]) throws {
        #expect(statuses.contains(try form(body)), "\(name)")
    }

    @Test("§3.73 preamble, epilogue, a lying type, a coding and a name with a path are no obstacle")
    func oddForms() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let head =
            "before\r\n--frontier\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"../../x\"; "
            + "filename*=UTF-8''%2e%2e%2fy\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        let body = Array(head.utf8) + Pictures.photo() + Array("\r\n--frontier--\r\nafter".utf8)
        let response = try bench.request("POST", "/sketch?text=t", [Part.contentType], body: body)
        #expect(response.status == 202)
        #expect(try bench.folder.names("data/jobs/\(response.job().id)") == ["photo"])
    }

    @Test("§3.74 a form to HTTP/1.0 without a length has no body: refused")
    func unframedForm() throws {
        let bench = try TestService()
        let client = try bench.client()
        client.send("POST /sketch HTTP/1.0\r\nHost: a\r\n\(Part.contentType)\r\n\r\n")
        #expect([400, 411].contains(try client.response().status))
    }
}
