// The request target in its four forms (RFC 9112 §3.2), decoded once into segments and query items. Routing
// happens on segments: the path is split at "/" before decoding, so an encoded slash stays inside its
// segment, and dot segments are refused instead of resolved. No path ever reaches a file system.

/// A name and its value: a query item or a text part of a form.
public struct NamedValue: Sendable, Equatable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

public struct RequestTarget: Sendable, Equatable {
    /// RFC 9112 §3.2.1 – §3.2.4.
    public enum Form: Sendable { case origin, absolute, authority, asterisk }

    public let form: Form
    /// The target as it was sent, ASCII.
    public let raw: String
    /// Lower case; only in absolute form.
    public let scheme: String?
    /// Only in absolute and authority form; it then wins over Host.
    public let authority: Authority?
    /// The path as it was sent; empty in asterisk and authority form.
    public let path: String
    /// The decoded path segments: `/v1/jobs` is `["v1", "jobs"]`, `/` is `[]`, a trailing slash is a last "".
    public let segments: [String]
    /// The decoded items of the query, in order, duplicates kept.
    public let query: [NamedValue]

    /// The first value of a query item.
    public func queryValue(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// Parses a target; the method decides which forms are legal (RFC 9112 §3.2).
    init(_ bytes: ArraySlice<UInt8>, method: Method) throws(ParseFault) {
        guard let raw = bytes.text else { throw .target }
        self.raw = raw
        var form = Form.origin
        var scheme: String?
        var authority: Authority?
        var rest = bytes
        if method == .connect {
            guard let given = Authority(bytes), given.port != nil else { throw .target }
            (form, authority, rest) = (.authority, given, bytes[bytes.endIndex...])
        } else if bytes.equals("*") {
            guard method == .options else { throw .target }
            (form, rest) = (.asterisk, bytes[bytes.endIndex...])
        } else if bytes.first != UInt8(ascii: "/") {
            form = .absolute
            (scheme, authority, rest) = try RequestTarget.absolute(bytes)
        }
        let mark = rest.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex
        // Most targets are a path alone, and then the text need not be made twice.
        guard let path = mark - rest.startIndex == bytes.count ? raw : rest[..<mark].text else { throw .target }
        self.form = form
        self.scheme = scheme
        self.authority = authority
        self.path = path
        self.segments = try RequestTarget.segments(rest[..<mark])
        self.query = try RequestTarget.items(rest[mark...].dropFirst())
    }

    /// `scheme "://" authority path-abempty [ "?" query ]`; an empty path is "/" (RFC 9110 §4.2.3).
    private static func absolute(
        _ bytes: ArraySlice<UInt8>
    ) throws(ParseFault) -> (String, Authority, ArraySlice<UInt8>) {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), let first = bytes.first, first.isAlpha,
            bytes[..<colon].allSatisfy({ $0.isAlpha || $0.isDigit || [0x2B, 0x2D, 0x2E].contains($0) }),
            bytes[colon...].starts(with: "://".utf8), let scheme = bytes[..<colon].lowercasedText
        else { throw .target }
        guard scheme == "http" || scheme == "https" else { throw .misdirected }
        let rest = bytes[(colon + 3)...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        guard let authority = Authority(rest[..<end]) else { throw .target }
        let path = rest[end...]
        return (scheme, authority, path.first == UInt8(ascii: "/") ? path : ([UInt8(ascii: "/")] + path)[...])
    }

    private static func segments(_ path: ArraySlice<UInt8>) throws(ParseFault) -> [String] {
        guard path.count > 1 else { return [] }
        var segments: [String] = []
        var rest = path.dropFirst()
        while true {
            let piece = rest.prefix { $0 != UInt8(ascii: "/") }
            guard piece.allSatisfy({ $0.isPathCharacter || $0 == UInt8(ascii: "%") }) else { throw .target }
            let segment = try PercentCoding.decode(piece)
            guard segment != ".", segment != ".." else { throw .target }
            segments.append(segment)
            guard piece.endIndex < rest.endIndex else { return segments }
            rest = rest[(piece.endIndex + 1)...]
        }
    }

    /// `name=value` pairs joined by "&", as forms write them; pieces that are empty are left out.
    private static func items(_ query: ArraySlice<UInt8>) throws(ParseFault) -> [NamedValue] {
        var items: [NamedValue] = []
        for piece in query.split(separator: UInt8(ascii: "&")) {
            guard piece.allSatisfy({ $0.isPathCharacter || $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "?") }) else {
                throw .target
            }
            let equals = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            let name = try PercentCoding.decode(piece[..<equals], plusIsSpace: true)
            let value = try PercentCoding.decode(piece[equals...].dropFirst(), plusIsSpace: true)
            items.append(NamedValue(name, value))
        }
        return items
    }
}
