// A style as clients see it: GET /v1/styles and /v1/styles/{name}.

/// The tuning loss of the first step and of the state that was kept.
public struct StyleLoss: Sendable, Equatable, Codable {
    public var first: Double
    public var best: Double

    public init(first: Double, best: Double) {
        self.first = first
        self.best = best
    }
}

/// One measurement of the fixed probe during tuning.
public struct ProbePoint: Sendable, Equatable, Codable {
    public var step: Int
    public var loss: Double

    public init(step: Int, loss: Double) {
        self.step = step
        self.loss = loss
    }
}

public struct StyleDocument: Sendable, Equatable, Codable {
    public var name: String
    public var createdAt: Timestamp
    /// What somebody said of it.
    public var description: String?
    /// The instruction tuning began from.
    public var text: String
    /// Hash of the model the style belongs to.
    public var modelHash: String
    /// Hash of the style file.
    public var hash: String
    /// Embedding rows that were tuned.
    public var rows: Int
    /// Gradient steps done.
    public var steps: Int
    public var loss: StyleLoss?
    /// The probe's curve, in order of steps; left out of lists.
    public var probe: [ProbePoint]?
    /// Path of a picture of the pair.
    public var thumbnail: String?

    private enum CodingKeys: String, CodingKey {
        case name, description, text, hash, rows, steps, loss, probe, thumbnail
        case createdAt = "created_at"
        case modelHash = "model_hash"
    }

    public init(
        name: String, createdAt: Timestamp, text: String, modelHash: String, hash: String, rows: Int, steps: Int
    ) {
        self.name = name
        self.createdAt = createdAt
        self.text = text
        self.modelHash = modelHash
        self.hash = hash
        self.rows = rows
        self.steps = steps
    }
}

/// GET /v1/styles.
public struct StyleList: Sendable, Equatable, Codable {
    public var styles: [StyleDocument]

    public init(styles: [StyleDocument]) { self.styles = styles }
}
