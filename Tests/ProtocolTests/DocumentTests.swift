// The documents of the API, byte by byte as clients read them.

import LimnerProtocol
import Testing

@Suite("Documents")
struct DocumentTests {
    private func json(_ document: some Encodable) throws -> String {
        try #require(String(validating: try WireJSON.encode(document), as: UTF8.self))
    }

    static let created = Timestamp(milliseconds: 1_764_000_000_250)

    @Test("a queued job says its place and forecast, and nothing that does not apply")
    func queued() throws {
        var job = JobDocument(id: "j1", kind: .sketch, status: .queued, createdAt: DocumentTests.created)
        job.position = 2
        job.eta = JobForecast(p50: 12.5, p90: 20)
        job.style = "ink"
        let expected =
            #"{"created_at":"2025-11-24T16:00:00.250Z","eta":{"p50":12.5,"p90":20},"id":"j1","kind":"sketch","#
            + #""position":2,"status":"queued","style":"ink"}"#
        #expect(try json(job) == expected)
    }

    @Test("a finished job comes back as it was written")
    func finished() throws {
        var job = JobDocument(id: "j1", kind: .tune, status: .succeeded, createdAt: DocumentTests.created)
        job.startedAt = Timestamp(milliseconds: 1_764_000_001_000)
        job.finishedAt = Timestamp(milliseconds: 1_764_000_002_001)
        job.step = 30
        job.steps = 30
        job.attempt = 1
        job.seed = 9_007_199_254_740_991
        job.result = JobResult(url: "/v1/jobs/j1/result", sha256: "ab", width: 512, height: 384, format: .png)
        job.error = Problem(500, detail: "no")
        job.warnings = ["slow"]
        let bytes = try WireJSON.encode(job)
        #expect(try WireJSON.decode(JobDocument.self, from: bytes) == job)
        let text = try json(job)
        #expect(text.contains(#""finished_at":"2025-11-24T16:00:02.001Z""#))
        #expect(text.contains(#""seed":9007199254740991"#))
        #expect(text.contains(#""url":"/v1/jobs/j1/result""#))
    }

    @Test("states that end are three", arguments: JobStatus.allCases)
    func finality(status: JobStatus) {
        #expect(status.isFinal == [.succeeded, .failed, .canceled].contains(status))
    }

    @Test("a style says what it was made from")
    func style() throws {
        var style = StyleDocument(
            name: "ink", createdAt: DocumentTests.created, text: "in ink", modelHash: "m", hash: "h", rows: 75, steps: 9
        )
        style.loss = StyleLoss(first: 1, best: 0.5)
        style.probe = [ProbePoint(step: 0, loss: 1), ProbePoint(step: 9, loss: 0.5)]
        style.thumbnail = "/v1/styles/ink/thumbnail"
        let expected =
            #"{"created_at":"2025-11-24T16:00:00.250Z","hash":"h","loss":{"best":0.5,"first":1},"model_hash":"m","#
            + #""name":"ink","probe":[{"loss":1,"step":0},{"loss":0.5,"step":9}],"rows":75,"steps":9,"#
            + #""text":"in ink","thumbnail":"/v1/styles/ink/thumbnail"}"#
        #expect(try json(style) == expected)
        #expect(try WireJSON.decode(StyleDocument.self, from: WireJSON.encode(style)) == style)
    }

    @Test("lists wrap their documents")
    func lists() throws {
        #expect(try json(StyleList(styles: [])) == #"{"styles":[]}"#)
        #expect(try json(JobList(jobs: [], next: "c")) == #"{"jobs":[],"next":"c"}"#)
    }

    @Test("a problem is RFC 9457 with the request's id and the fields")
    func problem() throws {
        let problem = Problem(
            InvalidOptions(errors: [FieldError("steps", "Give a number.")]), instance: "/v1/sketch", requestID: "r1")
        let expected =
            #"{"detail":"Correct: steps.","errors":[{"detail":"Give a number.","field":"steps"}],"#
            + #""instance":"/v1/sketch","request_id":"r1","status":422,"title":"Unprocessable Content","#
            + #""type":"about:blank"}"#
        #expect(try json(problem) == expected)
    }

    @Test("every fault becomes a problem that says what to do", arguments: ParseFault.allCases)
    func faults(fault: ParseFault) {
        let problem = Problem(fault)
        #expect((400...505).contains(problem.status))
        #expect(!problem.title.isEmpty)
        #expect(problem.detail?.hasSuffix(".") == true)
    }

    @Test(
        "timestamps are RFC 3339 in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_007, "2000-02-29T00:00:00.007Z"),
            (1_764_000_000_250, "2025-11-24T16:00:00.250Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func timestamps(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).text == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(
        "other timestamps are not read",
        arguments: [
            "", "2025-11-24T16:00:00Z", "2025-11-24 16:00:00.250Z", "2025-02-30T16:00:00.250Z",
            "2025-13-01T16:00:00.250Z",
            "2025-11-24T24:00:00.250Z", "2025-11-24T16:00:60.250Z", "2025-11-24T16:00:00.250+",
            "2025-11-24T16:00:00.25éZ",
        ])
    func otherTimestamps(text: String) {
        #expect(Timestamp(text) == nil)
        #expect(throws: DecodingError.self) { try WireJSON.decode(Timestamp.self, from: octets("\"x\"")) }
    }

    @Test("paths are percent-encoded", arguments: [("a-b._~", "a-b._~"), ("é/ ?", "%C3%A9%2F%20%3F")])
    func encoding(text: String, encoded: String) {
        #expect(PercentCoding.encode(text) == encoded)
    }
}
