/// The server's view of whoever draws.
///
/// The service knows no engine: it hands a `Painter` paths and settings and gets a value back. Every call blocks and
/// is made on a thread that may be blocked for minutes (a worker's, or a request handler's for `examine`).
/// A painter may be called from several threads at once when the service runs several workers.
public protocol Painter: Sendable {
    /// What paints: shown in `/v1/info` and written into every result's headers.
    var identity: PainterIdentity { get }

    /// Judges a photo before its job is accepted, reading no more than is needed for that.
    ///
    /// - Returns: the picture's size, upright, in pixels.
    /// - Throws: ``PainterError/unreadable(_:)`` or ``PainterError/tooLarge(_:)``; both are answered with 422.
    func examine(photoAt path: String) throws(PainterError) -> PictureSize

    /// Draws one photo and writes the picture at `order.result`, in `order.format`.
    ///
    /// - Parameter report: called after each step. What it throws (a ``JobInterruption``) must be thrown on,
    ///   unchanged: that is how a job is cancelled between two steps.
    func sketch(_ order: SketchOrder, report: (StepReport) throws -> Void) throws -> SketchOutcome

    /// Learns a style from one pair and writes `style.safetensors` and `thumbnail.png` into `order.stagingFolder`.
    ///
    /// - Parameter report: as in ``sketch(_:report:)``.
    func tune(_ order: TuneOrder, report: (StepReport) throws -> Void) throws -> TuneOutcome

    /// Checks the `style.safetensors` in `folder` and says what it holds.
    ///
    /// A sound style that was made for another model is not damaged: its summary says which model, and drawing with
    /// it is what fails, with ``PainterError/styleUnusable(_:)``.
    ///
    /// - Throws: anything; the error's description is kept beside a style that is quarantined for it.
    func inspectStyle(at folder: String) throws -> StyleSummary
}

/// What paints.
public struct PainterIdentity: Sendable, Equatable {
    /// The model's name as people know it, e.g. `limner-mini`.
    public var modelName: String
    /// A digest of the model's files, lower-case hexadecimal.
    public var modelHash: String
    /// The sampler used when an order names none.
    public var defaultSampler: String
    /// All samplers an order may name.
    public var samplers: [String]

    public init(modelName: String, modelHash: String, defaultSampler: String, samplers: [String]) {
        self.modelName = modelName
        self.modelHash = modelHash
        self.defaultSampler = defaultSampler
        self.samplers = samplers
    }
}

/// A picture's size in pixels, upright.
public struct PictureSize: Sendable, Equatable, Codable {
    public var width: Int
    public var height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

/// Where a drawing or a tuning stands, told after each step.
public struct StepReport: Sendable, Equatable {
    /// Steps done, from 0 (before the first) to `steps`.
    public var step: Int
    /// Steps in all.
    public var steps: Int
    /// What is being done, one lower-case word for people: `encoding`, `drawing`, `tuning`.
    public var stage: String
    /// What the picture looks like so far, now and then.
    public var preview: Preview?

    public init(step: Int, of steps: Int, stage: String, preview: Preview? = nil) {
        self.step = step
        self.steps = steps
        self.stage = stage
        self.preview = preview
    }
}

/// A small picture of a drawing that is not finished. One above 48 KiB is not shown to anybody.
public struct Preview: Sendable, Equatable {
    public var mediaType: String
    public var bytes: [UInt8]

    public init(mediaType: String, bytes: [UInt8]) {
        self.mediaType = mediaType
        self.bytes = bytes
    }
}

/// Why a step report was answered with an error: the painter stops and lets it through.
public enum JobInterruption: Error, Sendable, Equatable {
    /// Somebody cancelled the job.
    case canceled
    /// The service is stopping; the job has gone back into the queue.
    case handedBack
    /// Another worker holds the job by now; whatever this one makes is thrown away.
    case leaseLost
}

/// What a painter may refuse or fail with. Each case carries a sentence for the person who asked.
public enum PainterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not a picture that can be read.
    case unreadable(String)
    /// More pixels than are taken.
    case tooLarge(String)
    /// A setting the model cannot take.
    case unsuitable(field: String, detail: String)
    /// The style is damaged or was made for another model.
    case styleUnusable(String)
    /// Disk or memory ran out: worth another attempt.
    case outOfResources(String)
    /// The engine failed: worth another attempt.
    case failed(String)

    public var description: String {
        switch self {
        case .unreadable(let detail), .tooLarge(let detail), .styleUnusable(let detail),
            .outOfResources(let detail), .failed(let detail):
            detail
        case .unsuitable(let field, let detail): "\(field): \(detail)"
        }
    }

    /// Whether the same order could succeed when tried again.
    public var isWorthRetrying: Bool {
        switch self {
        case .outOfResources, .failed: true
        case .unreadable, .tooLarge, .unsuitable, .styleUnusable: false
        }
    }
}
