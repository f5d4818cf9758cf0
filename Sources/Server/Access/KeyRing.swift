internal import COpenSSL
internal import Logging
internal import Synchronization

/// The keys in force: the file's, looked at again once a second at most while requests come.
///
/// Runs on the event loop, so what it does is short: a hash, a comparison with each key, and once a second `lstat`.
/// Once there have been keys, some are needed until the service is started again: a file that is removed or emptied
/// closes the service and never opens it. A file that cannot be read leaves the keys as they were.
final class KeyRing: Sendable {
    private let file: KeyFile
    private let timepiece: any Timepiece
    private let log: Logger
    private let state: Mutex<State>

    private struct State {
        var held: [Held]
        var stamp: Disk.Stamp?
        var looked: Double
        var areNeeded: Bool
    }

    private struct Held {
        var key: AccessKey
        var hash: [UInt8]

        init(_ key: AccessKey) {
            self.key = key
            hash = Array(key.hash.utf8)
        }
    }

    /// - Parameter areNeeded: requests need a key even when the file holds none.
    init(_ file: KeyFile, areNeeded: Bool, timepiece: any Timepiece, log: Logger) throws(ServerError) {
        self.file = file
        self.timepiece = timepiece
        self.log = log
        let stamp = file.stamp
        let held = try file.keys().map(Held.init)
        state = Mutex(
            State(held: held, stamp: stamp, looked: timepiece.elapsed, areNeeded: areNeeded || !held.isEmpty))
    }

    var count: Int { state.withLock { $0.held.count } }

    var areNeeded: Bool {
        state.withLock { state in
            look(&state)
            return state.areNeeded
        }
    }

    /// The key that was presented; nil when it is none of these.
    func find(_ secret: some Sequence<UInt8>) -> AccessKey? {
        let hash = Array(AccessKey.hash(of: secret).utf8)
        return state.withLock { state in
            look(&state)
            var found: AccessKey?
            // Every key is compared, and each in constant time, so that the answer's time tells nothing.
            for held in state.held where Self.isEqual(held.hash, hash) { found = held.key }
            return found
        }
    }

    private static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
    }

    private func look(_ state: inout State) {
        let now = timepiece.elapsed
        guard now - state.looked >= ServerLimits.keyLookSeconds else { return }
        state.looked = now
        let stamp = file.stamp
        guard stamp != state.stamp else { return }
        state.stamp = stamp
        do throws(ServerError) {
            state.held = try file.keys().map(Held.init)
            state.areNeeded = state.areNeeded || !state.held.isEmpty
            log.info("keys read", metadata: ["count": "\(state.held.count)"])
        } catch {
            log.error("the keys could not be read; those from before stay", metadata: ["why": "\(error)"])
        }
    }
}
