// The character classes of RFC 9110 §5.6 and RFC 3986 as predicates on one byte, and the few operations on
// runs of bytes the grammars share. Nothing here knows of Unicode: the parser works on bytes only.

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20

    /// DIGIT.
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    /// ALPHA.
    var isAlpha: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }

    /// SP or HTAB: all that counts as white space (RFC 9110 §5.6.3).
    var isBlank: Bool { self == .space || self == .tab }

    /// tchar (RFC 9110 §5.6.2).
    var isTokenCharacter: Bool {
        if isAlpha || isDigit { return true }
        switch Unicode.Scalar(self) {
        case "!", "#", "$", "%", "&", "'", "*", "+", "-", ".", "^", "_", "`", "|", "~": return true
        default: return false
        }
    }

    /// What a field value may hold: VCHAR, obs-text, SP and HTAB (RFC 9110 §5.5).
    var isFieldCharacter: Bool { self == .tab || (self >= 0x20 && self != 0x7F) }

    /// A control character other than HTAB is never legal in a line.
    var isControl: Bool { self < 0x20 || self == 0x7F }

    /// pchar without its percent escape, plus "/" (RFC 3986 §3.3).
    var isPathCharacter: Bool {
        if isAlpha || isDigit { return true }
        switch Unicode.Scalar(self) {
        case "-", ".", "_", "~", "!", "$", "&", "'", "(", ")", "*", "+", ",", ";", "=", ":", "@", "/": return true
        default: return false
        }
    }

    /// Value of a hexadecimal digit, nil for any other byte.
    var hexadecimalValue: Int? {
        if isDigit { return Int(self) - 0x30 }
        let lower = self | 0x20
        return lower >= 0x61 && lower <= 0x66 ? Int(lower) - 0x61 + 10 : nil
    }

    /// ASCII lower case; other bytes stay.
    var lowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
}

extension ArraySlice<UInt8> {
    /// Without SP and HTAB at both ends (OWS); 0x85, 0xA0 and the like stay.
    var trimmed: ArraySlice<UInt8> {
        var (from, to) = (startIndex, endIndex)
        while from < to, self[from].isBlank { from += 1 }
        while from < to, self[to - 1].isBlank { to -= 1 }
        return self[from..<to]
    }

    var isToken: Bool { span.isToken }

    /// The text, when the bytes are valid UTF-8; never repaired.
    var text: String? {
        // `String(decoding:)` is several times faster than `String(validating:)`, and repairs nothing in ASCII.
        isASCII ? String(decoding: self, as: UTF8.self) : String(validating: self, as: UTF8.self)
    }

    var isASCII: Bool { allSatisfy { $0 < 0x80 } }

    /// The text in ASCII lower case, when the bytes are ASCII.
    var lowercasedText: String? {
        guard isASCII else { return nil }
        guard contains(where: { $0 != $0.lowercased }) else { return String(decoding: self, as: UTF8.self) }
        return String(decoding: map(\.lowercased), as: UTF8.self)
    }

    /// Comparison byte by byte.
    func equals(_ other: String) -> Bool {
        guard count == other.utf8.count else { return false }
        return span.equals(other.utf8.span)
    }

    /// ASCII case-insensitive comparison.
    func equals(ignoringCase other: String) -> Bool {
        guard count == other.utf8.count else { return false }
        return span.equals(ignoringCase: other.utf8.span)
    }

    /// The value of a run of decimal digits, `Int.max` when it does not fit, nil when it is anything else.
    /// `Int("+5")` parses, which is why this is written out.
    var decimalValue: Int? {
        guard !isEmpty else { return nil }
        var value = 0
        for byte in self {
            guard byte.isDigit else { return nil }
            let (tens, lost) = value.multipliedReportingOverflow(by: 10)
            let (sum, over) = tens.addingReportingOverflow(Int(byte) - 0x30)
            value = lost || over ? .max : sum
        }
        return value
    }

    /// Splits at a byte that stands outside quoted strings, trims each piece; empty pieces stay.
    /// nil when a quoted string does not end.
    func elements(separatedBy separator: UInt8) -> [ArraySlice<UInt8>]? {
        var pieces: [ArraySlice<UInt8>] = []
        var begin = startIndex
        var quoted = false
        var escaped = false
        for index in indices {
            let byte = self[index]
            if escaped {
                escaped = false
            } else if quoted, byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                quoted.toggle()
            } else if byte == separator, !quoted {
                pieces.append(self[begin..<index].trimmed)
                begin = index + 1
            }
        }
        pieces.append(self[begin..<endIndex].trimmed)
        return quoted ? nil : pieces
    }
}

/// ASCII case-insensitive comparison of two names. Most differ in length, so the bytes are rarely looked at.
func equalNames(_ one: String, _ other: String) -> Bool {
    guard one.utf8.count == other.utf8.count else { return false }
    return one.utf8.span.equals(ignoringCase: other.utf8.span)
}

extension Span<UInt8> {
    /// token (RFC 9110 §5.6.2).
    var isToken: Bool {
        for index in indices where !self[index].isTokenCharacter { return false }
        return !isEmpty
    }

    /// Comparison byte by byte of two runs of one length.
    fileprivate func equals(_ other: Span<UInt8>) -> Bool {
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    /// ASCII case-insensitive comparison of two runs of one length.
    fileprivate func equals(ignoringCase other: Span<UInt8>) -> Bool {
        for index in indices where self[index].lowercased != other[index].lowercased { return false }
        return true
    }
}
