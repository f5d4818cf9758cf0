// Styles over the wire: learned from a pair, listed, exported, imported, removed, and the names they may have.

import LimnerProtocol
import LimnerServer
import Testing

@Suite("POST /v1/instructions and /v1/styles", .timeLimit(.minutes(1)))
struct StyleRouteTests {
    private func learned(_ name: String = "ink") throws -> TestService {
        let bench = try TestService()
        #expect(try bench.tune(name, ["Prefer: wait=20"]).job().status == .succeeded)
        return bench
    }

    @Test("a pair becomes a style")
    func learns() throws {
        let bench = try learned()
        let response = try bench.request("GET", "/v1/styles/ink")
        let style = try WireJSON.decode(StyleDocument.self, from: response.body)
        #expect(style.name == "ink" && style.rows == 77 && style.thumbnail == "/v1/styles/ink/thumbnail")
    }

    @Test("a learned style draws, and its hash stands in the result")
    func draws() throws {
        let bench = try learned()
        let response = try bench.sketch([.photo(), .text("style", "ink")], ["Accept: image/png"])
        #expect(response.status == 200 && response.fields["limner-style"] == "ink")
        #expect(response.fields["limner-style-hash"] == bench.painter.sketches.first?.styles.first?.hash)
    }

    @Test("a name that is taken is 409")
    func nameTaken() throws {
        let bench = try learned()
        #expect(try bench.tune("ink").status == 409)
    }

    @Test("a name that is being learned is 409")
    func nameReserved() throws {
        let bench = try TestService(FakePainter(.waitForRelease))
        #expect(try bench.tune("ink").status == 202)
        #expect(try bench.tune("ink").status == 409)
        #expect(bench.folder.names("data/jobs").count == 1)
    }

    @Test("a name that is no name is 422", arguments: ["../ink", "Ink", ""])
    func badName(_ name: String) throws {
        let bench = try TestService()
        #expect(try bench.tune(name).status == 422)
    }

    @Test("a pair without its sketch is 422")
    func missingSketch() throws {
        let bench = try TestService()
        let form = Part.form([.photo(), .text("name", "ink")])
        let response = try bench.request("POST", "/instructions", [Part.contentType], body: form)
        #expect(response.status == 422)
        #expect(try response.problem().errors?.map(\.field) == ["sketch"])
    }

    @Test("styles are listed without their curves")
    func lists() throws {
        let bench = try learned()
        let list = try WireJSON.decode(StyleList.self, from: try bench.request("GET", "/styles").body)
        #expect(list.styles.map(\.name) == ["ink"] && list.styles.first?.probe == nil)
    }

    @Test("a thumbnail is a picture")
    func thumbnail() throws {
        let bench = try learned()
        let response = try bench.request("GET", "/v1/styles/ink/thumbnail")
        #expect(response.fields["content-type"] == "image/png" && response.body == Pictures.png)
    }

    @Test("an export imported under another name is the same style")
    func travels() throws {
        let bench = try learned()
        let file = try bench.request("GET", "/v1/styles/ink/export")
        #expect(file.fields["content-disposition"]?.hasPrefix("attachment; filename=\"ink.safetensors\"") == true)
        let response = try bench.request(
            "POST", "/v1/styles/import?name=copy", ["Content-Type: application/octet-stream"], body: file.body)
        #expect(response.status == 201 && response.fields["location"] == "/v1/styles/copy")
        let copy = try WireJSON.decode(StyleDocument.self, from: response.body)
        #expect(file.fields["etag"] == "\"\(copy.hash)\"")
    }

    @Test("importing onto a taken name is 409")
    func importTaken() throws {
        let bench = try learned()
        let form = Part.form([.file("style", Array("style ink 7".utf8))])
        #expect(try bench.request("POST", "/styles/import", [Part.contentType], body: form).status == 409)
    }

    @Test("importing what is no style is 422")
    func importRubbish() throws {
        let bench = try TestService()
        let form = Part.form([.file("style", Array("rubbish".utf8)), .text("name", "ink")])
        let response = try bench.request("POST", "/styles/import", [Part.contentType], body: form)
        #expect(response.status == 422 && !response.text.contains(bench.folder.path), "no path of this machine")
    }

    private func patch(_ bench: TestService, _ json: String, _ type: String = "application/merge-patch+json") throws
        -> WireClient.Response
    {
        try bench.request("PATCH", "/v1/styles/ink", ["Content-Type: \(type)"], body: Array(json.utf8))
    }

