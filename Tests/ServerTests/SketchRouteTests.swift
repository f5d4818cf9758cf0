// POST /v1/sketch over the wire: what is accepted, how it is answered, and every way it is refused.

import LimnerProtocol
import LimnerServer
import Testing

@Suite("POST /v1/sketch", .timeLimit(.minutes(1)))
struct SketchRouteTests {
    @Test("a form is accepted with 202, its address and the job")
    func accepts() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let response = try bench.sketch()
        let job = try response.job()
        #expect(response.status == 202)
        #expect(response.fields["location"] == "/v1/jobs/\(job.id)")
        #expect(response.fields["retry-after"] != nil)
        #expect(job.kind == .sketch && job.seed != nil)
    }

    @Test("every answer carries id, date, nosniff and no-store")
    func dressesAnswers() throws {
        let bench = try TestService()
        for response in [try bench.sketch(), try bench.request("GET", "/nowhere")] {
            #expect(response.fields["x-request-id"]?.count == 16)
            #expect(response.fields["date"]?.hasSuffix(" GMT") == true)
            #expect(response.fields["x-content-type-options"] == "nosniff")
            #expect(response.fields["cache-control"] == "no-store")
        }
    }

    @Test("photo and job are on disk when 202 arrives")
    func isDurable() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let id = try bench.sketch([.photo(Pictures.photo("me")), .text("text", "t")]).job().id
        #expect(bench.folder.read("data/jobs/\(id)/photo") == Pictures.photo("me"))
        #expect(bench.folder.names("data/staging").isEmpty)
    }

    @Test("the painter gets the options as they were sent")
    func passesOptions() throws {
        let bench = try TestService()
        let parts: [Part] = [
            .photo(), .text("text", "in ink"), .text("steps", "12"), .text("text_guidance", "6.5"),
            .text("image_guidance", "1.25"), .text("seed", "42"), .text("sampler", "euler"), .text("size", "512"),
            .text("format", "jpeg"),
        ]
        _ = try bench.sketch(parts, ["Prefer: wait=20"])
        let order = try #require(bench.painter.sketches.first)
        #expect(order.text == "in ink" && order.steps == 12 && order.seed == 42 && order.sampler == "euler")
        #expect(order.textGuidance == 6.5 && order.imageGuidance == 1.25)
        #expect(order.size == .longSide(512) && order.format == .jpeg)
    }

    @Test("a raw image with options in the query is the same request")
    func takesRawBody() throws {
        let bench = try TestService()
        let response = try bench.request(
            "POST", "/sketch?text=in+ink&seed=5", ["Content-Type: image/jpeg", "Prefer: wait=20"],
            body: Pictures.photo())
        #expect(response.status == 200)
        #expect(bench.painter.sketches.first?.text == "in ink" && bench.painter.sketches.first?.seed == 5)
    }

    @Test("Prefer: wait answers 200 with the ended job and says so")
    func waits() throws {
        let bench = try TestService()
        let response = try bench.sketch([.photo(), .text("text", "t")], ["Prefer: wait=20"])
        #expect(response.status == 200)
        #expect(response.fields["preference-applied"] == "wait=20")
        #expect(try response.job().status == .succeeded)
        #expect(try response.job().result?.width == 1)
    }

    @Test("a wait that runs out answers 202")
    func waitRunsOut() throws {
        let clock = ManualTimepiece()
        let bench = try TestService(FakePainter(.waitForRelease), timepiece: clock)
        let client = try bench.client()
        let form = Part.form([.photo(), .text("text", "t")])
        client.send(TestService.bytes("POST", "/sketch", [Part.contentType, "Prefer: wait=5"], body: form))
        #expect(bench.painter.hasStarted())
        clock.advance(6)
        let response = try client.response()
        #expect(response.status == 202)
        #expect(response.fields["preference-applied"] == "wait=5")
        #expect(try response.job().status == .running)
    }

    @Test("Accept: image/png waits by default and answers the picture with what made it")
    func answersPicture() throws {
        let bench = try TestService()
        let parts: [Part] = [.photo(), .text("text", "t"), .text("seed", "77")]
        let response = try bench.sketch(parts, ["Accept: image/png"])
        #expect(response.status == 200)
        #expect(response.fields["content-type"] == "image/png")
        #expect(response.body == Pictures.png)
        #expect(response.fields["limner-seed"] == "77")
        #expect(response.fields["limner-model"] == "0badc0de")
        #expect(response.fields["limner-sampler"] == "ddim")
        #expect(response.fields["server-timing"]?.contains("encode;dur=250") == true)
    }

    @Test("Accept: image/jpeg asks for a JPEG")
    func formatFollowsAccept() throws {
        let bench = try TestService()
        let response = try bench.sketch([.photo(), .text("text", "t")], ["Accept: image/jpeg"])
        #expect(response.fields["content-type"] == "image/jpeg")
        #expect(bench.painter.sketches.first?.format == .jpeg)
    }

    @Test("an Accept that nothing fits is 406")
    func notAcceptable() throws {
        let bench = try TestService()
        #expect(try bench.sketch([.photo(), .text("text", "t")], ["Accept: audio/ogg"]).status == 406)
    }

    @Test("a job that fails while a picture is waited for is a problem")
    func failsWhileWaiting() throws {
        let bench = try TestService(FakePainter(.fail(.styleUnusable("Made for another model."))))
        let response = try bench.sketch([.photo(), .text("text", "t")], ["Accept: image/png"])
        #expect(response.status == 422)
        #expect(response.fields["content-type"] == Problem.mediaType)
        #expect(try response.problem().detail == "Made for another model.")
    }

    @Test("a style that is not there is 404")
    func unknownStyle() throws {
        let bench = try TestService()
        let response = try bench.sketch([.photo(), .text("style", "ink")])
        #expect(response.status == 404)
        #expect(try response.problem().requestID == response.fields["x-request-id"])
        #expect(bench.folder.names("data/staging").isEmpty)
    }

    @Test("a style that is being learned is 404 with the job's address")
    func styleBeingLearned() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        let job = try bench.tune("ink").job()
        let response = try bench.sketch([.photo(), .text("style", "ink")])
        #expect(response.status == 404)
        #expect(try response.problem().instance == "/v1/jobs/\(job.id)")
    }

    @Test("a job keeps its style though the registry loses it")
    func keepsStyle() throws {
        let bench = try TestService()
        _ = try bench.tune("ink", ["Prefer: wait=20"])
        bench.painter.behave(.waitForRelease)
        let id = try bench.sketch([.photo(), .text("style", "ink")]).job().id
        #expect(bench.painter.hasStarted())
        #expect(try bench.request("DELETE", "/v1/styles/ink").status == 204)
        bench.painter.release()
        #expect(try bench.job(id, wait: true).status == .succeeded)
        #expect(bench.folder.exists("data/jobs/\(id)/style/style.safetensors"))
    }

    @Test("a photo that is no picture, or has too many pixels, is 422", arguments: ["text", "huge"])
    func refusesPhoto(_ kind: String) throws {
        let bench = try TestService()
        let bytes = kind == "text" ? Array("not a picture".utf8) : Pictures.photo("huge")
        #expect(try bench.sketch([.photo(bytes), .text("text", "t")]).status == 422)
        #expect(bench.folder.names("data/jobs").isEmpty)
    }

    @Test("options out of range are all named")
    func namesBadOptions() throws {
        let bench = try TestService()
        let response = try bench.sketch([.photo(), .text("text", "t"), .text("steps", "0"), .text("seed", "-1")])
        #expect(response.status == 422)
        #expect(try response.problem().errors?.map(\.field) == ["steps", "seed"])
    }

    @Test("neither photo nor style is 422 with the field's name")
    func missingPhoto() throws {
        let bench = try TestService()
        let response = try bench.sketch([.text("text", "t")])
        #expect(response.status == 422)
        #expect(try response.problem().errors?.map(\.field) == ["photo"])
    }

    @Test("a body that is neither form nor picture is 415", arguments: ["text/plain", "application/json"])
    func wrongMediaType(_ type: String) throws {
        let bench = try TestService()
        let response = try bench.request("POST", "/sketch", ["Content-Type: \(type)"], body: [1, 2, 3])
        #expect(response.status == 415)
        #expect(response.fields["accept-post"] == "multipart/form-data, image/*")
    }

    @Test(
        "what is taken instead stands in the method's own field",
        arguments: [
            ("PATCH", "/v1/styles/ink", "accept-patch"),
            ("PUT", "/v1/jobs/0b9f4c9e-5a53-4ec4-9a43-0f7f2f3fd0c2", "accept"),
        ])
    func acceptedTypes(_ method: String, _ path: String, _ field: String) throws {
        let response = try TestService().request(method, path, ["Content-Type: text/plain"], body: [1])
        #expect(response.status == 415)
        #expect(response.fields[field]?.hasPrefix("multipart/form-data, ") == true)
        #expect(response.fields["accept-post"] == nil)
    }

    @Test("a form without its last boundary is 400")
    func brokenForm() throws {
        let bench = try TestService()
        let form = Array(Part.form([.photo()]).dropLast(4))
        #expect(try bench.request("POST", "/sketch", [Part.contentType], body: form).status == 400)
        #expect(bench.folder.names("data/staging").isEmpty)
    }

    @Test("a full disk is 507 before anything is accepted")
    func fullDisk() throws {
        let bench = try TestService { $0.freeDiskBytes = 1 << 60 }
        #expect(try bench.sketch().status == 507)
        #expect(try bench.request("GET", "/readyz").status == 503)
        #expect(try bench.request("GET", "/readyz").text.contains("disk"))
    }

    @Test("a full queue is 503 with Retry-After")
    func fullQueue() throws {
        let bench = try TestService(FakePainter(.waitForRelease)) { $0.openJobs = 1 }
        #expect(try bench.sketch().status == 202)
        let response = try bench.sketch()
        #expect(response.status == 503 && response.fields["retry-after"] != nil)
    }
}
