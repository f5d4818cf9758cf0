// What an evaluation is made on: pairs, in families of one style each, and the files that could not take part.

/// A photo and the same picture drawn.
public struct Pair: Sendable, Hashable, Codable {
    /// Unique in its family, without path separators.
    public let name: String
    /// Paths below the data's folder.
    public let photo: String
    public let sketch: String

    public init(name: String, photo: String, sketch: String) {
        self.name = name
        self.photo = photo
        self.sketch = sketch
    }
}

/// The pairs of one style, sorted by name.
public struct Family: Sendable, Equatable, Codable {
    public let name: String
    public let pairs: [Pair]

    public init(name: String, pairs: [Pair]) {
        self.name = name
        self.pairs = pairs.sorted { $0.name < $1.name }
    }
}

/// Something that took no part in the numbers, and why.
public struct Rejection: Sendable, Equatable, Codable {
    public let what: String
    public let reason: String

    public init(_ what: String, _ reason: String) {
        self.what = what
        self.reason = reason
    }
}
