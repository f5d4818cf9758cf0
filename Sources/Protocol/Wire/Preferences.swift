// The Prefer header (RFC 7240): `wait=N` seconds and `respond-async`. A preference that cannot be read is
// ignored, as §2 asks; of two of one name the first counts.

public struct Preferences: Sendable, Equatable {
    /// Seconds the client would wait, at most `OptionLimits.wait`; nil when it did not say.
    public let wait: Int?
    public let respondsAsync: Bool

    public init(_ fields: HeaderFields) {
        var wait: Int?
        var hasWait = false
        var respondsAsync = false
        for element in fields.list("Prefer") ?? [] {
            guard let preference = element.elements(separatedBy: UInt8(ascii: ";"))?.first else { continue }
            let equals = preference.firstIndex(of: UInt8(ascii: "=")) ?? preference.endIndex
            let name = preference[..<equals].trimmed
            if name.equals(ignoringCase: "wait"), !hasWait {
                hasWait = true
                let value = preference[equals...].dropFirst().trimmed.tokenOrUnquoted
                wait = value?[...].decimalValue.map { min($0, OptionLimits.wait) }
            } else if name.equals(ignoringCase: "respond-async") {
                respondsAsync = true
            }
        }
        self.wait = wait
        self.respondsAsync = respondsAsync
    }

    /// The Preference-Applied value for a wait that was granted.
    public static func applied(wait: Int) -> String { "wait=\(wait)" }
}
