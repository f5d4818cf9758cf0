import LimnerProtocol
import LimnerServer

/// One way to each answer of the API that is not a refusal all operations share.
enum AnswerScenes {
    typealias Played = (operation: String, status: Int, answer: WireClient.Response)
    typealias Scene = (operation: String, status: Int, play: @Sendable () throws -> WireClient.Response)

    static var all: [Scene] {
        learning + sketching + putting + jobs + watching + results + groups + styles + changing + status
    }

    private static let uuid = "0b9f4c9e-5a53-4ec4-9a43-0f7f2f3fd0c2"
    private static let wait = "Prefer: wait=20"
    private static let text: [Part] = [.photo(), .text("text", "t")]
    private static let once = "Idempotency-Key: once"

    // MARK: Asking

    private static func post(
        _ bench: TestService, _ path: String, _ type: String, _ body: String, _ method: String = "POST"
    ) throws -> WireClient.Response {
        try bench.request(method, path, ["Content-Type: \(type)"], body: Array(body.utf8))
    }

    private static func put(
        _ bench: TestService, _ parts: [Part], _ fields: [String] = [], id: String = uuid
    ) throws -> WireClient.Response {
        try bench.request("PUT", "/v1/jobs/\(id)", fields + [Part.contentType], body: Part.form(parts))
    }

    /// A job that has ended, and its path.
    private static func drawn(_ painter: FakePainter = FakePainter()) throws -> (TestService, String) {
        let bench = try TestService(painter)
        return (bench, "/v1/jobs/\(try bench.sketch(text, [wait]).job().id)")
    }

    /// A job that a worker holds, and its path.
    private static func running(_ change: (inout ServiceLimits) -> Void = { _ in }) throws -> (TestService, String) {
        let bench = try TestService(FakePainter(.waitForRelease), change)
        let id = try bench.sketch(text).job().id
        guard bench.painter.hasStarted() else { throw WireClient.Trouble.timedOut }
        return (bench, "/v1/jobs/\(id)")
    }

    /// A job behind another, its path, and its document while it waits.
    private static func queued() throws -> (TestService, String) {
        let (bench, _) = try running()
        return (bench, "/v1/jobs/\(try bench.sketch(text).job().id)")
    }

    private static func learned(_ change: (inout ServiceLimits) -> Void = { _ in }) throws -> TestService {
        let bench = try TestService(FakePainter(), change)
        _ = try bench.tune("ink", [wait])
        return bench
    }

    /// A job that learned a style, and its path.
    private static func tuned() throws -> (TestService, String) {
        let bench = try TestService()
        return (bench, "/v1/jobs/\(try bench.tune("ink", [wait]).job().id)")
    }

    /// Both photos in one request, and the group's path.
    private static func grouped(_ fields: [String] = []) throws -> (TestService, WireClient.Response) {
        let bench = try TestService()
        return (bench, try bench.sketch([.photo(), .photo(Pictures.photo("b")), .text("text", "t")], fields))
    }

    private static func full() throws -> TestService { try TestService { $0.openJobs = 0 } }
    private static func withoutDisk() throws -> TestService { try TestService { $0.freeDiskBytes = .max } }
    private static func forSmallPhotos() throws -> TestService { try TestService { $0.photoBytes = 9 } }

    /// A client that waits for a picture whose job somebody cancels.
    private static func cancelled(_ method: String, _ path: String) throws -> WireClient.Response {
        let bench = try TestService(FakePainter(.waitForRelease))
        let client = try bench.client()
        let fields = [Part.contentType, "Accept: image/png"]
        client.send(TestService.bytes(method, path, fields, body: Part.form(text)))
        guard bench.painter.hasStarted() else { throw WireClient.Trouble.timedOut }
        for id in bench.folder.names("data/jobs") { _ = try bench.request("DELETE", "/v1/jobs/\(id)") }
        return try client.response()
    }

    // MARK: Work

