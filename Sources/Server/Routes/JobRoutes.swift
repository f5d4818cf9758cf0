internal import LimnerProtocol

/// `/v1/jobs`: looking, cancelling, trying again, purging.
enum JobRoutes {
    @Sendable static func list(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        let query = try JobQuery(request.options)
        let jobs = try context.store.jobs(query.filter, before: query.before, limit: query.limit + 1)
        // Without place and forecast: each would cost a look at the whole queue.
        let page = jobs.prefix(query.limit).map { JobDocument($0) }
        let next = jobs.count > query.limit ? jobs[query.limit - 1].sequence : nil
        return .now(try Answer.json(200, JobList(jobs: page, next: next.map { String($0) })))
    }

    @Sendable static func get(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        let job = try find(request, context)
        let preferences = Preferences(request.head.fields)
        let answers = JobAnswers(
            context: context, id: job.id, ticket: request.ticket, wait: preferences.wait,
            isWaitAsked: preferences.wait != nil, look: request.head)
        return try answers.outcome()
    }

    /// Makes a job under the client's own id: a sketch, or a tuning when the form brings a `sketch` beside the photo.
    @Sendable static func put(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        guard let id = JobID.canonical(request.parameters.first ?? "") else {
            throw Refusal(field: "id", "Give a UUID, such as 0b9f4c9e-5a53-4ec4-9a43-0f7f2f3fd0c2.")
        }
        let isTuning = request.upload?.has("sketch") == true
        return isTuning
            ? try InstructionsRoute.submit(request, .job(id), context)
            : try SketchRoute.submit(request, .job(id), context)
    }

    @Sendable static func cancel(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        let job = try find(request, context)
        guard !job.status.isFinal else {
            throw Refusal(409, "The job has ended already.", instance: ResourcePath.job(job.id))
        }
        return .now(try cancel(job, context))
    }

    /// Queues a failed or cancelled job again, with the files and settings it was accepted with.
    @Sendable static func retry(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        let job = try find(request, context)
        if job.kind == .tune, let name = job.settings.style, (try? context.registry.get(name)) != nil {
            throw ServerError.styleTaken(name)
        }
        guard Disk.isFile(context.folders.photo(job.id)) else { throw gone(job.id) }
        try context.checkQueue(for: 1)
        guard let queued = try context.store.reopen(job.id) else {
            throw Refusal(
                409, "Only a failed or cancelled job is tried again; this one is \(job.status.rawValue).",
                instance: ResourcePath.job(job.id))
        }
        context.waiters.changed(job.id)
        context.workers.ring()
        return .now(
            try Answer.json(202, try context.document(queued)).with("Location", ResourcePath.job(job.id)))
    }

    /// Cancels a job that has not ended; removes all that is kept of one that has.
    @Sendable static func delete(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        let job = try find(request, context)
        guard job.status.isFinal else { return .now(try cancel(job, context)) }
        // First the row: should the files stay behind, the next start sweeps them.
        if try context.store.purge(job.id) { try context.folders.remove(job.id) }
        return .now(Answer(204))
    }

    private static func cancel(_ job: Job, _ context: ServiceContext) throws -> Answer {
        guard let canceled = try context.store.cancel(job.id) else { throw gone(job.id) }
        context.workers.interrupt(job.id)
        if canceled.status.isFinal { context.waiters.ended(job.id) } else { context.waiters.changed(job.id) }
        return try Answer.json(canceled.status.isFinal ? 200 : 202, try context.document(canceled))
    }

    /// The job a path names, if its caller may look at it; changing it is for its owner and for admins.
    static func find(_ request: Request, _ context: ServiceContext) throws -> Job {
        let caller = request.ticket.caller
        guard let id = JobID.canonical(request.parameters.first ?? ""), let job = try context.store.job(id),
            caller.maySee(job) || caller.mayChange(job)
        else { throw Refusal(404, "There is no such job.") }
        let looks = request.head.method == .get || request.head.method == .head
        guard looks || caller.mayChange(job) else { throw Access.lacks(.admin) }
        guard !job.isGone(at: context.timepiece.now) else { throw gone(id) }
        return job
    }

    static func gone(_ id: String) -> Refusal {
        Refusal(410, "The job and its files were removed.", instance: ResourcePath.job(id))
    }
}

/// What `GET /v1/jobs` may be asked.
private struct JobQuery {
    var filter = JobFilter()
    var before: Int64?
    var limit = ServerLimits.listedJobsDefault

    init(_ given: [NamedValue]) throws {
        for item in given {
            switch item.name {
            case "status":
                guard let status = JobStatus(rawValue: item.value) else {
                    let all = JobStatus.allCases.map(\.rawValue).joined(separator: ", ")
                    throw Refusal(field: "status", "Give one of: \(all).")
                }
                filter.state = status
            case "style":
                guard StyleName.isValid(item.value) else { throw Refusal(field: "style", StyleName.rule) }
                filter.style = item.value
            case "group":
                guard let group = JobID.canonical(item.value) else { throw Refusal(field: "group", "Give a UUID.") }
                filter.group = group
            case "cursor": before = Int64(try Self.number(item, in: 1...Int.max))
            case "limit": limit = try Self.number(item, in: 1...ServerLimits.listedJobs)
            default: throw Refusal(field: "options", "Known are: status, style, group, cursor, limit.")
            }
        }
    }

    private static func number(_ item: NamedValue, in range: ClosedRange<Int>) throws -> Int {
        let isPlain = item.value.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isPlain, let number = Int(item.value), range.contains(number) else {
            let most = range.upperBound == .max ? "" : " of at most \(range.upperBound)"
            throw Refusal(field: item.name, "Give a whole number\(most).")
        }
        return number
    }
}
