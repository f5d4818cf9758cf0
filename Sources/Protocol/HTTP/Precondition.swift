// Whether a GET or HEAD may be answered 304 (RFC 9110 §13.1.2, §13.1.3, §13.2.2). If-None-Match takes
// precedence over If-Modified-Since, compares weakly, and is ignored when it cannot be read.

/// An entity tag, `"…"` or `W/"…"`.
public struct EntityTag: Sendable, Equatable {
    public let opaque: String
    public let isWeak: Bool

    /// The opaque part is made of visible ASCII without quotes, which is the programmer's affair.
    public init(_ opaque: String, isWeak: Bool = false) {
        precondition(opaque.utf8.allSatisfy(\.isTagCharacter), "an entity tag is visible ASCII without quotes")
        self.opaque = opaque
        self.isWeak = isWeak
    }

    init?(_ bytes: ArraySlice<UInt8>) {
        let isWeak = bytes.starts(with: "W/".utf8)
        let quoted = isWeak ? bytes.dropFirst(2) : bytes
        let quote = UInt8(ascii: "\"")
        guard quoted.count >= 2, quoted.first == quote, quoted.last == quote else { return nil }
        let opaque = quoted.dropFirst().dropLast()
        guard opaque.allSatisfy(\.isTagCharacter), let text = opaque.text else { return nil }
        self.init(text, isWeak: isWeak)
    }

    /// As the ETag field writes it.
    public var text: String { (isWeak ? "W/" : "") + "\"\(opaque)\"" }

    /// RFC 9110 §8.8.3.2: the same bytes.
    public func matchesStrongly(_ other: EntityTag) -> Bool { self == other && !isWeak }

    /// RFC 9110 §8.8.3.2.
    public func matchesWeakly(_ other: EntityTag) -> Bool { opaque == other.opaque }
}

public enum Precondition {
    /// True when the answer to this GET or HEAD is 304.
    /// - Parameters:
    ///   - tag: the current entity tag.
    ///   - modified: the last change in seconds since 1970, nil when unknown.
    ///   - now: the time of the request; a date after it is ignored.
    public static func isNotModified(_ head: RequestHead, tag: EntityTag?, modified: Int?, now: Int) -> Bool {
        guard head.method == .get || head.method == .head else { return false }
        if let verdict = noneMatch(head.fields, tag: tag) { return verdict }
        guard let modified, !head.fields.repeats("If-Modified-Since"),
            let since = head.fields.first("If-Modified-Since"),
            let limit = HTTPDate.seconds(since, now: now), limit <= now
        else { return false }
        return modified <= limit
    }

    /// nil when If-None-Match is absent or not readable.
    private static func noneMatch(_ fields: HeaderFields, tag: EntityTag?) -> Bool? {
        guard let value = fields.combined("If-None-Match") else { return nil }
        if value == [UInt8(ascii: "*")] { return tag != nil }
        guard let elements = EntityTag.list(value[...]) else { return nil }
        guard let tag else { return false }
        return elements.contains { $0.matchesWeakly(tag) }
    }
}

extension EntityTag {
    /// A comma-separated list. A backslash is an ordinary character in a tag, so quoted-string splitting
    /// would be wrong here.
    static func list(_ bytes: ArraySlice<UInt8>) -> [EntityTag]? {
        var tags: [EntityTag] = []
        var begin = bytes.startIndex
        var isQuoted = false
        for index in bytes.startIndex...bytes.endIndex {
            if index < bytes.endIndex {
                if bytes[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
                guard bytes[index] == UInt8(ascii: ","), !isQuoted else { continue }
            }
            let piece = bytes[begin..<index].trimmed
            begin = index + 1
            if piece.isEmpty { continue }
            guard let tag = EntityTag(piece) else { return nil }
            tags.append(tag)
        }
        return tags.isEmpty ? nil : tags
    }
}

extension UInt8 {
    /// etagc (RFC 9110 §8.8.3), ASCII only.
    fileprivate var isTagCharacter: Bool { self > 0x20 && self < 0x7F && self != UInt8(ascii: "\"") }
}
