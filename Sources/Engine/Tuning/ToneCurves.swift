// The tones of a style: what becomes of each level of a drawn picture, so that paper and ink are the example's.

/// One curve for each of red, green and blue, applied to a picture that was drawn with the style.
public struct ToneCurves: Sendable, Equatable {
    /// Curves and levels: [3, 256].
    public static let shape = [3, 256]

    /// What each level of red becomes, then of green and of blue, 0…255.
    public let values: [Float]

    /// - Throws: `EngineError.setting` unless these are 3 · 256 numbers in 0…255, none of a curve below the one before it.
    public init(_ values: [Float]) throws(EngineError) {
        let levels = Self.shape[1]
        let isMonotone = values.indices.dropFirst().allSatisfy { $0 % levels == 0 || values[$0] >= values[$0 - 1] }
        guard values.count == Self.shape.reduce(1, *), values.allSatisfy({ (0...255).contains($0) }), isMonotone else {
            throw .setting(
                name: "tone curves", detail: "must be three times 256 numbers in 0…255, each time in rising order")
        }
        self.values = values
    }

    private init(monotone values: [Float]) { self.values = values }

    private static let identity = (0..<3).flatMap { _ in (0..<256).map(Float.init) }

    /// The curves of mixed styles: the weighted mean, a style without curves counting as one that changes nothing; nil when
    /// none has any.
    /// - Parameter parts: weights above 0 that sum to 1.
    public static func mixed(_ parts: [(curves: ToneCurves?, weight: Float)]) -> ToneCurves? {
        guard parts.contains(where: { $0.curves != nil }) else { return nil }
        var sum = [Float](repeating: 0, count: identity.count)
        for (curves, weight) in parts {
            for (index, value) in (curves?.values ?? identity).enumerated() { sum[index] += weight * value }
        }
        return ToneCurves(monotone: sum.map { min(max($0, 0), 255) })
    }

    /// The pixels, red, green and blue in turn, with their tones changed.
    public func applied(to pixels: [UInt8]) -> [UInt8] {
        let table = values.map { UInt8($0.rounded()) }
        return pixels.indices.map { table[$0 % 3 * Self.shape[1] + Int(pixels[$0])] }
    }
}
