// The tones of a style: what becomes of each level of a drawn picture, so that paper and ink are the example's.

/// One curve for each of red, green and blue, for the pictures that are drawn with the style.
public struct ToneCurves: Sendable, Equatable {
    /// Curves and levels: [3, 256].
    public static let shape = [3, 256]

    /// Which level of a pixel its new red, green and blue are looked up at.
    public enum Source: String, Sendable {
        /// Each at its own.
        case channels
        /// All three at the pixel's luma: the example is drawn in one ink, whatever hue the model gives it.
        case luma
    }

    /// What red becomes at each level, then green and blue, 0…255.
    public let values: [Float]
    public let source: Source

    /// - Throws: `EngineError.setting` unless these are 3 · 256 numbers in 0…255, none of a curve below the one before it.
    public init(_ values: [Float], of source: Source) throws(EngineError) {
        let levels = Self.shape[1]
        let isMonotone = values.indices.dropFirst().allSatisfy { $0 % levels == 0 || values[$0] >= values[$0 - 1] }
        guard values.count == Self.shape.reduce(1, *), values.allSatisfy({ (0...255).contains($0) }), isMonotone else {
            throw .setting(
                name: "tone curves", detail: "must be three times 256 numbers in 0…255, each time in rising order")
        }
        (self.values, self.source) = (values, source)
    }
}
