// Range of a GET on something with a known length (RFC 9110 §14). One range is served; several, another unit
// or anything malformed is ignored, which the RFC allows and which keeps many small ranges from costing much.

public enum ByteRange: Sendable, Equatable {
    /// Answer 200 with everything.
    case whole
    /// Answer 206 with these bytes; never empty.
    case slice(Range<Int>)
    /// Answer 416 with `Content-Range: bytes */length`.
    case unsatisfiable

    /// What a GET of something of `length` bytes gets. The range of any other method is ignored (§14.2), and so is
    /// one whose If-Range does not name `tag`: the client would join parts of two different things.
    public static func of(_ head: RequestHead, length: Int, tag: EntityTag? = nil) -> ByteRange {
        guard head.method == .get, let value = head.fields.first("Range"), isStillOf(tag, head.fields) else {
            return .whole
        }
        return parse(value, length: length)
    }

    /// Whether If-Range holds (§13.1.5). A date never does, because nothing here is told apart by dates.
    private static func isStillOf(_ tag: EntityTag?, _ fields: HeaderFields) -> Bool {
        guard let condition = fields.combined("If-Range") else { return true }
        guard let tag, let given = EntityTag(condition[...]) else { return false }
        return given.matchesStrongly(tag)
    }

    /// `bytes=first-last`, `bytes=first-`, `bytes=-suffix`.
    public static func parse(_ value: [UInt8], length: Int) -> ByteRange {
        guard let equals = value.firstIndex(of: UInt8(ascii: "=")),
            value[..<equals].equals(ignoringCase: "bytes")
        else { return .whole }
        let range = value[(equals + 1)...].trimmed
        let parts = range.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return .whole }
        if parts[0].isEmpty {
            guard let suffix = parts[1].decimalValue else { return .whole }
            guard suffix > 0, length > 0 else { return .unsatisfiable }
            return .slice(max(0, length - suffix)..<length)
        }
        guard let first = parts[0].decimalValue else { return .whole }
        var last = length - 1
        if !parts[1].isEmpty {
            guard let given = parts[1].decimalValue, given >= first else { return .whole }
            last = min(last, given)
        }
        guard first < length else { return .unsatisfiable }
        return .slice(first..<(last + 1))
    }

    /// The Content-Range value of a 206 or 416; nil for a 200.
    public func contentRange(length: Int) -> String? {
        switch self {
        case .whole: nil
        case .slice(let range): "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"
        case .unsatisfiable: "bytes */\(length)"
        }
    }
}
