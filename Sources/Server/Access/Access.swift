internal import LimnerProtocol

/// Who may ask what: the one place that turns a request into a ``Caller`` or a refusal. Never blocks.
package final class Access: Sendable {
    let origins: OriginList
    private let keys: KeyRing
    private let hosts: HostList
    private let limiter = RateLimiter()
    private let timepiece: any Timepiece

    /// - Throws: ``ServerError/publicWithoutKeys(_:)``, ``ServerError/setting(name:detail:)``, ``ServerError/keys(_:)``.
    package init(_ configuration: ServiceConfiguration, bound: BindAddress) throws(ServerError) {
        let policy = configuration.access
        timepiece = configuration.timepiece
        origins = try OriginList(policy.corsOrigins)
        hosts = try HostList(bound: bound, host: configuration.host, given: policy.hostNames)
        keys = try KeyRing(
            KeyFile(dataFolder: configuration.dataFolder),
            areNeeded: !bound.isLoopback && !policy.allowsPublicWithoutKeys, timepiece: timepiece,
            log: configuration.logger)
        guard bound.isLoopback || policy.allowsPublicWithoutKeys || keys.count > 0 else {
            throw .publicWithoutKeys(configuration.host)
        }
    }

    /// How many keys there are; nil where none are needed.
    package var keyCount: Int? { keys.areNeeded ? keys.count : nil }

    /// - Throws: ``Refusal`` 421 for a request that names another host (RFC 9110 §7.4).
    func checkHost(_ head: RequestHead) throws {
        guard hosts.allows(head.authority) else {
            throw Refusal(421, "This service does not answer to that host name; it can be started with --host-name.")
        }
    }

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
