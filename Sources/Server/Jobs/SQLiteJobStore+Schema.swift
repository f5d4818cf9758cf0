internal import GRDB

/// The tables of the SQLite store, as migrations that only ever grow.
///
/// `lease_until` and `ready_at` are readings of the monotonic clock: a wall clock that jumps neither frees nor delays
/// a job. They mean nothing after a restart, which is why opening a store releases everything.
extension SQLiteJobStore {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 jobs") { db in
            try db.execute(
                sql: """
                    CREATE TABLE jobs (
                        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                        id TEXT NOT NULL UNIQUE,
                        kind TEXT NOT NULL,
                        state TEXT NOT NULL,
                        style TEXT,
                        settings TEXT NOT NULL,
                        created REAL NOT NULL,
                        started REAL,
                        finished REAL,
                        step INTEGER,
                        steps INTEGER,
                        stage TEXT,
                        attempt INTEGER NOT NULL DEFAULT 0,
                        worker TEXT,
                        lease_token INTEGER NOT NULL DEFAULT 0,
                        lease_until REAL,
                        ready_at REAL NOT NULL DEFAULT 0,
                        cancel_requested INTEGER NOT NULL DEFAULT 0,
                        product TEXT,
                        failure TEXT,
                        purged INTEGER NOT NULL DEFAULT 0
                    );
                    CREATE INDEX jobs_open ON jobs (sequence) WHERE state IN ('queued', 'running');
                    CREATE INDEX jobs_pace ON jobs (kind, finished) WHERE state = 'succeeded';
                    CREATE UNIQUE INDEX jobs_tuning ON jobs (style)
                        WHERE kind = 'tune' AND state IN ('queued', 'running');
                    """)
        }
        migrator.registerMigration("2 owners") { db in
            try db.execute(
                sql: """
                    ALTER TABLE jobs ADD COLUMN owner TEXT;
                    CREATE INDEX jobs_tally ON jobs (kind, state) WHERE purged = 0;
                    """)
        }
        migrator.registerMigration("3 requests, groups, retention") { db in
            try db.execute(
                sql: """
                    ALTER TABLE jobs ADD COLUMN group_id TEXT;
                    ALTER TABLE jobs ADD COLUMN request_key TEXT;
                    ALTER TABLE jobs ADD COLUMN fingerprint TEXT;
                    ALTER TABLE jobs ADD COLUMN expires REAL;
                    CREATE INDEX jobs_group ON jobs (group_id) WHERE group_id IS NOT NULL;
                    CREATE INDEX jobs_request ON jobs (request_key) WHERE request_key IS NOT NULL;
                    CREATE INDEX jobs_expiry ON jobs (expires) WHERE expires IS NOT NULL;
                    """)
        }
        return migrator
    }
}
