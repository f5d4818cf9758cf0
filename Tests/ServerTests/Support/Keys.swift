import LimnerServer

extension TemporaryFolder {
    /// The keys of a service whose folder this is.
    var keyFile: KeyFile { KeyFile(dataFolder: path + "/data") }

    /// Adds a key and returns the field that carries it.
    func addKey(_ name: String, _ scopes: [Scope], rate: Int? = nil, jobs: Int? = nil) throws -> String {
        let secret = try keyFile.add(name, scopes: scopes, requestsPerMinute: rate, openJobs: jobs, now: 0)
        return "Authorization: Bearer \(secret)"
    }
}
