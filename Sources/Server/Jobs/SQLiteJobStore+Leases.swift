internal import GRDB
internal import LimnerProtocol

/// Claims, their renewal and their end. Every write of a holder names its lease token.
extension SQLiteJobStore {
    private static let mine = "id = :id AND lease_token = :token AND state = 'running'"

    package func claim(for worker: String) throws(ServerError) -> Claim? {
        let (now, elapsed) = (timepiece.now, timepiece.elapsed)
        return try write { db in
            try self.failExhausted(db, now: now, elapsed: elapsed)
            let row = try Row.fetchOne(
                db,
                sql: """
                    UPDATE jobs SET state = 'running', worker = :worker, lease_token = lease_token + 1,
                        lease_until = :until, attempt = attempt + 1, started = :now,
                        step = NULL, steps = NULL, stage = NULL
                    WHERE sequence = (
                        SELECT sequence FROM jobs
                        WHERE (state = 'queued' AND ready_at <= :elapsed)
                            OR (state = 'running' AND lease_until < :elapsed)
                        ORDER BY sequence LIMIT 1)
                    RETURNING *
                    """,
                arguments: ["worker": worker, "until": elapsed + self.policy.lease, "now": now, "elapsed": elapsed])
            guard let row else { return nil }
            return Claim(job: try Self.decode(row), worker: worker, leaseToken: row["lease_token"])
        }
    }

    /// A job whose holders kept vanishing must not stop the queue; one that was to be cancelled is.
    private func failExhausted(_ db: Database, now: Double, elapsed: Double) throws {
        let failure = try Self.toJSON(JobFailure.attemptsUsedUp(policy.maxAttempts))
        let free = "((state = 'queued' AND ready_at <= :elapsed) OR (state = 'running' AND lease_until < :elapsed))"
        try db.execute(
            sql:
                "UPDATE jobs SET state = 'canceled', finished = :now, expires = :expiry WHERE \(free) AND cancel_requested = 1",
            arguments: ["now": now, "expiry": now + policy.retention, "elapsed": elapsed])
        try db.execute(
            sql: """
                UPDATE jobs SET state = 'failed', finished = :now, expires = :expiry, failure = :failure
                WHERE \(free) AND attempt >= :most
                """,
            arguments: [
                "now": now, "expiry": now + policy.retention, "failure": failure, "elapsed": elapsed,
                "most": policy.maxAttempts,
            ])
    }

    package func report(_ progress: StepReport, of claim: Claim) throws(ServerError) -> LeaseAnswer {
        try renew(
            claim, setting: "step = :step, steps = :steps, stage = :stage,",
            ["step": progress.step, "steps": progress.steps, "stage": progress.stage])
    }

    package func renew(_ claim: Claim) throws(ServerError) -> LeaseAnswer {
        try renew(claim, setting: "", [:])
    }

    private func renew(
        _ claim: Claim, setting assignments: String, _ values: StatementArguments
    ) throws(ServerError) -> LeaseAnswer {
        let until = timepiece.elapsed + policy.lease
        return try write { db in
            let wanted = try Bool.fetchOne(
                db,
                sql:
                    "UPDATE jobs SET \(assignments) lease_until = :until WHERE \(Self.mine) RETURNING cancel_requested",
                arguments: values + ["until": until, "id": claim.job.id, "token": claim.leaseToken])
            return switch wanted {
            case nil: .lost
            case true?: .cancelRequested
            case false?: .held
            }
        }
    }

    package func finish(_ claim: Claim, as ending: JobEnding) throws(ServerError) -> Bool {
        var (state, product, failure) = (JobStatus.canceled, String?.none, String?.none)
        switch ending {
        case .succeeded(let made): (state, product) = (.succeeded, try Self.toJSON(made))
        case .failed(let reason): (state, failure) = (.failed, try Self.toJSON(reason))
        case .canceled: break
        }
        return try change(
            claim,
            "state = :state, finished = :now, expires = :expiry, product = :product, failure = :failure, lease_until = NULL",
            [
                "state": state.rawValue, "now": timepiece.now, "expiry": timepiece.now + policy.retention,
                "product": product, "failure": failure,
            ])
    }

    package func retry(
        _ claim: Claim, after delay: Double, failure: JobFailure
    ) throws(ServerError) -> Bool {
        if claim.job.attempt >= policy.maxAttempts { return try finish(claim, as: .failed(failure)) }
        return try change(
            claim, "state = 'queued', worker = NULL, lease_until = NULL, ready_at = :ready",
            ["ready": timepiece.elapsed + delay])
    }

    package func handBack(_ claim: Claim) throws(ServerError) -> Bool {
        try change(
            claim, "state = 'queued', worker = NULL, lease_until = NULL, attempt = attempt - 1, started = NULL", [:])
    }

    private func change(
        _ claim: Claim, _ assignments: String, _ values: StatementArguments
    ) throws(ServerError) -> Bool {
        try write { db in
            try db.execute(
                sql: "UPDATE jobs SET \(assignments) WHERE \(Self.mine)",
                arguments: values + ["id": claim.job.id, "token": claim.leaseToken])
            return db.changesCount > 0
        }
    }

    package func releaseAll() throws(ServerError) {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL, started = NULL,
                        step = NULL, steps = NULL, stage = NULL WHERE state = 'running'
                    """)
            try db.execute(sql: "UPDATE jobs SET ready_at = 0 WHERE state = 'queued'")
        }
    }
}

extension JobFailure {
    static func attemptsUsedUp(_ attempts: Int) -> JobFailure {
        JobFailure(
            reason: "attempts",
            detail: "The service was broken off \(attempts) times while working on this job, so it is not tried again.")
    }
}
