internal import FoundationEssentials
internal import GRDB
internal import Glibc
package import LimnerProtocol
internal import Synchronization

/// Jobs in one SQLite file (WAL, `synchronous=FULL`): the store of a single machine.
///
/// The data folder is locked by the service, so this process is the only one that writes. Each write is one
/// transaction and one fsync. A commit that fails is not tried again, since the kernel may have dropped the data:
/// the store turns read-only and ``check()`` says so, until a restart reads what is truly on disk.
package final class SQLiteJobStore: JobStore {
    private let database: DatabaseQueue
    let policy: JobStorePolicy
    let timepiece: any Timepiece
    private let broken = Mutex<String?>(nil)
    private let writes = Atomic<UInt64>(0)

    package var revision: UInt64 { writes.load(ordering: .acquiring) }

    /// Opens or makes the file, brings its tables up to date and checks it.
    package init(
        path: String, policy: JobStorePolicy = JobStorePolicy(), timepiece: any Timepiece = SystemTimepiece()
    ) throws(ServerError) {
        self.policy = policy
        self.timepiece = timepiece
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(ServerLimits.storeBusySeconds)
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
            // GRDB sets NORMAL when it turns WAL on; a job must survive a power cut once it is accepted.
            try database.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
            try Self.migrator.migrate(database)
            try Self.date(database, expiry: timepiece.now + policy.retention)
            try Self.checkIntegrity(database)
        } catch {
            throw Self.translate(error)
        }
    }

    /// Jobs that ended before there was a retention are kept from now on as long as any other.
    private static func date(_ database: DatabaseQueue, expiry: Double) throws {
        try database.write { db in
            try db.execute(
                sql:
                    "UPDATE jobs SET expires = ? WHERE expires IS NULL AND state IN ('succeeded', 'failed', 'canceled')",
                arguments: [expiry])
        }
    }

    private static func checkIntegrity(_ database: DatabaseQueue) throws {
        let verdict = try database.read { db in try String.fetchOne(db, sql: "PRAGMA quick_check") }
        guard verdict == "ok" else {
            throw ServerError.store("its file is damaged (\(verdict ?? "no verdict")); restore it from a copy.")
        }
    }

    // MARK: Access

    func read<Value>(_ body: (Database) throws -> Value) throws(ServerError) -> Value {
        do {
            return try database.read(body)
        } catch {
            throw Self.translate(error)
        }
    }

    /// Runs one durable transaction.
    func write<Value>(_ body: (Database) throws -> Value) throws(ServerError) -> Value {
        try check()
        // Also when it fails: a commit may have happened all the same.
        defer { writes.add(1, ordering: .acquiringAndReleasing) }
        do {
            return try database.write(body)
        } catch {
            if let fault = error as? DatabaseError, fault.resultCode == .SQLITE_IOERR {
                broken.withLock { $0 = fault.message ?? "I/O error" }
            }
            throw Self.translate(error)
        }
    }

    package func check() throws(ServerError) {
        if let reason = broken.withLock({ $0 }) { throw .storeReadOnly(reason) }
    }

    private static func translate(_ error: any Error) -> ServerError {
        if let error = error as? ServerError { return error }
        guard let error = error as? DatabaseError else { return .store(String(describing: error)) }
        if error.resultCode == .SQLITE_FULL { return .file(what: "Cannot write the job store", code: ENOSPC) }
        return .store(error.message ?? "SQLite error \(error.resultCode.rawValue)")
    }

    /// For tests: what SQLite says of itself.
    package func pragma(_ name: String) throws(ServerError) -> String? {
        try read { db in try String.fetchOne(db, sql: "PRAGMA \(name)") }
    }

    // MARK: Asking

    package func job(_ id: String) throws(ServerError) -> Job? {
        try read { db in try Self.fetch(db, id) }
    }

    package func jobs(_ filter: JobFilter, before: Int64?, limit: Int) throws(ServerError) -> [Job] {
        let now = timepiece.now
        return try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM jobs
                    WHERE (:purged OR purged = 0 AND (expires IS NULL OR expires > :now))
                        AND (:state IS NULL OR state = :state)
                        AND (:style IS NULL OR style = :style
                            OR EXISTS (SELECT 1 FROM json_each(settings, '$.mix') WHERE value ->> 'name' = :style))
                        AND (:group IS NULL OR group_id = :group)
                        AND (:key IS NULL OR request_key = :key) AND (:before IS NULL OR sequence < :before)
                    ORDER BY sequence DESC LIMIT :limit
                    """,
                arguments: [
                    "state": filter.state?.rawValue, "style": filter.style, "group": filter.group, "key": filter.key,
                    "purged": filter.withPurged, "now": now, "before": before, "limit": limit,
                ]
            ).map(Self.decode)
        }
    }

    package func ahead(of job: Job) throws(ServerError) -> [Job] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM jobs WHERE state IN ('queued', 'running') AND sequence < ? ORDER BY sequence",
                arguments: [job.sequence]
            ).map(Self.decode)
        }
    }

    package func liveIDs() throws(ServerError) -> Set<String> {
        try read { db in Set(try String.fetchAll(db, sql: "SELECT id FROM jobs WHERE purged = 0")) }
    }

    package func openCount() throws(ServerError) -> Int {
        try read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')") ?? 0
        }
    }

    package func pace(of kind: JobKind, limit: Int) throws(ServerError) -> [JobPace] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT finished - started AS seconds, steps FROM jobs
                    WHERE kind = ? AND state = 'succeeded' AND steps > 0 AND finished >= started
                    ORDER BY finished DESC LIMIT ?
                    """,
                arguments: [kind.rawValue, limit]
            ).map { JobPace(seconds: $0["seconds"], steps: $0["steps"]) }
        }
    }

    static func fetch(_ db: Database, _ id: String) throws -> Job? {
        try Row.fetchOne(db, sql: "SELECT * FROM jobs WHERE id = ?", arguments: [id]).map(decode)
    }

    // MARK: Accepting, cancelling, purging

    package func accept(_ drafts: [JobDraft], _ mark: RequestMark) throws(ServerError) -> [Job] {
        let now = timepiece.now
        return try write { db in
            let isKnown = try mark.key.map { key in
                try Bool.fetchOne(
                    db, sql: "SELECT 1 FROM jobs WHERE request_key = ? AND (expires IS NULL OR expires > ?) LIMIT 1",
                    arguments: [key, now])
            }
            if isKnown.flatMap({ $0 }) == true { throw ServerError.requestTaken }
            return try drafts.map { draft in try Self.insert(db, draft, mark, at: now) }
        }
    }

    private static func insert(_ db: Database, _ draft: JobDraft, _ mark: RequestMark, at now: Double) throws -> Job {
        if try fetch(db, draft.id) != nil { throw ServerError.requestTaken }
        try checkOwner(of: draft, db)
        try reserving(draft.settings.style) {
            try db.execute(
                sql: """
                    INSERT INTO jobs
                        (id, kind, state, style, settings, owner, created, group_id, request_key, fingerprint)
                    VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    draft.id, draft.kind.rawValue, draft.settings.style, try toJSON(draft.settings), draft.owner, now,
                    draft.group,
                    mark.key, mark.fingerprint,
                ])
        }
        guard let job = try fetch(db, draft.id) else { throw ServerError.store("a new row is not there.") }
        return job
    }

    /// An index lets one open tuning have a name.
    private static func reserving(_ style: String?, _ change: () throws -> Void) throws {
        do {
            try change()
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            throw ServerError.styleTaken(style ?? "")
        }
    }

    package func reopen(_ id: String) throws(ServerError) -> Job? {
        try write { db in
            guard let job = try Self.fetch(db, id), !job.isPurged, [.failed, .canceled].contains(job.status) else {
                return nil
            }
            try Self.reserving(job.settings.style) {
                try db.execute(
                    sql: """
                        UPDATE jobs SET state = 'queued', lease_token = lease_token + 1, attempt = 0, ready_at = 0,
                            cancel_requested = 0, worker = NULL, lease_until = NULL, started = NULL, finished = NULL,
                            step = NULL, steps = NULL, stage = NULL, failure = NULL, expires = NULL
                        WHERE id = ?
                        """, arguments: [id])
            }
            return try Self.fetch(db, id)
        }
    }

    package func cancel(_ id: String) throws(ServerError) -> Job? {
        let (now, expiry) = (timepiece.now, timepiece.now + policy.retention)
        return try write { db in
            try db.execute(
                sql: "UPDATE jobs SET state = 'canceled', finished = ?, expires = ? WHERE id = ? AND state = 'queued'",
                arguments: [now, expiry, id])
            try db.execute(
                sql: "UPDATE jobs SET cancel_requested = 1 WHERE id = ? AND state = 'running'", arguments: [id])
            return try Self.fetch(db, id)
        }
    }

    package func purge(_ id: String) throws(ServerError) -> Bool {
        let bare = try Self.toJSON(JobSettings(seed: 0))
        return try write { db in
            try db.execute(
                sql: """
                    UPDATE jobs SET purged = 1, settings = ?, style = NULL, product = NULL, failure = NULL,
                        request_key = NULL, fingerprint = NULL
                    WHERE id = ? AND state IN ('succeeded', 'failed', 'canceled')
                    """, arguments: [bare, id])
            return db.changesCount > 0
        }
    }

    package func expired(at now: Double) throws(ServerError) -> [String] {
        try read { db in
            try String.fetchAll(db, sql: "SELECT id FROM jobs WHERE purged = 0 AND expires <= ?", arguments: [now])
        }
    }

    package func forget(before time: Double) throws(ServerError) {
        try write { db in
            try db.execute(sql: "DELETE FROM jobs WHERE purged = 1 AND expires < ?", arguments: [time])
        }
    }
}
