internal import FoundationEssentials

/// Names of jobs: UUIDs in lower case. Random, so that knowing one job's address does not tell another's.
package enum JobID {
    package static func make() -> String { UUID().uuidString.lowercased() }

    /// Whether `id` could be a job's; only such ids become part of a path.
    package static func isValid(_ id: String) -> Bool {
        id.utf8.count == 36 && UUID(uuidString: id)?.uuidString.lowercased() == id
    }
}
