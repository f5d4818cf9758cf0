// `limner keys`: who may use a service.
import ArgumentParser
import Foundation
import LimnerServer

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Add, list and revoke the keys of a service.",
        discussion: """
            Keys are kept in the service's data folder, as hashes. A running service takes a change up within a second. \
            Once a service has had a key, every request but those for its health needs one.

            submit   hand in photos and pairs; follow, fetch, cancel and delete the jobs made with the same key
            read     look at every job, result and style, at the information and the metrics
            admin    all of that, change any job, and change the styles
            """,
        subcommands: [Add.self, List.self, Revoke.self], defaultSubcommand: List.self)

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it, this once.",
            discussion: "A name that was revoked may be given again: the new key then goes on with the old one's jobs.")
        @OptionGroup var data: DataOption
        @Argument(help: "What the key is called: letters, digits, '.', '_', '-'.") var name: String
        @Option(
            name: .customLong("scope"), help: "What it opens: submit, read or admin. Give it once for each.",
            transform: Self.scope)
        var scopes: [Scope]
        @Option(help: "Requests a minute it may make; a minute's worth may come at once.") var rate: Int?
        @Option(help: "Jobs it may have queued or running at once.") var jobs: Int?

        private static func scope(_ word: String) throws -> Scope {
            guard let scope = Scope(rawValue: word) else { throw ValidationError("use submit, read or admin.") }
            return scope
        }

        func validate() throws {
            guard rate ?? 1 > 0 else { throw ValidationError("--rate must be at least 1.") }
            guard jobs ?? 1 > 0 else { throw ValidationError("--jobs must be at least 1.") }
        }

        func run() throws {
            let known = Scope.allCases.filter(scopes.contains)
            let key = try data.keys.add(
                name, scopes: known, requestsPerMinute: rate, openJobs: jobs, now: Date().timeIntervalSince1970)
            print(key)
            FileHandle.standardError.write(
                Data("This is the only time the key is shown; only its hash is kept.\n".utf8))
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys: name, scopes, limits, since when.")
        @OptionGroup var data: DataOption

        func run() throws {
            for key in try data.keys.keys() {
                let rate = key.requestsPerMinute.map { "\($0) requests a minute" } ?? "any rate"
                let jobs = key.openJobs.map { "\($0) jobs at once" } ?? "any number of jobs"
                let scopes = key.scopes.map(\.rawValue).joined(separator: ",")
                let created = Date(timeIntervalSince1970: key.created).ISO8601Format()
                print([key.name, scopes, rate, jobs, created].joined(separator: "\t"))
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a key. Its jobs stay.")
        @OptionGroup var data: DataOption
        @Argument(help: "The key's name.") var name: String

        func run() throws { try data.keys.revoke(name) }
    }
}

extension DataOption {
    fileprivate var keys: KeyFile { KeyFile(dataFolder: folder) }
}
