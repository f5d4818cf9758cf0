// The data of the events of GET /v1/jobs/{id}/events. The last event, `succeeded`, `failed` or `canceled`, carries the
// whole JobDocument.

internal import FoundationEssentials

/// `queued`: position and forecast while the job still waits.
public struct JobQueuedDocument: Sendable, Equatable, Codable {
    public var id: String
    public var createdAt: Timestamp
    public var position: Int?
    public var eta: JobForecast?

    private enum CodingKeys: String, CodingKey {
        case id, position, eta
        case createdAt = "created_at"
    }

    public init(id: String, createdAt: Timestamp, position: Int? = nil, eta: JobForecast? = nil) {
        self.id = id
        self.createdAt = createdAt
        self.position = position
        self.eta = eta
    }
}

/// `started`: a worker has begun an attempt.
public struct JobStartedDocument: Sendable, Equatable, Codable {
    public var id: String
    public var attempt: Int
    public var startedAt: Timestamp

    private enum CodingKeys: String, CodingKey {
        case id, attempt
        case startedAt = "started_at"
    }

    public init(id: String, attempt: Int, startedAt: Timestamp) {
        self.id = id
        self.attempt = attempt
        self.startedAt = startedAt
    }
}

/// `progress`: so many steps are done.
public struct JobProgressDocument: Sendable, Equatable, Codable {
    public var step: Int
    public var steps: Int
    /// What is being done, one word.
    public var stage: String

    public init(step: Int, steps: Int, stage: String) {
        self.step = step
        self.steps = steps
        self.stage = stage
    }
}

/// `preview`: what the picture looks like after a step.
public struct JobPreviewDocument: Sendable, Equatable, Codable {
    public var step: Int
    public var steps: Int
    /// A small picture as a `data:` URI.
    public var image: String

    public init(step: Int, steps: Int, image: String) {
        self.step = step
        self.steps = steps
        self.image = image
    }
}

/// RFC 4648 §4.
public enum Base64 {
    public static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
