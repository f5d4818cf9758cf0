// A point in time on the wire: RFC 3339 in UTC with milliseconds. The value comes from the caller's clock.

public struct Timestamp: Sendable, Hashable, Comparable, Codable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }

    /// `2026-11-23T20:27:05.250Z`.
    public var text: String {
        let fraction = Int(((milliseconds % 1000) + 1000) % 1000)
        let date = CivilDate(secondsSinceEpoch: (Int(milliseconds) - fraction) / 1000)
        let day = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
        return "\(day)T\(date.clock).\(padded(fraction, 3))Z"
    }

    /// Parses what `text` writes; nil for any other form.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 24, let year = bytes[0..<4].decimalValue, let month = bytes[5..<7].decimalValue,
            let day = bytes[8..<10].decimalValue, let hour = bytes[11..<13].decimalValue,
            let minute = bytes[14..<16].decimalValue, let second = bytes[17..<19].decimalValue,
            let fraction = bytes[20..<23].decimalValue, (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let days = CivilDate.days(year: year, month: month, day: day)
        let seconds = days * 86400 + hour * 3600 + minute * 60 + second
        milliseconds = Int64(seconds) * 1000 + Int64(fraction)
        // Written back it must be what was read: this checks separators and ranges.
        if self.text != text { return nil }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let parsed = Timestamp(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 UTC timestamp")
        }
        self = parsed
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
