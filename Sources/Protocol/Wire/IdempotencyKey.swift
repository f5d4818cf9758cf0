// The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header): a client's name for one request, so that
// sending it again does no second work. The draft asks for a structured string, `"…"`; a bare token is taken too,
// because that is what clients send.

public struct IdempotencyKey: Sendable, Equatable {
    public static let rule =
        "Give Idempotency-Key as a token or a quoted string of 1 to \(OptionLimits.key) characters."

    public let text: String

    /// nil when the field's value is no key.
    public init?(_ value: [UInt8]) {
        guard let key = value[...].tokenOrUnquoted, (1...OptionLimits.key).contains(key.count),
            key.allSatisfy({ (0x20...0x7E).contains($0) }), let text = key[...].text
        else { return nil }
        self.text = text
    }
}
