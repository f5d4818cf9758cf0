// Which of several media types a client wants (RFC 9110 §12.5.1). The most specific range that fits a type
// decides its weight; of equal weights the service's own order decides. Parameters other than q do not.

public struct Accept: Sendable, Equatable {
    private struct MediaRange: Sendable, Equatable {
        var type: String
        var subtype: String
        /// Thousandths.
        var weight: Int

        /// 3 exact, 2 `type/*`, 1 `*/*`, 0 does not fit.
        func fit(_ offered: MediaType) -> Int {
            if type == "*", subtype == "*" { return 1 }
            guard type == offered.type else { return 0 }
            if subtype == "*" { return 2 }
            return subtype == offered.subtype ? 3 : 0
        }
    }

    private let ranges: [MediaRange]

    /// Reads every Accept field; none, or an empty one, accepts everything. nil when it is malformed.
    public init?(_ fields: HeaderFields) {
        guard let elements = fields.list("Accept") else { return nil }
        var ranges: [MediaRange] = []
        for element in elements {
            guard let range = Accept.range(element) else { return nil }
            ranges.append(range)
        }
        self.ranges = ranges
    }

    /// The first of the offered types (`type/subtype`) that has the greatest weight; nil when none is wanted.
    public func best(of offered: [String]) -> String? {
        var best: (name: String, weight: Int)?
        for name in offered {
            guard let type = MediaType(Array(name.utf8)) else { preconditionFailure("offer a valid media type") }
            let weight = weight(of: type)
            if weight > best?.weight ?? 0 { best = (name, weight) }
        }
        return best?.name
    }

    /// Whether the client names the type itself, not by a wildcard, with a weight above zero.
    public func names(_ essence: String) -> Bool {
        ranges.contains { "\($0.type)/\($0.subtype)" == essence && $0.weight > 0 }
    }

    private func weight(of type: MediaType) -> Int {
        guard !ranges.isEmpty else { return 1000 }
        var found = (fit: 0, weight: 0)
        for range in ranges where range.fit(type) > found.fit { found = (range.fit(type), range.weight) }
        return found.weight
    }

    private static func range(_ element: ArraySlice<UInt8>) -> MediaRange? {
        guard let pieces = element.elements(separatedBy: UInt8(ascii: ";")), let essence = pieces.first,
            let type = MediaType(Array(essence)), type.type != "*" || type.subtype == "*"
        else { return nil }
        var weight = 1000
        for piece in pieces.dropFirst() {
            guard let parameter = Parameter(piece) else { return nil }
            if parameter.name == "q" {
                guard let value = thousandths(parameter.value[...]) else { return nil }
                weight = value
            }
        }
        return MediaRange(type: type.type, subtype: type.subtype, weight: weight)
    }

    /// qvalue (RFC 9110 §12.4.2): `0` or `1` with at most three decimals, at most 1.
    private static func thousandths(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1") else { return nil }
        var fraction = bytes.dropFirst()
        if !fraction.isEmpty {
            guard fraction.popFirst() == UInt8(ascii: "."), fraction.count <= 3 else { return nil }
        }
        let digits = Array(fraction) + Array(repeating: UInt8(ascii: "0"), count: 3 - fraction.count)
        guard let decimals = digits[...].decimalValue else { return nil }
        let value = Int(first - UInt8(ascii: "0")) * 1000 + decimals
        return value <= 1000 ? value : nil
    }
}
