// The units an evaluation is made of, each finished once, and what comes of one that goes well.

/// The seeds a sketch depends on.
public struct Seeds: Sendable, Hashable, Codable {
    public var tuning: UInt64
    public var noise: UInt64

    public init(tuning: UInt64, noise: UInt64) {
        self.tuning = tuning
        self.noise = noise
    }
}

/// To tune on one pair.
public struct LessonUnit: Sendable, Hashable, Codable {
    public let family: String
    public let pair: String
    public let seed: UInt64

    public init(family: String, pair: String, seed: UInt64) {
        self.family = family
        self.pair = pair
        self.seed = seed
    }
}

/// A style that was tuned; the style itself is a file.
public struct TunedLesson: Sendable, Equatable, Codable {
    public let seconds: Double
    public let steps: Int
    /// The loss on the tuner's fixed probe.
    public let curve: [CurvePoint]
    public let warnings: [String]

    public init(seconds: Double, steps: Int, curve: [CurvePoint], warnings: [String]) {
        self.seconds = seconds
        self.steps = steps
        self.curve = curve
        self.warnings = warnings
    }
}

/// A look at the tuner's probe.
public struct CurvePoint: Sendable, Equatable, Codable {
    /// Steps made before; 0 is the untuned start.
    public let step: Int
    public let loss: Double

    public init(step: Int, loss: Double) {
        self.step = step
        self.loss = loss
    }
}

/// To fit a filter to one pair.
public struct FilterUnit: Sendable, Hashable, Codable {
    public let family: String
    public let pair: String

    public init(family: String, pair: String) {
        self.family = family
        self.pair = pair
    }
}

/// A filter that was fitted.
public struct FilterFit: Sendable, Equatable, Codable {
    public let filter: FittedFilter
    public let trials: Int
    public let seconds: Double

    public init(filter: FittedFilter, trials: Int, seconds: Double) {
        self.filter = filter
        self.trials = trials
        self.seconds = seconds
    }
}

/// To draw one test photo by one method that knows one pair, and to measure the sketch.
public struct SketchUnit: Sendable, Hashable, Codable {
    public let family: String
    public let pair: String
    public let method: SketchMethod
    public let photo: String
    public let seeds: Seeds

    public init(family: String, pair: String, method: SketchMethod, photo: String, seeds: Seeds) {
        self.family = family
        self.pair = pair
        self.method = method
        self.photo = photo
        self.seeds = seeds
    }
}

/// A sketch that was measured; the sketch itself is a file.
public struct ScoredSketch: Sendable, Equatable, Codable {
    public let score: Score
    /// The sketch's own size, before it was brought to the truth's.
    public let size: Extent
    public let truthSize: Extent
    /// Of tuned sketches.
    public let likeness: Likeness?

    public init(score: Score, size: Extent, truthSize: Extent, likeness: Likeness?) {
        self.score = score
        self.size = size
        self.truthSize = truthSize
        self.likeness = likeness
    }
}

/// A width and a height in pixels.
public struct Extent: Sendable, Hashable, Codable, CustomStringConvertible {
    public let width: Int
    public let height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    public var description: String { "\(width)×\(height)" }
}

/// How near a sketch is to its own photo and to others, by ``gradientStructureSimilarity(_:_:)``.
public struct Likeness: Sendable, Equatable, Codable {
    public let own: Double
    /// The most similar of the others; nil when there is none.
    public let nearest: Double?
    /// Others looked at.
    public let others: Int

    public init(own: Double, others: [Double]) {
        self.own = own
        nearest = others.max()
        self.others = others.count
    }

    /// Whether the sketch is nearer to its own photo than to every other.
    public var isKept: Bool { nearest.map { own > $0 } ?? true }
}
