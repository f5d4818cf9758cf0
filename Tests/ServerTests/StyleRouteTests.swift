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
        #expect(response.status == 200 && response.fields["x-limner-style"] == "ink")
        #expect(response.fields["x-limner-style-hash"] == bench.painter.sketches.first?.style?.hash)
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
        #expect(try bench.request("POST", "/styles/import", [Part.contentType], body: form).status == 422)
    }

    @Test("a removed style is 404")
    func removes() throws {
        let bench = try learned()
        #expect(try bench.request("DELETE", "/v1/styles/ink").status == 204)
        #expect(try bench.request("GET", "/v1/styles/ink").status == 404)
        #expect(try bench.request("DELETE", "/v1/styles/ink").status == 404)
    }
}