    @Test("a style gets another name and a description, and draws as before")
    func changes() throws {
        let bench = try learned()
        let hash = try WireJSON.decode(StyleDocument.self, from: bench.request("GET", "/v1/styles/ink").body).hash
        let response = try patch(bench, #"{"name": "sepia", "description": "Brown ink on rough paper."}"#)
        #expect(response.status == 200 && response.fields["location"] == "/v1/styles/sepia")
        let style = try WireJSON.decode(StyleDocument.self, from: bench.request("GET", "/v1/styles/sepia").body)
        #expect(style.description == "Brown ink on rough paper." && style.hash == hash)
        #expect(try bench.request("GET", "/v1/styles/ink").status == 404)
        #expect(try bench.sketch([.photo(), .text("style", "sepia")], ["Accept: image/png"]).status == 200)
    }

    @Test("null takes a description away, and a form does what JSON does")
    func describes() throws {
        let bench = try learned()
        let form = Part.form([.text("description", "Brown.")])
        let described = try bench.request("PATCH", "/styles/ink", [Part.contentType], body: form)
        #expect(try WireJSON.decode(StyleDocument.self, from: described.body).description == "Brown.")
        let bare = try patch(bench, #"{"description": null}"#, "application/json")
        #expect(try WireJSON.decode(StyleDocument.self, from: bare.body).description == nil)
    }

    @Test(
        "a change that cannot be is refused and changes nothing",
        arguments: [
            ("{}", 422), (#"{"name": "../x"}"#, 422), (#"{"name": null}"#, 422), (#"{"colour": "red"}"#, 422),
            (#"{"description": "a\nb"}"#, 422), ("[]", 400), ("{", 400), (#"{"name": 5}"#, 400),
        ])
    func refusesChanges(_ json: String, _ status: Int) throws {
        let bench = try learned()
        #expect(try patch(bench, json).status == status)
        #expect(try bench.request("GET", "/v1/styles/ink").status == 200)
    }

    @Test("a name that is taken, or being learned, cannot be given: 409")
    func renameTaken() throws {
        let bench = try learned()
        _ = try bench.tune("chalk", ["Prefer: wait=20"])
        #expect(try patch(bench, #"{"name": "chalk"}"#).status == 409)
        bench.painter.behave(.waitForRelease)
        _ = try bench.tune("water")
        #expect(try patch(bench, #"{"name": "water"}"#).status == 409)
    }

    @Test("a description outlives a restart")
    func keepsDescription() throws {
        let folder = TemporaryFolder()
        let first = try TestService(folder: folder)
        _ = try first.tune("ink", ["Prefer: wait=20"])
        #expect(try patch(first, #"{"description": "Brown."}"#).status == 200)
        first.service.stop()
        let style = try TestService(folder: folder).request("GET", "/v1/styles/ink")
        #expect(try WireJSON.decode(StyleDocument.self, from: style.body).description == "Brown.")
    }

    @Test("a style that was damaged on disk is set aside: 404 for it, and the others serve")
    func damaged() throws {
        let bench = try learned()
        _ = try bench.tune("chalk", ["Prefer: wait=20"])
        bench.folder.write(Array("style in".utf8), to: "registry/styles/ink/style.safetensors")
        for path in ["/v1/styles/ink", "/v1/styles/ink/export"] {
            #expect(try bench.request("GET", path).status == 404)
        }
        #expect(bench.folder.names("registry/quarantine").count == 1)
        #expect(try bench.request("GET", "/v1/styles/chalk/export").status == 200)
    }

    @Test("a style cut short on its way in is 422 and leaves its name free", arguments: [0, 3])
    func importCutShort(_ count: Int) throws {
        let bench = try TestService()
        let form = Part.form([.file("style", Array("style".utf8.prefix(count))), .text("name", "ink")])
        #expect(try bench.request("POST", "/styles/import", [Part.contentType], body: form).status == 422)
        #expect(try bench.tune("ink").status == 202)
    }

    @Test("a removed style is 404")
    func removes() throws {
        let bench = try learned()
        #expect(try bench.request("DELETE", "/v1/styles/ink").status == 204)
        #expect(try bench.request("GET", "/v1/styles/ink").status == 404)
        #expect(try bench.request("DELETE", "/v1/styles/ink").status == 404)
    }
}
