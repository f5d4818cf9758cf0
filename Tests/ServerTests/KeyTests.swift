// Keys: how they are kept, and what each scope opens.

import FoundationEssentials
import Glibc
import LimnerProtocol
import LimnerServer
import Testing

@Suite("The file of keys")
struct KeyFileTests {
    let folder = TemporaryFolder()

    @Test("a key is 256 random bits and is kept only as its hash")
    func keepsHash() throws {
        let secret = try folder.keyFile.add("phone", scopes: [.submit], now: 0)
        #expect(secret.hasPrefix("limner_") && secret.utf8.count == 7 + 64)
        let file = String(decoding: try #require(folder.read("data/keys.json")), as: UTF8.self)
        #expect(!file.contains(secret.dropFirst(7)))
        #expect(try folder.keyFile.add("other", scopes: [.submit], now: 0) != secret)
    }

    @Test("only its owner can read the file")
    func mode() throws {
        _ = try folder.keyFile.add("phone", scopes: [.submit], now: 0)
        var status = stat()
        #expect(stat(folder.path + "/data/keys.json", &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test("what was added is read again, in the order of names")
    func readsAgain() throws {
        _ = try folder.keyFile.add("b", scopes: [.read, .submit], requestsPerMinute: 5, openJobs: 2, now: 7)
        _ = try folder.keyFile.add("a", scopes: [.admin], now: 8)
        let keys = try folder.keyFile.keys()
        #expect(keys.map(\.name) == ["a", "b"])
        #expect(keys[1].scopes == [.read, .submit] && keys[1].requestsPerMinute == 5 && keys[1].openJobs == 2)
    }

    @Test("a name that is taken or no name at all is refused", arguments: ["phone", "", "two words", "a/b"])
    func refusesName(_ name: String) throws {
        _ = try folder.keyFile.add("phone", scopes: [.submit], now: 0)
        #expect(throws: ServerError.self) { try folder.keyFile.add(name, scopes: [.submit], now: 0) }
    }

    @Test("a revoked key is gone, and revoking it twice is an error")
    func revokes() throws {
        _ = try folder.keyFile.add("phone", scopes: [.submit], now: 0)
        try folder.keyFile.revoke("phone")
        #expect(try folder.keyFile.keys().isEmpty)
        #expect(throws: ServerError.self) { try folder.keyFile.revoke("phone") }
    }

    @Test("a damaged file is an error, never no keys")
    func damaged() {
        folder.makeFolder("data")
        folder.write(Array("{\"keys\":[{}]}".utf8), to: "data/keys.json")
        #expect(throws: ServerError.self) { try folder.keyFile.keys() }
        #expect(throws: ServerError.self) { try TestService(folder: folder) }
    }
}

@Suite("Keys over the wire", .timeLimit(.minutes(1)))
struct KeyTests {
    let folder = TemporaryFolder()

    @Test("without a key everything but health is 401, with a challenge")
    func unauthorised() throws {
        _ = try folder.addKey("one", [.admin])
        let bench = try TestService(folder: folder)
        for path in ["/v1/jobs", "/v1/jobs/x", "/v1/styles", "/v1/info", "/metrics"] {
            let response = try bench.request("GET", path)
            #expect(
                response.status == 401 && response.fields["www-authenticate"] == "Bearer realm=\"limner\"", "\(path)")
        }
        for path in ["/healthz", "/readyz", "/openapi.yaml"] {
            #expect(try bench.request("GET", path).status == 200, "\(path)")
        }
    }

    @Test("what is no key of ours is 401", arguments: ["Bearer limner_00", "Bearer ", "Basic bGltbmVyOng=", "bearer"])
    func unknown(_ credentials: String) throws {
        _ = try folder.addKey("one", [.admin])
        let bench = try TestService(folder: folder)
        #expect(try bench.request("GET", "/v1/jobs", ["Authorization: \(credentials)"]).status == 401)
    }

    @Test("a key that is not known says so in the challenge")
    func invalidToken() throws {
        _ = try folder.addKey("one", [.admin])
        let response = try TestService(folder: folder).request("GET", "/v1/jobs", ["Authorization: Bearer limner_00"])
        #expect(response.fields["www-authenticate"]?.contains("error=\"invalid_token\"") == true)
    }

    @Test("the scheme's case does not matter")
    func schemeCase() throws {
        let field = try folder.addKey("one", [.read])
        let bench = try TestService(folder: folder)
        let shouting = field.replacing("Bearer", with: "BEARER")
        #expect(try bench.request("GET", "/v1/jobs", [shouting]).status == 200)
    }

    @Test(
        "each scope opens its routes and no others",
        arguments: [
            (Scope.submit, "GET", "/v1/jobs", 403), (.read, "GET", "/v1/jobs", 200), (.admin, "GET", "/v1/jobs", 200),
            (.submit, "GET", "/v1/styles", 403), (.read, "GET", "/v1/styles", 200),
            (.submit, "GET", "/metrics", 403), (.read, "GET", "/metrics", 200), (.read, "GET", "/v1/info", 200),
            (.read, "DELETE", "/v1/styles/none", 403), (.admin, "DELETE", "/v1/styles/none", 404),
            (.submit, "GET", "/v1/jobs/none", 404), (.submit, "GET", "/healthz", 200),
        ])
    func scopes(_ scope: Scope, _ method: String, _ path: String, _ status: Int) throws {
        let key = try folder.addKey("one", [scope])
        #expect(try TestService(folder: folder).request(method, path, [key]).status == status)
    }

    @Test("submitting needs submit, and 403 names the scope")
    func submits() throws {
        let (submit, read) = (try folder.addKey("s", [.submit]), try folder.addKey("r", [.read]))
        let bench = try TestService(folder: folder)
        #expect(try bench.sketch([.photo(), .text("text", "t")], [submit]).status == 202)
        let response = try bench.sketch([.photo(), .text("text", "t")], [read])
        #expect(response.status == 403)
        #expect(response.fields["www-authenticate"]?.contains("scope=\"submit\"") == true)
        #expect(try response.problem().detail?.contains("'submit'") == true)
    }

    @Test("a key is refused before its body is read")
    func refusesEarly() throws {
        _ = try folder.addKey("one", [.admin])
        let bench = try TestService(folder: folder)
        let client = try bench.client()
        client.send("POST /v1/sketch HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n")
        client.send("Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.response().status == 401)
    }

    @Test("a job is seen by its own key and by readers, and changed by its own key and by admins")
    func ownership() throws {
        let mine = try folder.addKey("mine", [.submit])
        let (other, read) = (try folder.addKey("other", [.submit]), try folder.addKey("read", [.read]))
        let admin = try folder.addKey("admin", [.admin])
        let bench = try TestService(folder: folder)
        let id = try bench.sketch([.photo(), .text("text", "t")], [mine, "Prefer: wait=20"]).job().id
        let path = "/v1/jobs/\(id)"
        #expect(try [mine, other, read].map { try bench.request("GET", path, [$0]).status } == [200, 404, 200])
        #expect(try bench.request("GET", path + "/result", [other]).status == 404)
        #expect(try [other, read].map { try bench.request("DELETE", path, [$0]).status } == [404, 403])
        #expect(try bench.request("DELETE", path, [admin]).status == 204)
    }

    @Test("a key that is added or revoked counts without a restart")
    func readsAnew() throws {
        let timepiece = ManualTimepiece()
        let bench = try TestService(folder: folder, timepiece: timepiece)
        #expect(try bench.request("GET", "/v1/jobs").status == 200)
        let key = try folder.addKey("late", [.read])
        timepiece.advance(1)
        #expect(try [[], [key]].map { try bench.request("GET", "/v1/jobs", $0).status } == [401, 200])
        try folder.keyFile.revoke("late")
        timepiece.advance(1)
        #expect(try [[], [key]].map { try bench.request("GET", "/v1/jobs", $0).status } == [401, 401])
    }

    @Test("a key file that is removed closes the service instead of opening it")
    func staysClosed() throws {
        let key = try folder.addKey("one", [.read])
        let timepiece = ManualTimepiece()
        let bench = try TestService(folder: folder, timepiece: timepiece)
        try FileManager.default.removeItem(atPath: folder.path + "/data/keys.json")
        timepiece.advance(1)
        #expect(try [[], [key]].map { try bench.request("GET", "/v1/jobs", $0).status } == [401, 401])
    }

    @Test("a key file that is damaged while the service runs leaves the keys as they were")
    func survivesDamage() throws {
        let key = try folder.addKey("one", [.read])
        let timepiece = ManualTimepiece()
        let bench = try TestService(folder: folder, timepiece: timepiece)
        folder.write(Array("{".utf8), to: "data/keys.json")
        timepiece.advance(1)
        #expect(try [[], [key]].map { try bench.request("GET", "/v1/jobs", $0).status } == [401, 200])
    }
}
