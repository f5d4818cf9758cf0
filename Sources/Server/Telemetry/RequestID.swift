internal import LimnerProtocol

/// `X-Request-Id`: what a request is called in answers and in the log.
enum RequestID {
    private static let lengths = 1...128

    /// The client's own, when it is 1 to 128 of `[A-Za-z0-9._-]`; nil when another has to be made.
    static func given(_ fields: HeaderFields) -> String? {
        guard let id = fields.text("X-Request-Id"), lengths.contains(id.utf8.count),
            id.utf8.allSatisfy(\.isIdentifierCharacter)
        else { return nil }
        return id
    }
}
