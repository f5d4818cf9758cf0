// The command line of keys and of the service, without a service.

import ArgumentParser
import Foundation
import LimnerServer
import LimnerStudio
import Testing

@Suite("limner keys")
struct KeysCommandTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/limner-keys-" + UUID().uuidString

    private func run(_ arguments: String...) throws {
        var command = try Limner.parseAsRoot(["keys"] + arguments + ["--data", folder])
        try command.run()
    }

    private var keys: [AccessKey] { get throws { try KeyFile(dataFolder: folder).keys() } }

    @Test("adds a key with its scopes and limits, and revokes it")
    func addsAndRevokes() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try run("add", "phone", "--scope", "read", "--scope", "submit", "--rate", "60", "--jobs", "4")
        let key = try #require(try keys.first)
        #expect(key.name == "phone" && key.scopes == [.submit, .read])
        #expect(key.requestsPerMinute == 60 && key.openJobs == 4)
        try run("list")
        try run("revoke", "phone")
        #expect(try keys.isEmpty)
    }

    @Test(
        "refuses what makes no key",
        arguments: [["add", "a"], ["add", "a", "--scope", "all"], ["add", "a", "--scope", "read", "--rate", "0"]])
    func refuses(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try Limner.parseAsRoot(["keys"] + arguments + ["--data", folder]) }
    }

    @Test("serve takes hosts, origins and a log level, each origin and host more than once")
    func serveOptions() throws {
        _ = try Limner.parseAsRoot(
            [
                "serve", "--host-name", "a.example", "--host-name", "b.example", "--cors-origin", "https://a.example",
                "--log-level", "warning", "--no-request-log", "--public-without-keys", "--data", folder,
            ])
        #expect(throws: (any Error).self) { try Limner.parseAsRoot(["serve", "--log-level", "loud"]) }
    }
}
