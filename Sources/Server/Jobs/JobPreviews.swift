internal import Synchronization

/// The newest preview of each job that is being drawn here. In memory alone: a drawing that is begun again makes new ones.
final class JobPreviews: Sendable {
    /// A preview and the attempt that made it.
    struct Kept: Sendable {
        var leaseToken: Int64
        var step: Int
        var steps: Int
        var preview: Preview
    }

    private let kept = Mutex<[String: Kept]>([:])

    /// Keeps a step's preview, when it has one and it is small enough.
    func keep(_ step: StepReport, of claim: Claim) {
        guard let preview = step.preview, preview.bytes.count <= ServerLimits.previewBytes else { return }
        let new = Kept(leaseToken: claim.leaseToken, step: step.step, steps: step.steps, preview: preview)
        kept.withLock { $0[claim.job.id] = new }
    }

    func newest(of job: String) -> Kept? { kept.withLock { $0[job] } }

    func forget(_ job: String) { kept.withLock { $0[job] = nil } }
}
