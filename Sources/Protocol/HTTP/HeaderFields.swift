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
        let name = line.prefix(while: \.isTokenCharacter)
        guard !name.isEmpty, name.endIndex < line.endIndex, line[name.endIndex] == UInt8(ascii: ":") else {
            throw .fieldName
        }
        let value = line[(name.endIndex + 1)...]
        guard value.allSatisfy(\.isFieldCharacter) else { throw .fieldValue }
        self.name = String(decoding: name, as: UTF8.self)
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
        precondition(name.utf8.span.isToken, "a field name must be a token")
        var bytes = Array(value.utf8)
        for index in bytes.indices where !bytes[index].isFieldCharacter { bytes[index] = .space }
        let trimmed = bytes[...].trimmed
        list.append(HeaderField(name: name, value: trimmed.count == bytes.count ? bytes : Array(trimmed)))
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

    mutating func append(_ field: HeaderField) {
        // One allocation holds the fields of most requests.
        if list.isEmpty { list.reserveCapacity(HeaderFields.usualCount) }
        list.append(field)
    }

    private static let usualCount = 12

    /// The place of the next field of that name.
    private func place(_ name: String, from begin: Int = 0) -> Int? {
        let length = name.utf8.count
        for index in begin..<list.count where list[index].name.utf8.count == length {
            if equalNames(list[index].name, name) { return index }
        }
        return nil
    }

    /// The values of every field of that name, in order.
    public func values(_ name: String) -> [[UInt8]] {
        var values: [[UInt8]] = []
        var next = place(name)
        while let place = next {
            values.append(list[place].value)
            next = self.place(name, from: place + 1)
        }
        return values
    }

    /// The value of the first field of that name.
    func first(_ name: String) -> [UInt8]? { place(name).map { list[$0].value } }

    /// The value of the first field of that name, when it is valid UTF-8.
    public func text(_ name: String) -> String? { first(name)?[...].text }

    public func contains(_ name: String) -> Bool { place(name) != nil }

    /// Whether more than one field has that name.
    func repeats(_ name: String) -> Bool {
        guard let first = place(name) else { return false }
        return place(name, from: first + 1) != nil
    }

    /// All fields of that name joined with commas, as RFC 9110 §5.3 allows; nil when there is none.
    public func combined(_ name: String) -> [UInt8]? {
        guard repeats(name) else { return first(name) }
        return Array(values(name).joined(separator: [UInt8(ascii: ","), .space]))
    }

    /// The elements of a comma-separated list over all fields of that name, without empty elements
    /// (RFC 9110 §5.6.1). nil when a quoted string does not end.
    public func list(_ name: String) -> [ArraySlice<UInt8>]? {
        guard let value = combined(name) else { return [] }
        return value[...].elements(separatedBy: UInt8(ascii: ","))?.filter { !$0.isEmpty }
    }
}
