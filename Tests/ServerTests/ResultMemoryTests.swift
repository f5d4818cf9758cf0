// Results that are asked for again come from memory, and nobody can tell but by the clock.

import LimnerProtocol
import LimnerServer
import Testing

@Suite("Results asked for again", .timeLimit(.minutes(1)))
struct ResultMemoryTests {
    @Test("the second answer is the first but for its request's id")
    func same() throws {
        let bench = try TestService()
        let result = try Self.result(bench)
        let answers = try (0..<3).map { _ in try bench.request("GET", result) }
        for answer in answers {
            #expect(answer.status == 200 && answer.body == Pictures.png)
            #expect(answer.fields["x-limner-seed"] == answers[0].fields["x-limner-seed"])
            #expect(answer.fields["etag"] == answers[0].fields["etag"])
        }
        #expect(Set(answers.map { $0.fields["x-request-id"] ?? "" }).count == 3)
    }

    @Test("a result that is purged is gone at once")
    func purged() throws {
        let bench = try TestService()
        let result = try Self.result(bench)
        for _ in 0..<2 { #expect(try bench.request("GET", result).status == 200) }
        #expect(try bench.request("DELETE", String(result.dropLast("/result".count))).status < 300)
        #expect(try bench.request("GET", result).status == 410)
    }

    @Test("ranges and conditions are judged as ever")
    func conditions() throws {
        let bench = try TestService()
        let result = try Self.result(bench)
        let whole = try bench.request("GET", result)
        let part = try bench.request("GET", result, ["Range: bytes=1-3"])
        #expect(part.status == 206 && part.body == Array(Pictures.png[1...3]))
        let tag = try #require(whole.fields["etag"])
        #expect(try bench.request("GET", result, ["If-None-Match: \(tag)"]).status == 304)
        let head = try bench.request("HEAD", result)
        #expect(head.status == 200 && head.fields["content-length"] == String(Pictures.png.count))
    }

    /// The path of a finished job's result.
    private static func result(_ bench: TestService) throws -> String {
        let id = try bench.sketch().job().id
        #expect(try bench.job(id, wait: true).status == .succeeded)
        return "/v1/jobs/\(id)/result"
    }
}
