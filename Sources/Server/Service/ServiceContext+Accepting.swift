// The promise of 202: a job's folder is on disk, then its row is committed, and only then is the client told.
// What fails on the way leaves no folder behind.

internal import LimnerProtocol
internal import Logging

extension ServiceContext {
    /// Makes a job of an upload: its folder first, then its row, so that 202 is said only when both are on disk.
    ///
    /// - Throws: ``Refusal`` 503 when the queue is full, 429 when the caller has as many jobs as its key may have.
    func accept(
        _ kind: JobKind, _ settings: JobSettings, _ upload: StagedUpload, for ticket: Ticket
    ) throws -> Job {
        guard try store.openCount() < limits.openJobs else {
            throw Refusal(503, "The queue is full; try again later.").with("Retry-After", try secondsUntilRoom())
        }
        let (id, caller) = (JobID.make(), ticket.caller)
        try folders.adopt(upload.folder, as: id)
        do throws(ServerError) {
            let job = try store.accept(
                JobDraft(id: id, kind: kind, settings: settings, owner: caller.name, ownersJobs: caller.openJobs))
            telemetry.jobs.accepted(kind)
            log.info(
                "job accepted", metadata: ["job": "\(id)", "kind": "\(kind.rawValue)", "request": "\(ticket.id)"])
            workers.ring()
            return job
        } catch {
            try? folders.remove(id)
            guard case .tooManyJobs = error else { throw error }
            throw Refusal(error).with("Retry-After", try secondsUntilRoom())
        }
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
