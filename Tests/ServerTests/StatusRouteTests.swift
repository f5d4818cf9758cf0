// Health, information and the routing that all paths share.

import LimnerProtocol
import LimnerServer
import Testing

@Suite("Status and routing", .timeLimit(.minutes(1)))
struct StatusRouteTests {
    @Test("every path is there with and without its version", arguments: ["", "/v1"])
    func aliases(_ prefix: String) throws {
        let bench = try TestService()
        for path in ["/jobs", "/styles", "/info", "/healthz", "/readyz", "/openapi.yaml"] {
            #expect(try bench.request("GET", prefix + path).status == 200, "\(path)")
        }
    }

    @Test("info names model, samplers and limits")
    func info() throws {
        let bench = try TestService()
        let text = try bench.request("GET", "/v1/info").text
        #expect(text.contains("\"hash\":\"0badc0de\"") && text.contains("\"version\":\"1.2.3\""))
    }

    @Test("the description is served as it was given")
    func openAPI() throws {
        let response = try TestService().request("GET", "/openapi.yaml")
        #expect(response.text == "openapi: 3.1.0\n" && response.fields["content-type"] == "application/yaml")
    }

    @Test("a wrong method is 405 with the right ones")
    func wrongMethod() throws {
        let response = try TestService().request("PUT", "/v1/sketch", body: [])
        #expect(response.status == 405 && response.fields["allow"] == "OPTIONS, POST")
    }

    @Test("OPTIONS answers 204 with Allow, and no body", arguments: ["/v1/jobs/x", "*"])
    func options(_ target: String) throws {
        let response = try TestService().request("OPTIONS", target)
        #expect(response.status == 204 && response.fields["allow"]?.contains("DELETE, GET, HEAD") == true)
        #expect(response.fields["content-length"] == nil)
    }

    @Test(
        "what is not there is 404 as a problem", arguments: ["/page", "/v1/", "/sketch/"])
    func notFound(_ path: String) throws {
        let response = try TestService().request("GET", path)
        #expect(response.status == 404 && response.fields["content-type"] == Problem.mediaType)
        #expect(try response.problem().requestID == response.fields["x-request-id"])
    }

    @Test("HEAD on an error says how long its body would be and sends none")
    func headOfError() throws {
        let bench = try TestService()
        let client = try bench.client()
        client.send("HEAD /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(try client.response(toHead: true).fields["content-length"] != "0")
        #expect(try client.isClosed())
    }
}
