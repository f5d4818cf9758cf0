internal import Synchronization

/// Results that were asked for a moment ago, as whole answers.
///
/// An entry counts only while nothing has been written to the store since it was made, and for a second at most, so a
/// result that was purged or has expired is never served from here; nor does it stay in memory once anything is asked.
final class ResultMemory: Sendable {
    private struct Entry {
        var answer: Answer
        var made: Double
    }

    private struct Entries {
        var revision: UInt64 = 0
        var byID: [String: Entry] = [:]
        var bytes = 0

        /// Forgets everything when the store has changed.
        mutating func bring(to revision: UInt64) {
            if revision != self.revision { self = Entries(revision: revision) }
        }
    }

    private let entries = Mutex(Entries())

    /// - Parameters:
    ///   - revision: the store's, now.
    ///   - now: by the monotonic clock.
    func answer(for id: String, revision: UInt64, at now: Double) -> Answer? {
        entries.withLock { entries in
            entries.bring(to: revision)
            guard let entry = entries.byID[id], now - entry.made < ServerLimits.rememberedSeconds else { return nil }
            return entry.answer
        }
    }

    /// - Parameter revision: the store's, before the answer was made.
    func keep(_ answer: Answer, for id: String, revision: UInt64, at now: Double) {
        guard case .bytes(let bytes) = answer.body else { return }
        entries.withLock { entries in
            // An answer made before the last write may be out of date.
            guard revision >= entries.revision else { return }
            entries.bring(to: revision)
            if entries.bytes + bytes.count > ServerLimits.rememberedBytes { entries = Entries(revision: revision) }
            let isNew = entries.byID.updateValue(Entry(answer: answer, made: now), forKey: id) == nil
            if isNew { entries.bytes += bytes.count }
        }
    }
}
