// Percent decoding of paths and queries, once and strictly (RFC 3986 §2.1), and the encoding used where the
// service writes a path. What decodes to a control character or to bytes that are not UTF-8 is refused:
// `%00`, `%0d%0a` and the overlong `%c0%af` never reach a route.

public enum PercentCoding {
    /// Decodes `%XX`; with `plusIsSpace`, `+` is a space as browsers' forms write it.
    static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) throws(ParseFault) -> String {
        guard bytes.contains(where: { $0 == UInt8(ascii: "%") || plusIsSpace && $0 == UInt8(ascii: "+") }) else {
            guard let text = bytes.text else { throw .target }
            return text
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            var byte = bytes[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < bytes.endIndex, let high = bytes[index + 1].hexadecimalValue,
                    let low = bytes[index + 2].hexadecimalValue
                else { throw .target }
                byte = UInt8(high << 4 | low)
                guard !byte.isControl else { throw .target }
                index += 2
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                byte = .space
            }
            decoded.append(byte)
            index += 1
        }
        guard let text = decoded[...].text else { throw .target }
        return text
    }

    /// Everything but unreserved characters as `%XX` (RFC 3986 §2.3): one path segment or one query value.
    public static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var encoded = ""
        for byte in text.utf8 {
            let isMark = [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~")].contains(byte)
            if byte.isAlpha || byte.isDigit || isMark {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
        return encoded
    }
}
