internal import GRDB
internal import LimnerProtocol

/// Whose jobs there are, and how many.
extension SQLiteJobStore {
    /// In the transaction that adds the job, so that requests side by side cannot go over the limit together.
    static func checkOwner(of draft: JobDraft, _ db: Database) throws {
        guard let owner = draft.owner, let most = draft.ownersJobs else { return }
        let open = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running') AND owner = ?", arguments: [owner])
        guard open ?? 0 < most else { throw ServerError.tooManyJobs(most) }
    }

    package func tally() throws(ServerError) -> [JobTally] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT kind, state, count(*) AS count FROM jobs WHERE purged = 0 GROUP BY kind, state"
            ).compactMap { row in
                guard let kind = JobKind(rawValue: row["kind"]), let status = JobStatus(rawValue: row["state"]) else {
                    return nil
                }
                return JobTally(kind: kind, status: status, count: row["count"])
            }
        }
    }
}
