internal import Glibc
internal import LimnerProtocol

/// `keys.json` in the data folder: the keys' names, hashes, scopes and limits; never a key.
///
/// A change is a new file, brought to disk and renamed over the old one, so that a running service reads either of
/// them and never half of one. Writers wait for each other.
public struct KeyFile: Sendable {
    private let folder: String

    public init(dataFolder: String) {
        folder = dataFolder
    }

    private var path: String { folder + "/keys.json" }

    private struct Content: Codable {
        var keys: [AccessKey]
    }

    /// All keys, by name; none when there is no file.
    ///
    /// - Throws: ``ServerError/keys(_:)`` when the file is damaged, a file error when it cannot be read.
    public func keys() throws(ServerError) -> [AccessKey] {
        guard Disk.exists(path) else { return [] }
        let bytes = try Disk.read(path, limit: ServerLimits.keyFileBytes)
        do {
            return try WireJSON.decode(Content.self, from: bytes).keys
        } catch {
            throw .keys("\(path) is damaged. Restore it from a copy, or remove it and add the keys again.")
        }
    }

    /// Makes a key.
    ///
    /// - Returns: the key itself, which is kept nowhere.
    /// - Throws: ``ServerError/keys(_:)`` when the name is taken or not allowed, or no scope is given.
    public func add(
        _ name: String, scopes: [Scope], requestsPerMinute: Int? = nil, openJobs: Int? = nil, now: Double
    ) throws(ServerError) -> String {
        guard AccessKey.isValid(name: name) else { throw .keys("That is no name for a key. \(AccessKey.nameRule)") }
        guard !scopes.isEmpty else { throw .keys("A key needs a scope: submit, read or admin.") }
        let secret = AccessKey.makeSecret()
        let key = AccessKey(
            name: name, hash: AccessKey.hash(of: secret.utf8), scopes: scopes, created: now,
            requestsPerMinute: requestsPerMinute, openJobs: openJobs)
        try change { keys throws(ServerError) in
            guard !keys.contains(where: { $0.name == name }) else {
                throw .keys("There is a key named '\(name)' already. Revoke it first or choose another name.")
            }
            guard keys.count < ServerLimits.keys else {
                throw .keys("There are \(keys.count) keys; revoke some first.")
            }
            keys = (keys + [key]).sorted { $0.name < $1.name }
        }
        return secret
    }

    /// Removes a key; a running service refuses it within ``ServerLimits/keyLookSeconds``.
    public func revoke(_ name: String) throws(ServerError) {
        try change { keys throws(ServerError) in
            guard keys.contains(where: { $0.name == name }) else { throw .keys("There is no key of that name.") }
            keys.removeAll { $0.name == name }
        }
    }

    private func change(_ body: (inout [AccessKey]) throws(ServerError) -> Void) throws(ServerError) {
        try Disk.makeFolder(folder)
        let lock = try Descriptor.open(path + ".lock", O_RDWR | O_CREAT, what: "Cannot lock \(path)")
        guard retryingInterrupted({ flock(lock.number, LOCK_EX) }) == 0 else {
            throw .file(what: "Cannot lock \(path)", code: errno)
        }
        defer { _ = flock(lock.number, LOCK_UN) }
        var content = Content(keys: try keys())
        try body(&content.keys)
        let fresh = path + ".new"
        try Disk.write((try? WireJSON.encode(content)) ?? [], to: fresh)
        try Self.giveToOwner(of: folder, fresh)
        try Disk.rename(fresh, to: path)
        try Disk.synchroniseFolder(folder)
    }

    /// Root adds keys for a service that runs as somebody else: the file must be that one's to read.
    private static func giveToOwner(of folder: String, _ file: String) throws(ServerError) {
        var status = stat()
        guard geteuid() == 0, stat(folder, &status) == 0 else { return }
        guard chown(file, status.st_uid, status.st_gid) == 0 else {
            throw .file(what: "Cannot give \(file) to the owner of its folder", code: errno)
        }
    }

    /// What tells whether the file has changed; nil when it is not there.
    var stamp: Disk.Stamp? { Disk.stamp(path) }
}
