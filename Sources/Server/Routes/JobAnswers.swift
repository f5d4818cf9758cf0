internal import LimnerProtocol

/// How a request that made or asks for a job is answered: at once, or when the job has ended or the wait is over.
struct JobAnswers: Sendable {
    let context: ServiceContext
    let id: String
    let ticket: Ticket
    /// Seconds to wait for the job's end; nil or 0 answers at once.
    let wait: Int?
    /// The client named the wait itself, so the answer says that it was granted.
    let isWaitAsked: Bool
    /// The job's picture is wanted instead of its document.
    let wantsPicture: Bool
    /// The status of an answer about a job that has not ended: 202 to who made it, 200 to who looks.
    let pendingStatus: Int

    func outcome() throws -> Route.Outcome {
        guard let wait, wait > 0 else { return .now(try answer()) }
        return .later { reply in
            let due = context.timepiece.elapsed + Double(wait)
            context.waiters.wait(for: id, until: due) {
                context.handlers.submit { reply(answerOrRefusal()) }
            }
            // It may have ended before anybody waited.
            if (try? context.store.job(id))?.status.isFinal ?? true { context.waiters.ended(id) }
        }
    }

    private func answerOrRefusal() -> Answer {
        do { return try answer() } catch { return Answer(error: error, requestID: ticket.id) }
    }

    private func answer() throws -> Answer {
        guard let job = try context.store.job(id), !job.isPurged else { throw JobRoutes.gone(id) }
        var answer = try job.status.isFinal ? ended(job) : pending(job)
        if !wantsPicture || !job.status.isFinal {
            answer.fields.set("Server-Timing", ServerTiming.text(job, now: context.timepiece.now))
        }
        if let wait, isWaitAsked { answer.fields.set("Preference-Applied", Preferences.applied(wait: wait)) }
        return answer
    }

    private func pending(_ job: Job) throws -> Answer {
        let document = try context.document(job)
        let rest = document.eta.map { Int($0.p50.rounded(.up)) } ?? 1
        return try Answer.json(pendingStatus, document).with("Location", ResourcePath.job(id))
            .with("Retry-After", String(max(1, min(rest, ServerLimits.longestRetryAfter))))
    }

    private func ended(_ job: Job) throws -> Answer {
        guard wantsPicture else {
            return try Answer.json(200, try context.document(job)).with("Location", ResourcePath.job(id))
        }
        return try ResultRoute.picture(of: job, context).with("Location", ResourcePath.job(id))
    }
}
