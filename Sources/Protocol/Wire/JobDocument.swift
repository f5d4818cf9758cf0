// A job as clients see it: GET /v1/jobs/{id} and the body of every 202. Fields that do not apply in a state
// are absent.

public enum JobKind: String, Sendable, Codable, CaseIterable { case sketch, tune }

/// queued → running → succeeded | failed | canceled.
public enum JobStatus: String, Sendable, Codable, CaseIterable {
    case queued, running, succeeded, failed, canceled

    /// Whether the job will not change any more.
    public var isFinal: Bool { self == .succeeded || self == .failed || self == .canceled }
}

/// Seconds until the result, as quantiles of the forecast.
public struct JobForecast: Sendable, Equatable, Codable {
    public var p50: Double
    public var p90: Double

    public init(p50: Double, p90: Double) {
        self.p50 = p50
        self.p90 = p90
    }
}

/// The picture a job made.
public struct JobResult: Sendable, Equatable, Codable {
    public var url: String
    /// Lower-case hexadecimal digest of the picture's bytes.
    public var sha256: String
    /// Pixels.
    public var width: Int
    /// Pixels.
    public var height: Int
    public var format: ResultFormat

    public init(url: String, sha256: String, width: Int, height: Int, format: ResultFormat) {
        self.url = url
        self.sha256 = sha256
        self.width = width
        self.height = height
        self.format = format
    }
}

public struct JobDocument: Sendable, Equatable, Codable {
    public var id: String
    public var kind: JobKind
    public var status: JobStatus
    public var createdAt: Timestamp
    /// Place in the queue; 1 is next. While queued.
    public var position: Int?
    /// While queued or running.
    public var eta: JobForecast?
    /// Steps done.
    public var step: Int?
    public var steps: Int?
    /// How often the job was begun.
    public var attempt: Int?
    public var startedAt: Timestamp?
    public var finishedAt: Timestamp?
    /// When photo, settings and result are removed; once ended.
    public var expiresAt: Timestamp?
    public var seed: UInt64?
    /// Name of the style used or made.
    public var style: String?
    /// The group it belongs to, when its request made several jobs.
    public var group: String?
    /// Which of the request's photos it draws, from 1; when there were several.
    public var photo: Int?
    /// When a sketch succeeded.
    public var result: JobResult?
    /// When failed.
    public var error: Problem?
    /// When succeeded: sentences about what may not be as expected.
    public var warnings: [String]?

    private enum CodingKeys: String, CodingKey {
        case id, kind, status, position, eta, step, steps, attempt, seed, style, group, photo, result, error, warnings
        case createdAt = "created_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case expiresAt = "expires_at"
    }

    public init(id: String, kind: JobKind, status: JobStatus, createdAt: Timestamp) {
        self.id = id
        self.kind = kind
        self.status = status
        self.createdAt = createdAt
    }
}

/// GET /v1/jobs.
public struct JobList: Sendable, Equatable, Codable {
    public var jobs: [JobDocument]
    /// Give it as `cursor` to go on; absent on the last page.
    public var next: String?

    public init(jobs: [JobDocument], next: String? = nil) {
        self.jobs = jobs
        self.next = next
    }
}
