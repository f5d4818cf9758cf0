// The rows of the table. One more way to make a sketch is one more case here, and what it does in the evaluator.

/// A way to come from a test photo to a sketch, knowing one pair.
public enum SketchMethod: String, Sendable, Codable, CaseIterable {
    /// The instruction tuned on the pair.
    case tuned
    /// What the model proposes for the pair before anything is tuned.
    case predicted
    /// The model's sentence, or the one that was asked for.
    case untuned
    /// The photo in gray.
    case gray
    /// The pair's sketch, whoever is in the photo.
    case copy
    /// The best classical filter found by search on the pair.
    case filter

    /// As in the table.
    public var title: String {
        switch self {
        case .tuned: "tuned"
        case .predicted: "predicted start"
        case .untuned: "untuned sentence"
        case .gray: "gray photo"
        case .copy: "the pair's sketch"
        case .filter: "fitted filter"
        }
    }

    /// Made without the model; left out when no baselines are wanted.
    public var isBaseline: Bool {
        switch self {
        case .tuned, .predicted, .untuned: false
        case .gray, .copy, .filter: true
        }
    }
}
