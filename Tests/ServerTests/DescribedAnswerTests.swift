// Every answer that openapi.yaml describes is asked for once, and held to what it says there: status, type, fields, and
// each member of each document. What is described and never comes fails too, as does what comes and is not described.

import Dispatch
import LimnerProtocol
import LimnerServer
import Synchronization
import Testing

@Suite("The answers of openapi.yaml", .timeLimit(.minutes(2)))
struct DescribedAnswerTests {
    let api: APIDescription

    init() throws { api = try APIDescription.load() }

    /// Described and not played here: a job whose attempts are used up takes a minute of them, 512 open streams more
    /// descriptors than a test should, and a job is removed just when it is answered by chance alone.
    private static let unplayed: Set = [
        "POST /v1/instructions 410", "POST /v1/sketch 410",
        "POST /v1/sketch 500", "PUT /v1/jobs/{id} 500", "GET /v1/jobs/{id}/result 500", "GET /v1/jobs/{id}/result 503",
        "GET /v1/jobs/{id}/events 503",
    ]

    @Test("every answer is described, and every description is of an answer")
    func answers() throws {
        var played: Set<String> = []
        var seen: Set<String> = []
        for (name, status, answer) in try refusals() + Self.play(AnswerScenes.all) {
            let operation = try #require(api.operations.first { $0.name == name }, "\(name)")
            #expect(answer.status == status, "\(name): \(answer.text)")
            let finding = api.look(at: answer, to: operation)
            #expect(finding.faults == [], "\(name)")
            seen.formUnion(finding.seen)
            played.insert("\(name) \(answer.status)")
        }
        let described = api.operations.flatMap { operation in
            api.statuses(operation).map { "\(operation.name) \($0)" }
        }
        #expect(Set(described).subtracting(played) == Self.unplayed)
        #expect(try membersOfAnswers().subtracting(seen) == [])
    }

    /// Where all members of all documents are that operations answer with.
    private func membersOfAnswers() throws -> Set<String> {
        var members: Set<String> = []
        for name in ["Event", "Job", "JobList", "Group", "Style", "StyleList", "Info", "Health", "Problem"] {
            api.check.properties("#/components/schemas/\(name)", into: &members)
        }
        for name in ["Queued", "Started", "Progress", "Preview"] {
            api.check.properties("#/components/schemas/\(name)Event", into: &members)
        }
        return members
    }

    /// Plays scenes beside one another: each waits for disks and threads of its own service.
    private static func play(_ scenes: [AnswerScenes.Scene]) throws -> [AnswerScenes.Played] {
        let played = Mutex<[Result<AnswerScenes.Played, any Error>]>([])
        DispatchQueue.concurrentPerform(iterations: scenes.count) { number in
            let (operation, status, play) = scenes[number]
            let result = Result { AnswerScenes.Played(operation, status, try play()) }
            played.withLock { $0.append(result) }
        }
        return try played.withLock { try $0.map { try $0.get() } }
    }

    /// Refusals that operations have in common: 401, 403, 404, 410 and 429.
    private func refusals() throws -> [AnswerScenes.Played] {
        let scenes = api.operations.filter { !api.isOpen($0) }.flatMap { operation in
            api.statuses(operation).compactMap { status -> AnswerScenes.Scene? in
                guard isCommon(status, operation) else { return nil }
                return (operation.name, status, { try Self.refusal(status, operation) })
            }
        }
        return try Self.play(scenes)
    }

    private func isCommon(_ status: Int, _ operation: APIDescription.Operation) -> Bool {
        switch status {
        case 401, 403, 429: true
        case 404: operation.path.contains("{") && operation.method != "PUT"
        case 410: operation.path.contains("/jobs/{id}") && operation.method != "PUT"
        default: false
        }
    }

    /// A request that is refused so: without a key, with one that lacks a scope or has used its rate up, or about what
    /// is not there or not there any more.
    private static func refusal(_ status: Int, _ operation: APIDescription.Operation) throws -> WireClient.Response {
        let folder = TemporaryFolder()
        let (mine, read) = (try folder.addKey("mine", [.submit]), try folder.addKey("read", [.read]))
        let admin = try folder.addKey("admin", [.admin], rate: status == 429 ? 1 : nil)
        let bench = try TestService(folder: folder)
        let id = try bench.sketch([.photo(), .text("text", "t")], [mine, "Prefer: wait=20"]).job().id
        if status == 410 { _ = try bench.request("DELETE", "/v1/jobs/\(id)", [mine]) }
        if status == 429 { _ = try bench.request("GET", "/v1/info", [admin]) }
        let keys = [401: nil, 403: operation.method == "GET" ? mine : read]
        return try ask(
            bench, operation, keys[status] ?? admin, id: status == 404 ? "5d7c2d0e-3c0b-4d5e-8a66-7f2d1f6a9b10" : id)
    }

    private static func ask(_ bench: TestService, _ operation: APIDescription.Operation, _ key: String?, id: String)
        throws -> WireClient.Response
    {
        let target = operation.path.replacing("{id}", with: id).replacing("{name}", with: "none")
        let isPatch = operation.method == "PATCH"
        let type = isPatch ? "Content-Type: application/json" : Part.contentType
        let body = isPatch ? Array(#"{"description":"d"}"#.utf8) : Part.form([.photo(), .text("text", "t")])
        let hasBody = ["POST", "PUT", "PATCH"].contains(operation.method)
        return try bench.request(
            operation.method, target, [key, hasBody ? type : nil].compactMap { $0 }, body: hasBody ? body : nil)
    }
}
