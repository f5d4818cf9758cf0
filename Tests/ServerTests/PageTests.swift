// The page at `/`: what it may do, and that it needs nothing from elsewhere.

import LimnerServer
import Testing

@Suite("The page", .timeLimit(.minutes(1)))
struct PageTests {
    private func page() throws -> WireClient.Response { try TestService().request("GET", "/") }

    @Test("it is there without a key, and says nothing of the service that a key protects")
    func isOpen() throws {
        let folder = TemporaryFolder()
        _ = try folder.addKey("one", [.admin])
        let response = try TestService(folder: folder).request("GET", "/")
        #expect(response.status == 200 && response.fields["content-type"] == "text/html; charset=utf-8")
        #expect(response.body == (try page()).body)
    }

    @Test("its policy lets nothing run but its own script and style, and talks to nobody else")
    func policy() throws {
        let policy = try #require(try page().fields["content-security-policy"])
        let rules = policy.split(separator: "; ").map(String.init)
        #expect(rules.first == "default-src 'none'" && rules.contains("connect-src 'self'"))
        #expect(rules.contains("frame-ancestors 'none'") && rules.contains("form-action 'none'"))
        #expect(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains("*"))
    }

    @Test(
        "the digests in the policy are those of the script and the style that are sent", arguments: ["script", "style"])
    func digests(_ element: String) throws {
        let response = try page()
        let text = try #require(
            response.text.firstMatch(of: try Regex("(?s)<\(element)>(.+?)</\(element)>"))?[1].substring)
        let digest = SHA256.base64(Array(text.utf8))
        #expect(response.fields["content-security-policy"]?.contains("\(element)-src 'sha256-\(digest)'") == true)
    }

    @Test("it loads nothing, and has no script but the one")
    func isSelfContained() throws {
        let text = try page().text
        for word in ["src=\"http", "href=\"http", "@import", "url(", "innerHTML", "onclick=", "style=\""] {
            #expect(!text.contains(word), "\(word)")
        }
        #expect(text.matches(of: try Regex("<script")).count == 1)
    }
}
