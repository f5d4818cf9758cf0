// token and quoted-string (RFC 9110 §5.6.2, §5.6.4), and the parameters built from them. Media types,
// Content-Disposition, Accept and Prefer all read their values through here.

extension ArraySlice<UInt8> {
    /// One quoted-string and nothing around it.
    var isQuotedString: Bool { unquoted != nil }

    /// The content of a quoted-string with its escapes resolved; nil when the bytes are not exactly one.
    var unquoted: [UInt8]? {
        guard count >= 2, first == UInt8(ascii: "\""), last == UInt8(ascii: "\"") else { return nil }
        var content: [UInt8] = []
        var escaped = false
        for byte in dropFirst().dropLast() {
            guard byte.isFieldCharacter else { return nil }
            if escaped {
                content.append(byte)
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                return nil
            } else {
                content.append(byte)
            }
        }
        return escaped ? nil : content
    }

    /// The content of a token or of a quoted-string.
    var tokenOrUnquoted: [UInt8]? { isToken ? Array(self) : unquoted }
}

/// `name=value` behind a semicolon; the name in lower case, the value without quotes.
struct Parameter: Sendable, Equatable {
    var name: String
    var value: [UInt8]

    /// Parses `name "=" ( token / quoted-string )` without white space around "=" (RFC 9110 §5.6.6).
    init?(_ bytes: ArraySlice<UInt8>) {
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")), bytes[..<equals].isToken,
            let name = bytes[..<equals].lowercasedText, let value = bytes[(equals + 1)...].tokenOrUnquoted
        else { return nil }
        self.name = name
        self.value = value
    }
}
