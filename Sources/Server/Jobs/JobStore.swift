package import LimnerProtocol

/// Where jobs are kept: one protocol, one test suite, several stores.
///
/// What every store promises:
/// - ``accept(_:)`` returns only after the job would survive a power cut.
/// - A claim holds for ``JobStorePolicy/lease`` seconds by the store's own clock and is renewed by ``report(_:of:)`` and
///   ``renew(_:)``. The lease token grows with every claim; a write with an older token changes nothing and says so.
/// - Nobody is called back: stores are asked. They block, and may be called from any thread.
package protocol JobStore: Sendable {
    /// Keeps a new job, queued.
    ///
    /// - Throws: ``ServerError/styleTaken(_:)`` when a tuning job for the same name is queued or running,
    ///   ``ServerError/tooManyJobs(_:)`` when the draft's owner has as many as it may.
    func accept(_ draft: JobDraft) throws(ServerError) -> Job

    func job(_ id: String) throws(ServerError) -> Job?

    /// Newest first, without purged jobs.
    ///
    /// - Parameter before: only jobs with a smaller sequence number.
    func jobs(_ filter: JobFilter, before: Int64?, limit: Int) throws(ServerError) -> [Job]

    /// Jobs that will be claimed before this one, for a queued job.
    func ahead(of job: Job) throws(ServerError) -> [Job]

    /// Hands out the oldest job that is free, if there is one: queued, or running with an expired lease.
    ///
    /// A job whose attempts are used up ends as failed instead.
    func claim(for worker: String) throws(ServerError) -> Claim?

    /// Keeps a claim's progress and renews its lease.
    func report(_ progress: StepReport, of claim: Claim) throws(ServerError) -> LeaseAnswer

    /// Renews a claim's lease.
    func renew(_ claim: Claim) throws(ServerError) -> LeaseAnswer

    /// Ends a claimed job.
    ///
    /// - Returns: false when the claim no longer holds the job; then nothing has changed.
    func finish(_ claim: Claim, as ending: JobEnding) throws(ServerError) -> Bool

    /// Puts a claimed job back for another attempt after `delay` seconds, or fails it when its attempts are used up.
    ///
    /// - Returns: false when the claim no longer holds the job.
    func retry(_ claim: Claim, after delay: Double, failure: JobFailure) throws(ServerError) -> Bool

    /// Puts a claimed job back at once; the attempt does not count.
    ///
    /// - Returns: false when the claim no longer holds the job.
    func handBack(_ claim: Claim) throws(ServerError) -> Bool

    /// Cancels a queued job at once and asks the holder of a running one to stop.
    ///
    /// - Returns: the job as it is now, nil when there is none. An ended job is unchanged.
    func cancel(_ id: String) throws(ServerError) -> Job?

    /// Removes an ended job's settings, product and failure; its name is kept so that asking again says "gone".
    ///
    /// - Returns: false when it has not ended or is not there.
    func purge(_ id: String) throws(ServerError) -> Bool

    /// Frees every lease, for a store no other process can be working on: their holders are dead.
    func releaseAll() throws(ServerError)

    /// Ids of all jobs whose files must stay.
    func liveIDs() throws(ServerError) -> Set<String>

    /// How long the newest jobs of a kind that succeeded took.
    func pace(of kind: JobKind, limit: Int) throws(ServerError) -> [JobPace]

    /// How many jobs are kept, by kind and status.
    func tally() throws(ServerError) -> [JobTally]

    /// How many jobs are queued or running.
    func openCount() throws(ServerError) -> Int

    /// Another number after every write: while it stays, what was read stays true. Asking never blocks.
    var revision: UInt64 { get }

    /// Throws when jobs cannot be accepted.
    func check() throws(ServerError)
}

package struct JobFilter: Sendable, Equatable {
    package var state: JobStatus?
    package var style: String?

    package init(state: JobStatus? = nil, style: String? = nil) {
        self.state = state
        self.style = style
    }
}

/// How long a job took, from its claim to its end.
package struct JobPace: Sendable, Equatable {
    package var seconds: Double
    package var steps: Int

    package init(seconds: Double, steps: Int) {
        self.seconds = seconds
        self.steps = steps
    }
}

/// So many jobs of a kind are in a status.
package struct JobTally: Sendable, Equatable {
    package var kind: JobKind
    package var status: JobStatus
    package var count: Int

    package init(kind: JobKind, status: JobStatus, count: Int) {
        self.kind = kind
        self.status = status
        self.count = count
    }
}

/// What a holder learns when it renews its lease.
package enum LeaseAnswer: Sendable, Equatable {
    case held
    /// Still held, but somebody wants the job cancelled.
    case cancelRequested
    /// Another claim holds the job, or it has ended: stop and discard.
    case lost
}

package struct JobStorePolicy: Sendable {
    /// How long a claim holds without being renewed, seconds.
    package var lease: Double
    /// Claims of one job before it fails for good.
    package var maxAttempts: Int

    package init(lease: Double = ServerLimits.leaseSeconds, maxAttempts: Int = ServerLimits.jobAttempts) {
        self.lease = lease
        self.maxAttempts = maxAttempts
    }
}
