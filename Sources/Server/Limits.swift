/// Every limit of this module, in one place. Those an operator may set are copied into ``ServiceLimits``.
package enum ServerLimits {
    // Registry
    /// A style file: 77 rows of 2048 floats are well under 1 MiB; the rest is room for other models.
    package static let styleFileBytes = 16 << 20
    static let metadataBytes = 1 << 20
    /// Staging folders older than this many seconds belong to nobody any more.
    static let stagingAge = 3600.0

    // Jobs
    /// How long a claim holds without being renewed, seconds.
    package static let leaseSeconds = 30.0
    /// Claims of one job before it fails for good.
    package static let jobAttempts = 5
    /// Leases are renewed this often, seconds, by a thread of its own.
    static let pulseSeconds = 5.0
    /// Progress is written down at most this often, seconds: each write is an fsync.
    static let progressSeconds = 0.5
    /// Before the second attempt of a job that failed for want of disk or memory; doubles with each attempt.
    static let retrySeconds = 2.0
    /// An idle worker looks for expired leases this often, seconds.
    static let idleWorkerSeconds = 1.0
    /// How long SQLite waits for another connection's lock, seconds.
    static let storeBusySeconds = 5.0
    /// Engines keep large frames on the stack; the default of a secondary thread would not do everywhere.
    static let workerStackBytes = 16 << 20
    package static let mostWorkers = 64
    /// Photos, settings and results are kept this long after a job's end, seconds, unless an operator says otherwise.
    package static let retentionSeconds = 24.0 * 3600
    /// An operator may have them kept so long, hours: ten years.
    package static let retentionHours = 0.01...87_600.0
    /// How long after that a job is still known to have been there, seconds.
    package static let tombstoneSeconds = 30.0 * 24 * 3600
    /// How often is looked for what is kept too long, seconds.
    static let janitorSeconds = 60.0
    /// Finished jobs an estimate is taken from.
    static let paceSamples = 50

    // Net
    /// Connections the kernel may keep waiting for accept.
    static let backlog: Int32 = 512
    /// Connections taken in one turn of the loop before the others get theirs.
    static let acceptsPerTurn = 64
    /// Handlers that run at once.
    static let handlers = 8
    /// Bytes taken from a socket at a time.
    static let readBlock = 64 << 10
    /// Bytes of a result file in memory at a time.
    static let fileBlock = 256 << 10
    /// Bytes of a body that is made while it is sent that may wait for its client; a slower reader is cut off.
    package static let streamPendingBytes = 1 << 20
    /// How often the loop looks at the clock while there are connections, milliseconds.
    static let tickMilliseconds: Int32 = 100
    /// After accept ran out of descriptors, it rests this long, seconds.
    static let acceptRest = 0.2
    /// A request's head must be complete this long after its first byte, seconds.
    static let headSeconds = 10.0
    /// A TLS handshake must be through this long after the connection came, seconds.
    static let handshakeSeconds = 10.0
    /// Bytes of the longest TLS record.
    static let tlsRecord = 16 << 10
    /// A connection ends after so many requests, or so many seconds, with the answer at hand.
    package static let connectionRequests = 100_000
    static let connectionSeconds = 3600.0
    /// A connection between two requests is closed after this, seconds.
    static let idleSeconds = 60.0
    /// A body must bring `bodyWindowBytes` in every window and end within `bodySeconds`.
    static let bodyWindowSeconds = 10.0
    static let bodyWindowBytes = 10 << 10
    static let bodySeconds = 120.0
    /// A client must take `writeWindowBytes` of an answer in every window.
    static let writeWindowSeconds = 30.0
    static let writeWindowBytes = 16 << 10
    /// After the last answer, what still comes is thrown away so that the client sees the answer and no reset.
    static let lingerSeconds = 2.0
    static let lingerBytes = 1 << 20
    /// Connections above the cap that are still told so; beyond that they are closed without a word.
    static let refusedAtOnce = 64

    // Telemetry
    /// Log lines that wait at most; more are dropped.
    static let logLines = 8192
    /// How long log lines gather before they are written, seconds.
    static let logGatherSeconds = 0.02

    // Access
    static let keys = 1000
    static let keyFileBytes = 1 << 20
    /// A changed key file is noticed this late at most, seconds.
    static let keyLookSeconds = 1.0
    /// `Retry-After` of a full queue before any job has ended, seconds.
    static let unmeasuredRetryAfter = 10.0
    /// `Retry-After` of a full queue never asks for more, seconds.
    static let longestBackoff = 600

    // Routes
    /// A result up to this long is read in one go and kept in memory for ``rememberedSeconds`` for whoever asks again,
    /// all of them together up to ``rememberedBytes``.
    static let rememberedResultBytes = 1 << 20
    static let rememberedBytes = 16 << 20
    static let rememberedSeconds = 1.0
    /// A text field of a form.
    static let formFieldBytes = 8 << 10
    /// A JSON document that changes a style.
    static let patchBytes = 8 << 10
    /// Seconds a client that wants a picture waits when it does not say how long.
    static let pictureWait = 60
    /// `Retry-After` never asks for more patience than this, seconds.
    static let longestRetryAfter = 30
    /// A body nobody asked for is passed over up to this.
    static let ignoredBodyBytes = 64 << 10
    /// A preview picture; a larger one is not shown.
    static let previewBytes = 48 << 10
    /// Event streams open at once.
    static let eventStreams = 512
    /// A quiet event stream says this often that it lives, seconds.
    static let streamCommentSeconds = 15.0
    /// How long a client waits before it takes up a broken event stream again, milliseconds.
    static let streamRetryMilliseconds = 2000
    static let listedJobs = 100
    /// Jobs one request may make.
    static let groupJobs = 64
    static let listedJobsDefault = 20
}
