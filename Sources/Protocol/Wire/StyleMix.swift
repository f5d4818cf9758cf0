// What a sketch's `style` names: one style, or several that are mixed by weight, `charcoal:0.7,ink:0.3`. A weight is a
// plain number of at least 0 and counts in proportion to the others; one that is left out is 1.

public struct StyleMix: Sendable, Equatable {
    public struct Share: Sendable, Equatable {
        public let name: String
        /// 0…1; the shares of a mix sum to 1.
        public let weight: Double
    }

    public static let rule =
        "Give a style's name, or up to \(OptionLimits.mixedStyles) names once each as 'name:weight,name:weight' with "
        + "weights of at least 0 that are not all 0. " + StyleName.rule

    public let shares: [Share]

    /// nil when the text is no mix.
    public init?(_ text: String) {
        var given: [(name: String, weight: Double)] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = piece.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.map(String.init), StyleName.isValid(name),
                !given.contains(where: { $0.name == name }),
                let weight = parts.count == 1 ? 1 : StyleMix.weight(parts[1])
            else { return nil }
            given.append((name, weight))
        }
        let sum = given.reduce(0) { $0 + $1.weight }
        guard given.count <= OptionLimits.mixedStyles, sum > 0 else { return nil }
        shares = given.map { Share(name: $0.name, weight: $0.weight / sum) }
    }

    /// The mix as it is shown: a single name alone, else names and shares to four digits.
    public var text: String {
        guard shares.count > 1 else { return shares[0].name }
        return shares.map { "\($0.name):\(StyleMix.shown($0.weight))" }.joined(separator: ",")
    }

    private static func weight(_ text: Substring) -> Double? {
        let parts = Array(text.utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, text.utf8.count <= 16, parts.allSatisfy({ $0.decimalValue != nil }) else { return nil }
        return Double(String(text))
    }

    private static func shown(_ weight: Double) -> String {
        let text = "\((weight * 10_000).rounded() / 10_000)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
