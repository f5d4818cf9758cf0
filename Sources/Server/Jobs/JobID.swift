internal import FoundationEssentials

/// Names of jobs and groups: UUIDs in lower case. Random, so that knowing one's address does not tell another's.
package enum JobID {
    package static func make() -> String { UUID().uuidString.lowercased() }

    /// `text` as an id, when it is a UUID, however its letters are written (RFC 9562 §4); only such ids become part of
    /// a path.
    package static func canonical(_ text: String) -> String? {
        guard text.utf8.count == 36 else { return nil }
        return UUID(uuidString: text)?.uuidString.lowercased()
    }
}
