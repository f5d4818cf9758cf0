// What is known of a style: what its file says of itself (`StyleSummary`, asked of the painter) and what the
// registry adds (`StyleRecord`, kept as `metadata.json` beside the file).

public import LimnerProtocol

/// What a style file says of itself.
public struct StyleSummary: Sendable, Equatable, Codable {
    /// The name it was given when it was made; taken at import when the importer names none.
    public var name: String?
    public var modelName: String
    public var modelHash: String
    /// The sentence tuning started from.
    public var text: String?
    /// The embedding's shape: instruction rows and their width.
    public var tokens: Int
    public var width: Int
    public var seed: UInt64?
    public var steps: Int?
    public var bestStep: Int?
    public var bestLoss: Double?
    /// The probe's curve over the steps; empty when the file has none.
    public var probe: [ProbePoint]

    public init(
        name: String? = nil, modelName: String, modelHash: String, text: String? = nil, tokens: Int, width: Int,
        seed: UInt64? = nil, steps: Int? = nil, bestStep: Int? = nil, bestLoss: Double? = nil,
        probe: [ProbePoint] = []
    ) {
        self.name = name
        self.modelName = modelName
        self.modelHash = modelHash
        self.text = text
        self.tokens = tokens
        self.width = width
        self.seed = seed
        self.steps = steps
        self.bestStep = bestStep
        self.bestLoss = bestLoss
        self.probe = probe
    }
}

/// A style in the registry.
public struct StyleRecord: Sendable, Equatable, Codable {
    public var name: String
    /// SHA-256 of the style file, lower-case hexadecimal.
    public var hash: String
    /// Size of the style file in bytes.
    public var bytes: Int
    /// When it was added, seconds since 1970.
    public var added: Double
    /// The job that made it, when one did: a second attempt of that job finds its own work and not a taken name.
    public var job: String?
    /// What somebody said of it.
    public var description: String?
    /// Whether a thumbnail is there.
    public var hasThumbnail: Bool
    public var summary: StyleSummary
}

/// A style that was set aside because it is damaged.
public struct QuarantinedStyle: Sendable, Equatable {
    /// The name it had.
    public var name: String
    /// The folder it is in now.
    public var folder: String
    /// What is wrong with it and what to do.
    public var reason: String
}
