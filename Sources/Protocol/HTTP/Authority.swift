// The host and port of a Host field or an absolute target (RFC 9110 §7.2, RFC 3986 §3.2). Narrower than the
// RFC's reg-name on purpose: only what DNS names and addresses are made of, so `a,b` or `u@h` is refused.

/// A host with an optional port.
public struct Authority: Sendable, Equatable {
    /// Lower-case name or address; an IPv6 address keeps its brackets.
    public let host: String
    /// 0…65535; nil when absent or empty.
    public let port: Int?

    public init(host: String, port: Int?) {
        self.host = host
        self.port = port
    }

    /// Parses `host [":" port]`; nil when it is anything else, an empty host included.
    public init?(_ bytes: ArraySlice<UInt8>) {
        let hostEnd: Int
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")),
                Authority.isAddress6(bytes[(bytes.startIndex + 1)..<close])
            else { return nil }
            hostEnd = close + 1
        } else {
            hostEnd = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            guard bytes[..<hostEnd].allSatisfy(\.isHostCharacter) else { return nil }
        }
        let host = bytes[..<hostEnd]
        guard !host.isEmpty, let text = host.lowercasedText else { return nil }
        var port: Int?
        if hostEnd < bytes.endIndex {
            let digits = bytes[(hostEnd + 1)...]
            guard bytes[hostEnd] == UInt8(ascii: ":") else { return nil }
            if !digits.isEmpty {
                guard let value = digits.decimalValue, value <= 65535 else { return nil }
                port = value
            }
        }
        self.init(host: text, port: port)
    }

    /// IPv6address: eight groups of one to four hexadecimal digits, `::` at most once, the last two groups
    /// possibly as an IPv4 address (RFC 3986 §3.2.2). Zones and IPvFuture are refused.
    private static func isAddress6(_ bytes: ArraySlice<UInt8>) -> Bool {
        let colon = UInt8(ascii: ":")
        var halves = [bytes]
        for index in bytes.indices.dropLast() where bytes[index] == colon && bytes[index + 1] == colon {
            halves = [bytes[..<index], bytes[(index + 2)...]]
            break
        }
        var groups = 0
        for (place, half) in halves.enumerated() where !half.isEmpty {
            let pieces = half.split(separator: colon, omittingEmptySubsequences: false)
            for (index, piece) in pieces.enumerated() {
                let isLast = place == halves.count - 1 && index == pieces.count - 1
                if isLast, piece.contains(UInt8(ascii: ".")) {
                    guard isAddress4(piece) else { return false }
                    groups += 2
                } else {
                    guard (1...4).contains(piece.count), piece.allSatisfy({ $0.hexadecimalValue != nil }) else {
                        return false
                    }
                    groups += 1
                }
            }
        }
        return halves.count == 2 ? groups <= 7 : groups == 8
    }

    private static func isAddress4(_ bytes: ArraySlice<UInt8>) -> Bool {
        let pieces = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return pieces.count == 4 && pieces.allSatisfy { $0.count <= 3 && ($0.decimalValue ?? 256) <= 255 }
    }
}

extension UInt8 {
    /// Letters, digits and `-._~`: names and IPv4 addresses.
    fileprivate var isHostCharacter: Bool {
        if isAlpha || isDigit { return true }
        switch Unicode.Scalar(self) {
        case "-", ".", "_", "~": return true
        default: return false
        }
    }
}
