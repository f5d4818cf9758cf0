// One request for several sketches: photos by styles by seeds, each a job of its own in one group.

import FoundationEssentials
import LimnerProtocol
import LimnerServer
import Testing

@Suite("Groups", .timeLimit(.minutes(1)))
struct GroupTests {
    private static let two: [Part] = [.photo(Pictures.photo("one")), .photo(Pictures.photo("two"))]

    private func group(_ response: WireClient.Response) throws -> GroupDocument {
        try WireJSON.decode(GroupDocument.self, from: response.body)
    }

    /// A service that knows the styles `ink` and `chalk`.
    private func bench(_ painter: FakePainter = FakePainter()) throws -> TestService {
        let bench = try TestService(painter)
        for name in ["ink", "chalk"] {
            let form = Part.form([.file("style", Array("style \(name) 7".utf8)), .text("name", name)])
            #expect(try bench.request("POST", "/styles/import", [Part.contentType], body: form).status == 201)
        }
        return bench
    }

    @Test("every photo is drawn in every style with every seed")
    func multiplies() throws {
        let bench = try bench(FakePainter(.waitForRelease))
        let parts = Self.two + [.text("style", "ink"), .text("style", "chalk"), .text("n", "2"), .text("seed", "5")]
        let response = try bench.sketch(parts)
        let group = try group(response)
        #expect(response.status == 202 && response.fields["location"] == "/v1/groups/\(group.id)")
        #expect(group.jobs.map(\.photo) == [1, 1, 1, 1, 2, 2, 2, 2])
        #expect(group.jobs.map(\.style) == ["ink", "ink", "chalk", "chalk", "ink", "ink", "chalk", "chalk"])
        #expect(group.jobs.map(\.seed) == [5, 6, 5, 6, 5, 6, 5, 6])
        #expect(group.jobs.allSatisfy { $0.group == group.id })
    }

    @Test("each job has its own photo on disk when 202 arrives")
    func isDurable() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let group = try group(bench.sketch(Self.two + [.text("text", "t")]))
        let photos = group.jobs.map { bench.folder.read("data/jobs/\($0.id)/photo") }
        #expect(photos == [Pictures.photo("one"), Pictures.photo("two")])
        #expect(bench.folder.names("data/staging").isEmpty)
    }

    @Test("waiting on a group answers when all its jobs have ended")
    func waits() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let id = try group(bench.sketch(Self.two + [.text("text", "t")])).id
        let client = try bench.client()
        client.send(TestService.bytes("GET", "/v1/groups/\(id)", ["Prefer: wait=30"]))
        #expect(bench.painter.hasStarted())
        bench.painter.release()
        #expect(bench.painter.hasStarted())
        #expect(!client.isReadable(within: 50))
        bench.painter.release()
        let response = try client.response()
        #expect(response.fields["preference-applied"] == "wait=30")
        #expect(try group(response).jobs.map(\.status) == [.succeeded, .succeeded])
    }

    @Test("one job's failure leaves the others alone")
    func failsAlone() throws {
        let bench = try TestService(FakePainter(.failFirst(1, .styleUnusable("Broken."))))
        let group = try group(bench.sketch(Self.two + [.text("text", "t")], ["Prefer: wait=20"]))
        #expect(group.jobs.map(\.status) == [.failed, .succeeded])
        #expect(group.jobs[0].error?.detail == "Broken." && group.jobs[1].result != nil)
    }

    @Test("nothing is accepted when one photo is no picture")
    func allOrNone() throws {
        let bench = try TestService()
        let response = try bench.sketch([.photo(), .photo(Array("text".utf8)), .text("text", "t")])
        #expect(response.status == 422)
        #expect(try response.problem().errors?.first?.detail.hasPrefix("Photo 2: ") == true)
        #expect(bench.folder.names("data/jobs").isEmpty)
    }

    @Test("nothing is accepted when there is no room for all")
    func noRoom() throws {
        let bench = try TestService { $0.openJobs = 1 }
        #expect(try bench.sketch(Self.two + [.text("text", "t")]).status == 503)
        #expect(bench.folder.names("data/jobs").isEmpty)
    }

    @Test("more sketches than a request may ask for are 422")
    func tooMany() throws {
        let bench = try TestService()
        let photos = Array(repeating: Part.photo(), count: 9)
        let response = try bench.sketch(photos + [.text("text", "t"), .text("n", "8")])
        #expect(response.status == 422)
        #expect(try response.problem().errors?.map(\.field) == ["n"])
    }

    @Test("more photos than a request may bring are 422")
    func tooManyPhotos() throws {
        let bench = try TestService()
        let photos = Array(repeating: Part.photo(), count: OptionLimits.photos + 1)
        #expect(try bench.sketch(photos + [.text("text", "t")]).status == 422)
    }

    @Test("several sketches cannot be answered as one picture: 406")
    func noPicture() throws {
        let bench = try TestService()
        #expect(try bench.sketch(Self.two + [.text("text", "t")], ["Accept: image/png"]).status == 406)
    }

    @Test("a group repeated under its key is the same group")
    func replays() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let answers = try (0..<2).map { _ in
            try bench.sketch(Self.two + [.text("text", "t")], ["Idempotency-Key: once"])
        }
        #expect(try group(answers[0]).id == group(answers[1]).id)
        #expect(answers[1].fields["idempotency-replayed"] == "true")
    }

    @Test("PUT makes one job: several are 422")
    func putIsAlone() throws {
        let bench = try TestService()
        let form = Part.form(Self.two + [.text("text", "t")])
        let response = try bench.request("PUT", "/v1/jobs/\(JobID.make())", [Part.contentType], body: form)
        #expect(response.status == 422)
    }

    @Test("jobs are listed by their group")
    func lists() throws {
        let bench = try TestService()
        let made = try group(bench.sketch(Self.two + [.text("text", "t")]))
        _ = try bench.sketch()
        let list = try WireJSON.decode(JobList.self, from: bench.request("GET", "/v1/jobs?group=\(made.id)").body)
        #expect(list.jobs.map(\.id) == made.jobs.map(\.id).reversed())
    }

    @Test("a client that knows a group's state gets 304")
    func notModified() throws {
        let bench = try TestService()
        let id = try group(bench.sketch(Self.two + [.text("text", "t")], ["Prefer: wait=20"])).id
        let tag = try #require(try bench.request("GET", "/v1/groups/\(id)").fields["etag"])
        #expect(try bench.request("GET", "/v1/groups/\(id)", ["If-None-Match: \(tag)"]).status == 304)
    }

    @Test("a group that never was is 404, and one whose jobs were all removed 410")
    func missing() throws {
        let bench = try TestService()
        #expect(try bench.request("GET", "/v1/groups/\(JobID.make())").status == 404)
        let made = try group(bench.sketch(Self.two + [.text("text", "t")], ["Prefer: wait=20"]))
        for job in made.jobs { _ = try bench.request("DELETE", "/v1/jobs/\(job.id)") }
        #expect(try bench.request("GET", "/v1/groups/\(made.id)").status == 410)
    }
}

