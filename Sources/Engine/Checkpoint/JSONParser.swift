// A strict recursive-descent JSON parser on bytes (RFC 8259), with the three constants that Python adds.
//
// Bounded: nesting stops at `Limits.jsonDepth`, every loop consumes input, and duplicate keys are refused.

package struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Parses `bytes` whole: one value, surrounded by nothing but white space.
    package static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONFault) -> JSONValue {
        var parser = JSONParser(bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.fault("text after the end of the value") }
        return value
    }

    private func fault(_ detail: String) -> JSONFault { JSONFault(detail: detail, offset: position) }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Skips white space and `byte`, or leaves the position after the space and returns false.
    private mutating func accept(_ byte: UInt8) -> Bool {
        skipSpace()
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(JSONFault) {
        guard accept(UInt8(ascii: character)) else { throw fault("'\(character)' expected") }
    }

    private mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
        guard depth < Limits.jsonDepth else { throw fault("nested deeper than \(Limits.jsonDepth)") }
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case .some: return try literal()
        case nil: throw fault("the text ends where a value is expected")
        }
    }

    private mutating func object(depth: Int) throws(JSONFault) -> JSONValue {
        position += 1
        var members: [String: JSONValue] = [:]
        if accept(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            let key = try string()
            try expect(":")
            let member = try value(depth: depth + 1)
            guard members.updateValue(member, forKey: key) == nil else { throw fault("the key '\(key)' comes twice") }
        } while accept(UInt8(ascii: ","))
        try expect("}")
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONFault) -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        if accept(UInt8(ascii: "]")) { return .array(elements) }
        repeat { elements.append(try value(depth: depth + 1)) } while accept(UInt8(ascii: ","))
        try expect("]")
        return .array(elements)
    }

    /// A number, `true`, `false`, `null`, or one of Python's `NaN`, `Infinity`, `-Infinity`.
    private mutating func literal() throws(JSONFault) -> JSONValue {
        let start = position
        while let byte = current, Self.isLiteral(byte) { position += 1 }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        switch word {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "NaN": return .number(.nan)
        case "Infinity": return .number(.infinity)
        case "-Infinity": return .number(-.infinity)
        default: break
        }
        guard Self.isNumber(bytes[start..<position]) else {
            position = start
            throw fault("not a JSON value")
        }
        if let integer = Int(word) { return .integer(integer) }
        guard let number = Double(word), number.isFinite else { throw fault("the number \(word) is out of range") }
        return .number(number)
    }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }

    /// RFC 8259 §6: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
    private static func isNumber(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var rest = text[...]
        func digits() -> Int {
            let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        func skip(_ allowed: [UInt8]) -> Bool {
            guard let byte = rest.first, allowed.contains(byte) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = skip([UInt8(ascii: "-")])
        let leadingZero = rest.first == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0, !(leadingZero && whole > 1) else { return false }
        if skip([UInt8(ascii: ".")]), digits() == 0 { return false }
        if skip([UInt8(ascii: "e"), UInt8(ascii: "E")]) {
            _ = skip([UInt8(ascii: "+"), UInt8(ascii: "-")])
            if digits() == 0 { return false }
        }
        return rest.isEmpty
    }

    private mutating func string() throws(JSONFault) -> String {
        guard current == UInt8(ascii: "\"") else { throw fault("a string is expected") }
        position += 1
        let start = position
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        if current == UInt8(ascii: "\"") {
            defer { position += 1 }
            return try text(Array(bytes[start..<position]))
        }
        return try escapedString(prefix: Array(bytes[start..<position]))
    }

    /// The rest of a string in which a backslash was met.
    private mutating func escapedString(prefix: [UInt8]) throws(JSONFault) -> String {
        var content = prefix
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try text(content)
            case UInt8(ascii: "\\"): content.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw fault("a control character inside a string")
            default: content.append(byte)
            }
        }
        throw fault("the text ends inside a string")
    }

    private func text(_ content: [UInt8]) throws(JSONFault) -> String {
        guard let text = String(validating: content, as: UTF8.self) else { throw fault("a string is not UTF-8") }
        return text
    }

    private mutating func escape() throws(JSONFault) -> Unicode.Scalar {
        guard let byte = current else { throw fault("the text ends inside an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw fault("unknown escape")
        }
    }

    /// `\u` and four hexadecimal digits, or two of them that form a surrogate pair (§7).
    private mutating func unicodeEscape() throws(JSONFault) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, current == UInt8(ascii: "\\") else { throw fault("a lone surrogate") }
        position += 1
        guard current == UInt8(ascii: "u") else { throw fault("a lone surrogate") }
        position += 1
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw fault("a lone surrogate") }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("four hexadecimal digits expected")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