    private static let learning: [Scene] = {
        let operation = "POST /v1/instructions"
        return [
            (operation, 200, { try TestService().tune("ink", [wait]) }),
            (operation, 202, { try TestService(FakePainter(.waitForRelease)).tune("ink", [once]) }),
            (operation, 400, { try post(TestService(), "/v1/instructions", "multipart/form-data; boundary=b", "x") }),
            (operation, 409, { try learned().tune("ink") }),
            (operation, 413, { try forSmallPhotos().tune("ink") }),
            (operation, 415, { try post(TestService(), "/v1/instructions", "text/plain", "x") }),
            (operation, 422, { try TestService().tune("No Name") }),
            (operation, 503, { try full().tune("ink") }), (operation, 507, { try withoutDisk().tune("ink") }),
        ]
    }()

    private static let sketching: [Scene] = {
        let operation = "POST /v1/sketch"
        return [
            (operation, 200, { try TestService().sketch(text, [wait]) }),
            (operation, 200, { try learned().sketch([.photo(), .text("style", "ink")], ["Accept: image/png"]) }),
            (operation, 200, { try grouped([wait]).1 }),
            (
                operation, 200,
                {
                    let bench = try TestService()
                    _ = try bench.sketch(text, [wait, once])
                    return try bench.sketch(text, [once])
                }
            ),
            (operation, 202, { try TestService(FakePainter(.waitForRelease)).sketch(text) }),
            (operation, 400, { try TestService().sketch(text, ["Accept: ;;"]) }),
            (operation, 404, { try TestService().sketch([.photo(), .text("style", "none")]) }),
            (operation, 406, { try TestService().sketch(text, ["Accept: text/html"]) }),
            (operation, 409, { try cancelled("POST", "/v1/sketch") }),
            (operation, 413, { try forSmallPhotos().sketch(text) }),
            (operation, 415, { try post(TestService(), "/v1/sketch", "text/plain", "x") }),
            (operation, 422, { try TestService().sketch([.photo(), .text("steps", "0")]) }),
            (operation, 503, { try full().sketch(text) }), (operation, 507, { try withoutDisk().sketch(text) }),
        ]
    }()

    private static let putting: [Scene] = {
        let operation = "PUT /v1/jobs/{id}"
        let pair: [Part] = [.photo(), .file("sketch", Pictures.photo("drawn")), .text("name", "ink")]
        return [
            (operation, 200, { try put(TestService(), text, [wait]) }),
            (operation, 200, { try put(TestService(), text, ["Accept: image/png"]) }),
            (
                operation, 200,
                {
                    let bench = try TestService(FakePainter(.waitForRelease))
                    _ = try put(bench, pair)
                    return try put(bench, pair)
                }
            ),
            (operation, 202, { try put(TestService(FakePainter(.waitForRelease)), pair) }),
            (operation, 400, { try put(TestService(), text, ["Accept: ;;"]) }),
            (operation, 404, { try put(TestService(), [.photo(), .text("style", "none")]) }),
            (operation, 406, { try put(TestService(), text, ["Accept: text/html"]) }),
            (
                operation, 410,
                {
                    let bench = try TestService()
                    _ = try put(bench, text, [wait])
                    _ = try bench.request("DELETE", "/v1/jobs/\(uuid)")
                    return try put(bench, text)
                }
            ),
            (operation, 409, { try cancelled("PUT", "/v1/jobs/\(uuid)") }),
            (operation, 413, { try put(forSmallPhotos(), text) }),
            (operation, 415, { try post(TestService(), "/v1/jobs/\(uuid)", "text/plain", "x", "PUT") }),
            (operation, 422, { try put(TestService(), text, id: "7") }),
            (operation, 503, { try put(full(), text) }), (operation, 507, { try put(withoutDisk(), text) }),
        ]
    }()

    // MARK: Jobs

