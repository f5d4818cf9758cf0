internal import LimnerProtocol

/// Who may ask what: the one place that turns a request into a ``Caller`` or a refusal. Never blocks.
package final class Access: Sendable {
    private let keys: KeyRing
    private let limiter = RateLimiter()
    private let timepiece: any Timepiece

    /// - Throws: ``ServerError/keys(_:)``.
    package init(_ configuration: ServiceConfiguration) throws(ServerError) {
        timepiece = configuration.timepiece
        keys = try KeyRing(
            KeyFile(dataFolder: configuration.dataFolder), areNeeded: false, timepiece: timepiece,
            log: configuration.logger)
    }

    /// How many keys there are; nil where none are needed.
    package var keyCount: Int? { keys.areNeeded ? keys.count : nil }

    /// The caller of a route.
    ///
    /// - Throws: ``Refusal`` 401 without a key that is known, 403 with one that lacks the scope (RFC 6750 §3), 429 when
    ///   the key's rate is used up (RFC 6585 §4).
    func caller(_ head: RequestHead, for need: RouteScope) throws -> Caller {
        guard need != .open, keys.areNeeded else { return .anybody }
        guard let secret = Self.bearer(head.fields) else {
            throw Refusal(401, "Send a key: 'Authorization: Bearer limner_…'.")
                .with("WWW-Authenticate", "Bearer realm=\"limner\"")
        }
        guard let key = keys.find(secret) else {
            throw Refusal(401, "That key is not known here, or was revoked.")
                .with("WWW-Authenticate", "Bearer realm=\"limner\", error=\"invalid_token\"")
        }
        let caller = Caller(name: key.name, scopes: key.scopes, openJobs: key.openJobs)
        if case .scope(let scope) = need, !caller.has(scope) { throw Self.lacks(scope) }
        if let rate = key.requestsPerMinute,
            let seconds = limiter.take(key.name, rate: rate, at: timepiece.elapsed)
        {
            throw Refusal(429, "This key may ask \(rate) times a minute.")
                .with("Retry-After", String(Int(seconds.rounded(.up))))
        }
        return caller
    }

    static func lacks(_ scope: Scope) -> Refusal {
        Refusal(403, "This needs a key with the scope '\(scope.rawValue)'.").with(
            "WWW-Authenticate", "Bearer realm=\"limner\", error=\"insufficient_scope\", scope=\"\(scope.rawValue)\"")
    }

    /// The credentials of `Authorization: Bearer …`; the scheme's case does not matter (RFC 9110 §11.1).
    private static func bearer(_ fields: HeaderFields) -> ArraySlice<UInt8>? {
        let scheme = Array("bearer ".utf8)
        guard let value = fields.values("Authorization").first, value.count > scheme.count,
            zip(value, scheme).allSatisfy({ $0 | 0x20 == $1 | 0x20 })
        else { return nil }
        return value[scheme.count...].drop { $0 == UInt8(ascii: " ") }
    }
}
