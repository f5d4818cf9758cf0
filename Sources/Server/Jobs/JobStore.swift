package import LimnerProtocol

/// Where jobs are kept: one protocol, one test suite, several stores.
///
/// What every store promises:
/// - ``accept(_:_:)`` returns only after the job would survive a power cut.
/// - A claim holds for ``JobStorePolicy/lease`` seconds by the store's own clock and is renewed by ``report(_:of:)`` and
///   ``renew(_:)``. The lease token grows with every claim; a write with an older token changes nothing and says so.
/// - Nobody is called back: stores are asked. They block, and may be called from any thread.
package protocol JobStore: Sendable {
    /// Keeps new jobs, queued, in their order: all of them or none.
    ///
    /// - Throws: ``ServerError/styleTaken(_:)`` when a tuning job for the same name is queued or running,
    ///   ``ServerError/requestTaken`` when an id or the mark's key is known already, ``ServerError/tooManyJobs(_:)`` when
    ///   a draft's owner has as many as it may.
    func accept(_ drafts: [JobDraft], _ mark: RequestMark) throws(ServerError) -> [Job]

    func job(_ id: String) throws(ServerError) -> Job?

    /// Newest first, without those that are purged or expired, unless the filter wants them.
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

    /// Queues a failed or cancelled job again, as if it had never been claimed; it keeps its place in the order of jobs.
    ///
    /// - Returns: the job, nil when it is not there, purged, or neither failed nor cancelled.
    /// - Throws: ``ServerError/styleTaken(_:)`` when another tuning for the same name is queued or running.
    func reopen(_ id: String) throws(ServerError) -> Job?

    /// Removes an ended job's settings, product and failure; its name is kept so that asking again says "gone".
    ///
    /// - Returns: false when it has not ended or is not there.
    func purge(_ id: String) throws(ServerError) -> Bool

    /// Ended jobs whose time is over and whose files and settings are still there.
    func expired(at now: Double) throws(ServerError) -> [String]

    /// Forgets purged jobs whose time was over before `time`, name and all.
    func forget(before time: Double) throws(ServerError)

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
    /// A style's name; a mix counts under each of its styles.
    package var style: String?
    package var group: String?
    /// ``RequestMark/key``.
    package var key: String?
    package var withPurged: Bool

    package init(
        state: JobStatus? = nil, style: String? = nil, group: String? = nil, key: String? = nil,
        withPurged: Bool = false
    ) {
        self.state = state
        self.style = style
        self.group = group
        self.key = key
        self.withPurged = withPurged
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
    /// How long an ended job is kept, seconds.
    package var retention: Double

    package init(
        lease: Double = ServerLimits.leaseSeconds, maxAttempts: Int = ServerLimits.jobAttempts,
        retention: Double = ServerLimits.retentionSeconds
    ) {
        self.lease = lease
        self.maxAttempts = maxAttempts
        self.retention = retention
    }
}
