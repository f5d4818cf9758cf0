// The promise of 202: a job's folder is on disk, then its row is committed, and only then is the client told.
// What fails on the way leaves no folder behind.

internal import LimnerProtocol
internal import Logging

extension ServiceContext {
    /// Makes a job of an upload: its folder first, then its row, so that 202 is said only when both are on disk.
    func accept(
        _ kind: JobKind, _ settings: JobSettings, _ upload: StagedUpload, for caller: Caller
    ) throws -> Job {
        guard try store.openCount() < limits.openJobs else {
            throw Refusal(503, "The queue is full; try again later.").with("Retry-After", "60")
        }
        let id = JobID.make()
        try folders.adopt(upload.folder, as: id)
        do throws(ServerError) {
            let job = try store.accept(
                JobDraft(id: id, kind: kind, settings: settings, owner: caller.name))
            log.info("job accepted", metadata: ["job": "\(id)", "kind": "\(kind.rawValue)"])
            workers.ring()
            return job
        } catch {
            try? folders.remove(id)
            throw error
        }
    }
}
