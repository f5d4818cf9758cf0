internal import LimnerProtocol

/// How a request that made or asks for a group of jobs is answered: at once, or when all of them have ended or the wait
/// is over.
struct GroupAnswers: Sendable {
    let context: ServiceContext
    let id: String
    let ticket: Ticket
    /// Seconds to wait; nil or 0 answers at once.
    let wait: Int?
    /// The status while jobs are open: 202 to who made them, 200 to who looks.
    var pendingStatus = 200
    /// The same request made the group before: the answer says so.
    var isRepeated = false
    /// The head of a GET, which may know the group's state already.
    var look: RequestHead?

    func outcome() throws -> Route.Outcome {
        guard let wait, wait > 0, let open = try firstOpen() else { return .now(try answer()) }
        return .later { reply in waitFor(open, until: context.timepiece.elapsed + Double(wait), reply) }
    }

    /// Waits for one job after the other: the last to end is waited for whatever the order.
    private func waitFor(_ job: Job, until due: Double, _ reply: Reply) {
        let number = context.waiters.wait(for: .end, of: job.id, until: due) {
            context.handlers.submit { goOn(until: due, reply) }
        }
        // It may have ended before anybody waited.
        if (try? context.store.job(job.id))?.status.isFinal ?? true { context.waiters.release(number) }
    }

    private func goOn(until due: Double, _ reply: Reply) {
        let mayWait = context.timepiece.elapsed < due && !context.isStopping
        if mayWait, let open = try? firstOpen() { return waitFor(open, until: due, reply) }
        do { reply(try answer()) } catch { reply(Answer(error: error, requestID: ticket.id)) }
    }

    private func firstOpen() throws -> Job? {
        try jobs().first { !$0.status.isFinal }
    }

    private func answer() throws -> Answer {
        let jobs = try jobs()
        let document = GroupDocument(id: id, jobs: jobs.map { JobDocument($0) })
        let tag = try EntityTag.weak(document)
        if let look, Precondition.isNotModified(look, tag: tag, modified: nil, now: Int(context.timepiece.now)) {
            return Answer(304, fields: ["ETag": tag.text])
        }
        let isOver = jobs.allSatisfy(\.status.isFinal)
        var answer = try Answer.json(isOver ? 200 : pendingStatus, document).with("Location", ResourcePath.group(id))
        if look != nil { answer.fields.set("ETag", tag.text) }
        if isRepeated { answer.fields.set("Idempotency-Replayed", "true") }
        if let wait { answer.fields.set("Preference-Applied", Preferences.applied(wait: wait)) }
        return isOver ? answer : answer.with("Retry-After", "1")
    }

    /// The group's jobs in their order, without those that were removed. All belong to one caller.
    ///
    /// - Throws: 404 when there never were any, 410 when all were removed.
    private func jobs() throws -> [Job] {
        let all = try context.store.jobs(
            JobFilter(group: id, withPurged: true), before: nil, limit: ServerLimits.groupJobs)
        guard let first = all.first, ticket.caller.maySee(first) else { throw Refusal(404, "There is no such group.") }
        let left = all.filter { !$0.isGone(at: context.timepiece.now) }
        guard !left.isEmpty else { throw Refusal(410, "All jobs of the group were removed.") }
        return left.reversed()
    }
}

/// `GET /v1/groups/{id}`.
enum GroupRoutes {
    @Sendable static func get(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        guard let id = JobID.canonical(request.parameters.first ?? "") else {
            throw Refusal(404, "There is no such group.")
        }
        let wait = Preferences(request.head.fields).wait
        return try GroupAnswers(
            context: context, id: id, ticket: request.ticket, wait: wait, look: request.head
        ).outcome()
    }
}