    private static let jobs: [Scene] = [
        (
            "GET /v1/jobs", 200,
            {
                let (bench, _) = try drawn()
                _ = try bench.sketch(text, [wait])
                return try bench.request("GET", "/v1/jobs?limit=1")
            }
        ),
        ("GET /v1/jobs", 422, { try TestService().request("GET", "/v1/jobs?limit=0") }),
        (
            "GET /v1/jobs/{id}", 200,
            {
                let (bench, path) = try drawn(FakePainter(.fail(.styleUnusable("Broken."))))
                return try bench.request("GET", path)
            }
        ),
        (
            "GET /v1/jobs/{id}", 200,
            {
                // One that has ended gives the pace, so that the next have a forecast.
                let (bench, _) = try drawn()
                bench.painter.behave(.waitForRelease)
                _ = try bench.sketch(text)
                return try bench.request("GET", "/v1/jobs/\(try bench.sketch(text).job().id)")
            }
        ),
        (
            "GET /v1/jobs/{id}", 304,
            {
                let (bench, path) = try drawn()
                let tag = try bench.request("GET", path).fields["etag"] ?? ""
                return try bench.request("GET", path, ["If-None-Match: \(tag)"])
            }
        ),
        ("DELETE /v1/jobs/{id}", 200, { try ask("DELETE", queued()) }),
        ("DELETE /v1/jobs/{id}", 202, { try ask("DELETE", running()) }),
        ("DELETE /v1/jobs/{id}", 204, { try ask("DELETE", drawn()) }),
        ("POST /v1/jobs/{id}/cancel", 200, { try ask("POST", queued(), "/cancel") }),
        ("POST /v1/jobs/{id}/cancel", 202, { try ask("POST", running(), "/cancel") }),
        ("POST /v1/jobs/{id}/cancel", 409, { try ask("POST", drawn(), "/cancel") }),
        (
            "POST /v1/jobs/{id}/retry", 202,
            { try ask("POST", drawn(FakePainter(.fail(.styleUnusable("Broken.")))), "/retry") }
        ),
        ("POST /v1/jobs/{id}/retry", 409, { try ask("POST", running(), "/retry") }),
        (
            "POST /v1/jobs/{id}/retry", 503,
            {
                let (bench, _) = try running { $0.openJobs = 2 }
                let id = try bench.sketch(text).job().id
                _ = try bench.request("DELETE", "/v1/jobs/\(id)")
                _ = try bench.sketch(text)
                return try bench.request("POST", "/v1/jobs/\(id)/retry")
            }
        ),
    ]

    private static func ask(
        _ method: String, _ job: (TestService, String), _ rest: String = "", _ fields: [String] = []
    )
        throws -> WireClient.Response
    { try job.0.request(method, job.1 + rest, fields) }

    private static let watching: [Scene] = {
        let operation = "GET /v1/jobs/{id}/events"
        return [
            (
                operation, 200,
                {
                    // A forecast needs a job that ended before; HTTP/1.0 gets the events without chunks.
                    let (bench, _) = try drawn()
                    bench.painter.behave(.waitForRelease)
                    _ = try bench.sketch(text)
                    let id = try bench.sketch(text).job().id
                    let client = try bench.client()
                    client.send("GET /v1/jobs/\(id)/events HTTP/1.0\r\nHost: a\r\n\r\n")
                    try client.waitFor("event: queued")
                    for _ in 0..<2 { bench.painter.release() }
                    var answer = try client.response()
                    answer.body = try client.rest().bytes
                    return answer
                }
            ),
            (operation, 204, { try ask("GET", drawn(), "/events", ["Last-Event-ID: 9-3-0"]) }),
            (operation, 400, { try ask("GET", drawn(), "/events", ["Accept: ;;"]) }),
            (operation, 406, { try ask("GET", drawn(), "/events", ["Accept: image/png"]) }),
        ]
    }()

    private static let results: [Scene] = {
        let operation = "GET /v1/jobs/{id}/result"
        return [
            (operation, 200, { try ask("GET", drawn(), "/result") }),
            (operation, 206, { try ask("GET", drawn(), "/result", ["Range: bytes=0-3"]) }),
            (operation, 304, { try ask("GET", drawn(), "/result", ["If-None-Match: *"]) }),
            (operation, 404, { try ask("GET", tuned(), "/result") }),
            (operation, 409, { try ask("GET", running(), "/result") }),
            (operation, 416, { try ask("GET", drawn(), "/result", ["Range: bytes=999-"]) }),
            (operation, 422, { try ask("GET", drawn(FakePainter(.fail(.styleUnusable("Broken.")))), "/result") }),
        ]
    }()

