// The promise of 202: the folders of all jobs are on disk, then their rows are committed together, and only then is the
// client told. What fails on the way leaves no folder behind.

internal import LimnerProtocol
internal import Logging

extension ServiceContext {
    /// Makes jobs of an upload: their folders first, then their rows, all or none.
    ///
    /// - Parameters:
    ///   - staging: the upload's folder.
    ///   - id: what the only job is to be called; nil draws ids.
    /// - Throws: ``Refusal`` 503 when the queue is full, 429 when the caller has as many jobs as its key may have.
    func accept(_ planned: [PlannedJob], from staging: String, id: String?, _ mark: RequestMark, for ticket: Ticket)
        throws -> [Job]
    {
        try checkQueue(for: planned.count)
        let group = planned.count > 1 ? JobID.make() : nil
        let drafts = planned.map {
            JobDraft(
                id: id ?? JobID.make(), kind: $0.kind, settings: $0.settings, group: group, owner: ticket.caller.name,
                ownersJobs: ticket.caller.openJobs)
        }
        var assembled: [String] = []
        do {
            for (job, draft) in zip(planned, drafts) {
                try folders.assemble(job.files, as: draft.id, in: staging)
                assembled.append(draft.id)
            }
            try folders.settle()
            let jobs = try store.accept(drafts, mark)
            for job in jobs { begin(job, ticket) }
            return jobs
        } catch {
            for id in assembled { try? folders.remove(id) }
            guard case .tooManyJobs = error else { throw error }
            throw Refusal(error).with("Retry-After", try secondsUntilRoom())
        }
    }

    /// Throws 503 when the queue has no room for so many jobs.
    func checkQueue(for count: Int) throws {
        guard try store.openCount() + count <= limits.openJobs else {
            throw Refusal(503, "The queue is full; try again later.").with("Retry-After", try secondsUntilRoom())
        }
    }

    private func begin(_ job: Job, _ ticket: Ticket) {
        telemetry.jobs.accepted(job.kind)
        log.info(
            "job accepted",
            metadata: ["job": "\(job.id)", "kind": "\(job.kind.rawValue)", "request": "\(ticket.id)"])
        workers.ring()
    }

    /// `Retry-After` for who finds no room: as long as the next job takes to end at the pace that was measured.
    private func secondsUntilRoom() throws(ServerError) -> String {
        let open = try store.tally().filter { !$0.status.isFinal }
        let forecaster = JobForecaster(
            paces: try paces(of: Set(open.map(\.kind))), workers: configuration.workers, now: timepiece.now)
        let seconds = forecaster.secondsPerEnd(open) ?? ServerLimits.unmeasuredRetryAfter
        return String(max(1, min(Int(seconds.rounded(.up)), ServerLimits.longestBackoff)))
    }
}
