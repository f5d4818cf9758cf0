// The three numbers a sketch gets against its truth, and arithmetic on them.

/// A metric of face-sketch synthesis; higher is better for each.
public enum Metric: String, Sendable, Codable, CaseIterable {
    case ssim, fsim, scoot

    /// As people write it.
    public var title: String {
        switch self {
        case .ssim: "SSIM"
        case .fsim: "FSIM"
        case .scoot: "Scoot"
        }
    }
}

/// One value for each metric.
public struct PerMetric<Value: Sendable & Equatable & Codable>: Sendable, Equatable, Codable {
    public var ssim: Value
    public var fsim: Value
    public var scoot: Value

    public init(ssim: Value, fsim: Value, scoot: Value) {
        self.ssim = ssim
        self.fsim = fsim
        self.scoot = scoot
    }

    public init<Failure: Error>(_ value: (Metric) throws(Failure) -> Value) throws(Failure) {
        ssim = try value(.ssim)
        fsim = try value(.fsim)
        scoot = try value(.scoot)
    }

    public subscript(metric: Metric) -> Value {
        switch metric {
        case .ssim: ssim
        case .fsim: fsim
        case .scoot: scoot
        }
    }
}

/// What one picture got.
public typealias Score = PerMetric<Double>

extension Score {
    /// - Parameters:
    ///   - picture: of the truth's size.
    ///   - truth: what it is measured against.
    public init(_ picture: GrayImage, truth: GrayImage) throws(EvaluationError) {
        ssim = try structuralSimilarity(picture, truth)
        fsim = try featureSimilarity(picture, truth)
        scoot = try LimnerEvaluation.scoot(picture, truth)
    }
}

/// Mean and standard deviation.
public struct Spread: Sendable, Equatable, Codable {
    public let mean: Double
    /// Of the sample (n − 1); nil for a single value.
    public let deviation: Double?
    public let count: Int

    /// nil for no values.
    public init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
        count = values.count
    }
}

extension PerMetric where Value == Spread {
    /// Mean and deviation of scores; nil for none.
    public init?(_ scores: [Score]) {
        guard let ssim = Spread(scores.map(\.ssim)), let fsim = Spread(scores.map(\.fsim)),
            let scoot = Spread(scores.map(\.scoot))
        else { return nil }
        self.init(ssim: ssim, fsim: fsim, scoot: scoot)
    }

    /// The means alone.
    public var means: Score { Score(ssim: ssim.mean, fsim: fsim.mean, scoot: scoot.mean) }
}