    private static let groups: [Scene] = {
        let operation = "GET /v1/groups/{id}"
        @Sendable func group() throws -> (TestService, String) {
            let (bench, answer) = try grouped([wait])
            return (bench, answer.fields["location"] ?? "")
        }
        return [
            (operation, 200, { try ask("GET", group()) }),
            (operation, 304, { try ask("GET", group(), "", ["If-None-Match: *"]) }),
            (
                operation, 410,
                {
                    let (bench, path) = try group()
                    for id in bench.folder.names("data/jobs") { _ = try bench.request("DELETE", "/v1/jobs/\(id)") }
                    return try bench.request("GET", path)
                }
            ),
        ]
    }()

    // MARK: Styles

    private static let styles: [Scene] = [
        ("GET /v1/styles", 200, { try learned().request("GET", "/v1/styles") }),
        ("GET /v1/styles/{name}", 200, { try learned().request("GET", "/v1/styles/ink") }),
        ("GET /v1/styles/{name}/export", 200, { try learned().request("GET", "/v1/styles/ink/export") }),
        ("GET /v1/styles/{name}/thumbnail", 200, { try learned().request("GET", "/v1/styles/ink/thumbnail") }),
        ("DELETE /v1/styles/{name}", 204, { try learned().request("DELETE", "/v1/styles/ink") }),
    ]

    private static let changing: [Scene] = {
        let (taking, patching) = ("POST /v1/styles/import", "PATCH /v1/styles/{name}")
        let bytes = "application/octet-stream"
        @Sendable func take(_ bench: TestService, _ type: String = bytes, _ body: String = "style ink 7") throws
            -> WireClient.Response
        { try post(bench, "/v1/styles/import", type, body) }
        @Sendable func patch(_ bench: TestService, _ body: String, _ type: String = "application/merge-patch+json")
            throws
            -> WireClient.Response
        { try post(bench, "/v1/styles/ink", type, body, "PATCH") }
        return [
            (taking, 201, { try take(TestService()) }),
            (taking, 400, { try take(TestService(), "multipart/form-data; boundary=b", "x") }),
            (taking, 409, { try take(learned()) }),
            (taking, 413, { try take(TestService { $0.styleBytes = 4 }) }),
            (taking, 415, { try take(TestService(), "text/plain") }),
            (taking, 422, { try take(TestService(), bytes, "rubbish") }), (taking, 507, { try take(withoutDisk()) }),
            (patching, 200, { try patch(learned(), #"{"description":"Brown."}"#) }),
            (patching, 400, { try patch(learned(), "{") }),
            (
                patching, 409,
                {
                    let bench = try learned()
                    _ = try bench.tune("chalk", [wait])
                    return try patch(bench, #"{"name":"chalk"}"#)
                }
            ),
            (patching, 413, { try patch(learned(), #"{"name":""# + String(repeating: "a", count: 9000) + #""}"#) }),
            (patching, 415, { try patch(learned(), "x", "text/plain") }),
            (patching, 422, { try patch(learned(), "{}") }),
            (patching, 507, { try patch(withoutDisk(), "{}") }),
        ]
    }()

    // MARK: The service

    private static let status: [Scene] = [
        ("GET /v1/info", 200, { try TestService().request("GET", "/v1/info") }),
        ("GET /metrics", 200, { try TestService().request("GET", "/metrics") }),
        ("GET /healthz", 200, { try TestService().request("GET", "/healthz") }),
        ("GET /readyz", 200, { try TestService().request("GET", "/readyz") }),
        ("GET /readyz", 503, { try withoutDisk().request("GET", "/readyz") }),
        ("GET /openapi.yaml", 200, { try TestService().request("GET", "/openapi.yaml") }),
        ("GET /openapi.yaml", 404, { try TestService(openAPI: nil).request("GET", "/openapi.yaml") }),
        ("GET /", 200, { try TestService().request("GET", "/") }),
    ]
}