@Suite("Styles mixed", .timeLimit(.minutes(1)))
struct MixTests {
    private func bench(_ contents: [String: String] = ["ink": "style ink 7", "chalk": "style chalk 7"]) throws
        -> TestService
    {
        let bench = try TestService()
        for (name, content) in contents {
            let form = Part.form([.file("style", Array(content.utf8)), .text("name", name)])
            #expect(try bench.request("POST", "/styles/import", [Part.contentType], body: form).status == 201)
        }
        return bench
    }

    @Test("the painter gets every style of a mix with its weight, and the text beside it")
    func mixes() throws {
        let bench = try bench()
        let parts: [Part] = [.photo(), .text("style", "ink:3,chalk:1"), .text("text", "with a hat")]
        let response = try bench.sketch(parts, ["Accept: image/png"])
        let order = try #require(bench.painter.sketches.first)
        #expect(order.styles.map(\.name) == ["ink", "chalk"] && order.styles.map(\.weight) == [0.75, 0.25])
        #expect(Set(order.styles.map(\.folder)).count == 2 && order.text == "with a hat")
        #expect(response.fields["limner-style"] == "ink:0.75,chalk:0.25")
        #expect(response.fields["limner-style-hash"] == order.styles.map(\.hash).joined(separator: ","))
    }

    @Test("every style of a mix is kept with the job")
    func keepsStyles() throws {
        let bench = try bench()
        let parts: [Part] = [.photo(), .text("style", "ink,chalk")]
        let id = try bench.sketch(parts, ["Prefer: wait=20"]).job().id
        for folder in ["style", "style-1"] {
            #expect(bench.folder.exists("data/jobs/\(id)/\(folder)/style.safetensors"))
        }
    }

    @Test("a mix of styles for different models, or of different shapes, is 422")
    func disagrees() throws {
        let bench = try bench([
            "ink": "style ink 7", "foreign": "style foreign model:other", "short": "style short rows:5",
        ])
        for other in ["foreign", "short"] {
            let response = try bench.sketch([.photo(), .text("style", "ink,\(other)")])
            #expect(response.status == 422)
            #expect(try response.problem().errors?.first?.detail.contains(other) == true)
        }
    }

    @Test("a mix with a style that is not there is 404")
    func unknown() throws {
        #expect(try bench().sketch([.photo(), .text("style", "ink,water")]).status == 404)
    }
}
