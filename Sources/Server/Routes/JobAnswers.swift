internal import LimnerProtocol

/// How a request that made or asks for a job is answered: at once, or when the news it waits for is there or its time
/// is over. Who names the state it knows by If-None-Match waits for any other; everyone else waits for the job's end.
struct JobAnswers: Sendable {
    let context: ServiceContext
    let id: String
    let ticket: Ticket
    /// Seconds to wait; nil or 0 answers at once.
    let wait: Int?
    /// The client named the wait itself, so the answer says that it was granted.
    let isWaitAsked: Bool
    /// The job's picture is wanted instead of its document.
    var wantsPicture = false
    /// The status of an answer about a job that has not ended: 202 to who made it, 200 to who looks.
    var pendingStatus = 200
    /// The same request made the job before: the answer says so.
    var isRepeated = false
    /// The head of a GET, which may know the job's state already.
    var look: RequestHead?

    func outcome() throws -> Route.Outcome {
        guard let wait, wait > 0, try isWaitingOf(any: news) else { return .now(try answer()) }
        return .later { reply in
            let due = context.timepiece.elapsed + Double(wait)
            let number = context.waiters.wait(for: news, of: id, until: due) {
                context.handlers.submit { reply(answerOrRefusal()) }
            }
            // The news may have come before anybody waited.
            let isWaiting = (try? isWaitingOf(any: news)) ?? false
            if !isWaiting { context.waiters.release(number) }
        }
    }

    private var news: JobWaiters.News { look?.fields.contains("If-None-Match") == true ? .change : .end }

    /// Whether the news is still to come.
    private func isWaitingOf(any news: JobWaiters.News) throws -> Bool {
        guard let job = try find(), !job.status.isFinal else { return false }
        return try news == .end || isKnown(Self.tag(try context.document(job)))
    }

    private func answerOrRefusal() -> Answer {
        do { return try answer() } catch { return Answer(error: error, requestID: ticket.id) }
    }

    private func answer() throws -> Answer {
        guard let job = try find() else { throw JobRoutes.gone(id) }
        var answer = try wantsPicture && job.status.isFinal ? picture(job) : document(job)
        if !wantsPicture || !job.status.isFinal {
            answer.fields.set("Server-Timing", ServerTiming.text(job, now: context.timepiece.now))
        }
        if isRepeated { answer.fields.set("Idempotency-Replayed", "true") }
        if let wait, isWaitAsked { answer.fields.set("Preference-Applied", Preferences.applied(wait: wait)) }
        return answer
    }

    private func find() throws -> Job? {
        try context.store.job(id).flatMap { $0.isGone(at: context.timepiece.now) ? nil : $0 }
    }

    private func picture(_ job: Job) throws -> Answer {
        try ResultRoute.picture(of: job, context).with("Location", ResourcePath.job(id))
    }

    private func document(_ job: Job) throws -> Answer {
        let document = try context.document(job)
        let tag = try Self.tag(document)
        if isKnown(tag) { return Answer(304, fields: ["ETag": tag.text]) }
        let isFinal = job.status.isFinal
        var answer = try Answer.json(isFinal ? 200 : pendingStatus, document).with("Location", ResourcePath.job(id))
        if look != nil { answer.fields.set("ETag", tag.text) }
        guard !isFinal else { return answer }
        let rest = document.eta.map { Int($0.p50.rounded(.up)) } ?? 1
        return answer.with("Retry-After", String(max(1, min(rest, ServerLimits.longestRetryAfter))))
    }

    /// Whether the client says that it has the document of that tag.
    private func isKnown(_ tag: EntityTag) -> Bool {
        look.map { Precondition.isNotModified($0, tag: tag, modified: nil, now: Int(context.timepiece.now)) } ?? false
    }

    /// Weak, because a forecast that moves on makes no other state.
    private static func tag(_ document: JobDocument) throws -> EntityTag {
        var lasting = document
        lasting.eta = nil
        return try .weak(lasting)
    }
}
