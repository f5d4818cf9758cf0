// The settings of tuning and their ranges, in one place. The recipe is derived from VISII (Nguyen et al. 2023) with its
// traps removed: docs/decisions/0005-the-tuning-recipe.md says which and why.

/// What tuning walks down.
public enum TuningObjective: String, Sendable, Codable, CaseIterable {
    /// The squared error of the guided prediction, as in VISII.
    case prediction
    /// Tone and contrast of the clean latent (`ToneAndContrast`); for models that predict v or the sample.
    case toneAndContrast = "tone_and_contrast"
}

/// How an instruction is tuned on one pair.
public struct TuningSettings: Sendable, Equatable, Codable {
    /// Where tuning starts: from the sentence, or from what the model proposes for the pair.
    public var start: Start
    /// The sentence of a start from a sentence.
    public var text: String
    /// How many rows after the begin token are tuned; nil takes those of the start.
    public var freeRows: Int?
    /// Steps at most.
    public var steps: Int
    public var learningRate: Float
    public var weightDecay: Float = 1e-2
    public var objective: TuningObjective
    /// Whether every step's gradient is brought to length 1 before AdamW sees it. A single step whose gradient is a thousand
    /// times as long as the others would otherwise hold AdamW still to the end.
    public var unitGradients: Bool
    public var textGuidance: Float
    public var imageGuidance: Float
    /// (timestep, noise) pairs looked at in one step.
    public var batch: Int
    /// The earliest timestep looked at.
    public var firstTimestep: Int
    /// (timestep, noise) pairs in all; their constants are computed once. nil: each serves six steps where guidance makes
    /// it cost two passes, but at least 8; without guidance there are 64.
    public var samples: Int?
    /// Pairs of the fixed probe that chooses the best state.
    public var probeSamples = 8
    /// Steps between two looks at the probe.
    public var probeInterval = 10
    /// Looks without a better probe after which tuning stops early.
    public var patience = 5
    public var seed: UInt64

    /// Where tuning starts.
    public enum Start: String, Sendable, Codable {
        case sentence, pair
    }

    /// The defaults of a model.
    public init(_ defaults: ModelDefaults, start: Start = .sentence, seed: UInt64 = 0) {
        self.start = start
        text = defaults.tuning.text
        freeRows = defaults.tuning.freeRows
        steps = defaults.tuning.steps
        learningRate = defaults.tuning.learningRate
        objective = defaults.tuning.objective
        unitGradients = defaults.tuning.unitGradients
        textGuidance = defaults.textGuidance
        imageGuidance = defaults.imageGuidance
        (batch, samples) = (defaults.tuning.batch, defaults.tuning.samples)
        firstTimestep = defaults.tuning.firstTimestep
        self.seed = seed
    }

    /// The sentence tuning begins from; empty when it begins from the pair.
    public var sentence: String { start == .sentence ? text : "" }

    /// How many samples there are.
    package var sampleCount: Int {
        samples
            ?? (guidance.isActive
                ? min(max(steps * batch / Self.stepsPerSample, Self.fewestSamples), Self.mostSamples)
                : Self.mostSamples)
    }

    private static let stepsPerSample = 6
    private static let fewestSamples = 8
    private static let mostSamples = 64

    package var guidance: Guidance { Guidance(text: textGuidance, image: imageGuidance) }

    /// Refuses what cannot be tuned with.
    func validate() throws(EngineError) {
        try Self.check("steps", steps, 1...Limits.maximumTuningSteps)
        try Self.check("batch", batch, 1...Limits.maximumTuningBatch)
        try Self.check("samples", sampleCount, 1...Limits.maximumTuningSamples)
        try Self.check("probe samples", probeSamples, 1...Limits.maximumTuningSamples)
        try Self.check("probe interval", probeInterval, 1...Limits.maximumTuningSteps)
        try Self.check("patience", patience, 1...Limits.maximumTuningSteps)
        guard learningRate > 0, learningRate.isFinite else {
            throw .setting(name: "learning rate", detail: "must be above 0, but is \(learningRate)")
        }
        guard weightDecay >= 0, weightDecay.isFinite else {
            throw .setting(name: "weight decay", detail: "must not be below 0, but is \(weightDecay)")
        }
    }

    private static func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(EngineError) {
        guard range.contains(value) else {
            throw .setting(name: name, detail: "must be \(range.lowerBound) to \(range.upperBound), but is \(value)")
        }
    }
}

extension TuningSettings {
    /// What a file of an older build does not say is what that build did.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        start = try values.decode(Start.self, forKey: .start)
        text = try values.decode(String.self, forKey: .text)
        freeRows = try values.decodeIfPresent(Int.self, forKey: .freeRows)
        steps = try values.decode(Int.self, forKey: .steps)
        learningRate = try values.decode(Float.self, forKey: .learningRate)
        weightDecay = try values.decode(Float.self, forKey: .weightDecay)
        objective = try values.decode(TuningObjective.self, forKey: .objective)
        unitGradients = try values.decodeIfPresent(Bool.self, forKey: .unitGradients) ?? false
        textGuidance = try values.decode(Float.self, forKey: .textGuidance)
        imageGuidance = try values.decode(Float.self, forKey: .imageGuidance)
        batch = try values.decode(Int.self, forKey: .batch)
        firstTimestep = try values.decode(Int.self, forKey: .firstTimestep)
        samples = try values.decodeIfPresent(Int.self, forKey: .samples)
        probeSamples = try values.decode(Int.self, forKey: .probeSamples)
        probeInterval = try values.decode(Int.self, forKey: .probeInterval)
        patience = try values.decode(Int.self, forKey: .patience)
        seed = try values.decode(UInt64.self, forKey: .seed)
    }
}
