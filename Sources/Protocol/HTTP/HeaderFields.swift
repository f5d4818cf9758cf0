// Fields of a request or an answer: an ordered list that keeps duplicates. A dictionary would hide a second
// Content-Length, and hiding it is how requests are smuggled. Values stay bytes, because obs-text has no
// encoding (RFC 9110 §5.5).

/// One field line.
public struct HeaderField: Sendable, Equatable {
    /// The name as it was written; names compare without regard to case.
    public let name: String
    /// The value without surrounding white space, as bytes.
    public let value: [UInt8]

    /// Parses a line without its CRLF: `name ":" OWS value OWS` (RFC 9112 §5).
    init(line: ArraySlice<UInt8>) throws(ParseFault) {
        if let first = line.first, first.isBlank { throw .fieldFolded }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .fieldName }
        let name = line[..<colon]
        guard name.isToken, let text = name.text else { throw .fieldName }
        let value = line[(colon + 1)...]
        guard value.allSatisfy(\.isFieldCharacter) else { throw .fieldValue }
        self.name = text
        self.value = Array(value.trimmed)
    }

    init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// An ordered list of fields that keeps duplicates.
public struct HeaderFields: Sendable, Equatable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
    private var list: [HeaderField] = []

    public init() {}

    /// Fields from literals, in order, duplicates kept.
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }

    public var startIndex: Int { list.startIndex }
    public var endIndex: Int { list.endIndex }
    public subscript(position: Int) -> HeaderField { list[position] }

    /// Adds a field. The name must be a token, which is the programmer's affair. Control characters in the
    /// value become spaces (RFC 9110 §5.5), so no value can end its line.
    public mutating func append(_ name: String, _ value: String) {
        precondition(Array(name.utf8)[...].isToken, "a field name must be a token")
        let bytes = value.utf8.map { $0.isFieldCharacter ? $0 : UInt8.space }
        list.append(HeaderField(name: name, value: Array(bytes[...].trimmed)))
    }

    /// Replaces every field of that name by one.
    public mutating func set(_ name: String, _ value: String) {
        removeAll(name)
        append(name, value)
    }

    /// Removes every field of that name.
    public mutating func removeAll(_ name: String) {
        list.removeAll { equalNames($0.name, name) }
    }

    mutating func append(_ field: HeaderField) { list.append(field) }

    /// The values of every field of that name, in order.
    public func values(_ name: String) -> [[UInt8]] {
        list.filter { equalNames($0.name, name) }.map(\.value)
    }

    /// The value of the first field of that name, when it is valid UTF-8.
    public func text(_ name: String) -> String? {
        list.first { equalNames($0.name, name) }?.value[...].text
    }

    public func contains(_ name: String) -> Bool { list.contains { equalNames($0.name, name) } }

    /// All fields of that name joined with commas, as RFC 9110 §5.3 allows; nil when there is none.
    public func combined(_ name: String) -> [UInt8]? {
        let values = values(name)
        return values.isEmpty ? nil : Array(values.joined(separator: [UInt8(ascii: ","), .space]))
    }

    /// The elements of a comma-separated list over all fields of that name, without empty elements
    /// (RFC 9110 §5.6.1). nil when a quoted string does not end.
    public func list(_ name: String) -> [ArraySlice<UInt8>]? {
        guard let value = combined(name) else { return [] }
        return value[...].elements(separatedBy: UInt8(ascii: ","))?.filter { !$0.isEmpty }
    }
}
