// What a painter is asked to do, and what it says when it has done it.
//
// Orders hold absolute paths inside the service's own folders, never a name a client sent. A setting that is nil was
// left open: the painter takes its default and says in the outcome which one that was. The seed is always given,
// drawn when the job was accepted, so that a second attempt of the same job makes the same bytes.

public import LimnerProtocol

/// A style as one job sees it: a copy of its own, so that the registry may change meanwhile.
public struct StyleReference: Sendable, Equatable, Codable {
    public var name: String
    /// A folder that holds `style.safetensors`.
    public var folder: String
    /// SHA-256 of that file, lower-case hexadecimal: fit as a cache key.
    public var hash: String
    /// Its share in what is drawn; the shares of an order sum to 1.
    public var weight: Double

    public init(name: String, folder: String, hash: String, weight: Double = 1) {
        self.name = name
        self.folder = folder
        self.hash = hash
        self.weight = weight
    }

    /// The style file inside ``folder``.
    public var file: String { folder + "/" + StyleRegistry.styleFileName }
}

/// One photo to be drawn. With several styles their instructions are mixed by weight; a text beside styles is said in
/// addition, and alone it is the instruction.
public struct SketchOrder: Sendable, Equatable {
    public var photo: String
    public var styles: [StyleReference]
    public var text: String?
    public var steps: Int?
    public var textGuidance: Double?
    public var imageGuidance: Double?
    public var seed: UInt64
    /// One of ``PainterIdentity/samplers``.
    public var sampler: String?
    public var size: SketchSize?
    public var format: ResultFormat
    /// Where the picture is to be written; nothing is there yet.
    public var result: String

    public init(
        photo: String, styles: [StyleReference] = [], text: String? = nil, steps: Int? = nil,
        textGuidance: Double? = nil, imageGuidance: Double? = nil, seed: UInt64, sampler: String? = nil,
        size: SketchSize? = nil, format: ResultFormat = .png, result: String
    ) {
        self.photo = photo
        self.styles = styles
        self.text = text
        self.steps = steps
        self.textGuidance = textGuidance
        self.imageGuidance = imageGuidance
        self.seed = seed
        self.sampler = sampler
        self.size = size
        self.format = format
        self.result = result
    }
}

/// One pair to learn a style from.
public struct TuneOrder: Sendable, Equatable {
    public var photo: String
    public var sketch: String
    /// The name the style will have.
    public var name: String
    /// The sentence the instruction starts from.
    public var text: String?
    public var steps: Int?
    public var seed: UInt64
    /// An empty folder that receives `style.safetensors` and `thumbnail.png`.
    public var stagingFolder: String
    /// A file that outlives this attempt: write what a later attempt needs to go on, by rename; it may be there already.
    public var checkpoint: String

    public init(
        photo: String, sketch: String, name: String, text: String? = nil, steps: Int? = nil, seed: UInt64,
        stagingFolder: String, checkpoint: String
    ) {
        self.photo = photo
        self.sketch = sketch
        self.name = name
        self.text = text
        self.steps = steps
        self.seed = seed
        self.stagingFolder = stagingFolder
        self.checkpoint = checkpoint
    }
}

/// One phase of the work and how long it took; becomes a `Server-Timing` entry.
public struct PhaseTiming: Sendable, Equatable, Codable {
    /// A token of lower-case letters and hyphens, e.g. `encode`.
    public var phase: String
    public var seconds: Double

    public init(_ phase: String, seconds: Double) {
        self.phase = phase
        self.seconds = seconds
    }
}

/// A drawn sketch: its size, the settings that were used, and how long it took.
public struct SketchOutcome: Sendable, Equatable, Codable {
    /// The picture's size in pixels.
    public var width: Int
    public var height: Int
    public var steps: Int
    public var textGuidance: Double
    public var imageGuidance: Double
    public var seed: UInt64
    public var sampler: String
    public var modelHash: String
    public var timings: [PhaseTiming]
    /// Sentences for the person who asked, e.g. that a photo was enlarged.
    public var warnings: [String]

    public init(
        width: Int, height: Int, steps: Int, textGuidance: Double, imageGuidance: Double, seed: UInt64,
        sampler: String, modelHash: String, timings: [PhaseTiming] = [], warnings: [String] = []
    ) {
        self.width = width
        self.height = height
        self.steps = steps
        self.textGuidance = textGuidance
        self.imageGuidance = imageGuidance
        self.seed = seed
        self.sampler = sampler
        self.modelHash = modelHash
        self.timings = timings
        self.warnings = warnings
    }
}

/// A learned style: at which size it was learned, the settings that were used, and how long it took.
public struct TuneOutcome: Sendable, Equatable, Codable {
    /// The size in pixels the pair was brought to.
    public var width: Int
    public var height: Int
    /// Steps taken; fewer than asked when tuning stopped early.
    public var steps: Int
    public var bestStep: Int
    /// The probe's loss at ``bestStep``.
    public var bestLoss: Double
    public var seed: UInt64
    public var text: String
    public var modelHash: String
    public var timings: [PhaseTiming]
    public var warnings: [String]

    public init(
        width: Int, height: Int, steps: Int, bestStep: Int, bestLoss: Double, seed: UInt64, text: String,
        modelHash: String, timings: [PhaseTiming] = [], warnings: [String] = []
    ) {
        self.width = width
        self.height = height
        self.steps = steps
        self.bestStep = bestStep
        self.bestLoss = bestLoss
        self.seed = seed
        self.text = text
        self.modelHash = modelHash
        self.timings = timings
        self.warnings = warnings
    }
}
