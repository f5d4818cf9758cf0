// Content-Disposition, outwards as RFC 6266 and 8187 write a download's name, inwards as browsers and curl
// write the name of a form part (RFC 7578 §4.2, WHATWG HTML "multipart form data").

public enum ContentDisposition {
    /// `attachment` with a name any text may have: a plain ASCII form for old clients, the exact one beside it.
    public static func attachment(filename: String) -> String {
        let plain = filename.unicodeScalars.map { scalar -> Character in
            let isSafe = scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7F
            return isSafe && !["\"", "\\", "%", "/"].contains(scalar) ? Character(scalar) : "_"
        }
        return "attachment; filename=\"\(String(plain))\"; filename*=UTF-8''\(PercentCoding.encode(filename))"
    }

    /// `form-data; name="…"; filename="…"`. nil when it is not that, or says one of them twice.
    static func formData(_ value: ArraySlice<UInt8>) -> (name: [UInt8], filename: [UInt8]?)? {
        var rest = value
        guard takeToken(&rest).equals(ignoringCase: "form-data") else { return nil }
        var name: [UInt8]?
        var filename: [UInt8]?
        while let semicolon = rest.trimmed.first {
            guard semicolon == UInt8(ascii: ";") else { return nil }
            rest = rest.trimmed.dropFirst().trimmed
            if rest.isEmpty { break }
            let key = takeToken(&rest)
            guard !key.isEmpty, rest.first == UInt8(ascii: "=") else { return nil }
            rest = rest.dropFirst()
            guard let content = takeValue(&rest) else { return nil }
            if key.equals(ignoringCase: "name") {
                guard name == nil else { return nil }
                name = content
            } else if key.equals(ignoringCase: "filename") {
                guard filename == nil else { return nil }
                filename = content
            }
        }
        return name.map { ($0, filename) }
    }

    private static func takeToken(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let token = rest.prefix(while: \.isTokenCharacter)
        rest = rest.dropFirst(token.count)
        return token
    }

    /// A token or a quoted string. A backslash escapes only a quote or a backslash, because some clients
    /// send Windows paths as they are.
    private static func takeValue(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        let quote = UInt8(ascii: "\"")
        let backslash = UInt8(ascii: "\\")
        guard rest.first == quote else {
            let token = takeToken(&rest)
            return token.isEmpty ? nil : Array(token)
        }
        rest = rest.dropFirst()
        var content: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == quote { return content }
            if byte == backslash, let next = rest.first, next == quote || next == backslash {
                content.append(next)
                rest = rest.dropFirst()
            } else {
                content.append(byte)
            }
        }
        return nil
    }
}
