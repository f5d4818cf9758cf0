internal import LimnerProtocol

/// Cross-origin requests: none, unless an origin is listed (the Fetch standard's CORS protocol).
///
/// A listed origin is sent back as it was listed, one that is not listed never is. Credentials are never allowed: keys
/// travel in a field that a page must set itself. A page of an unlisted origin cannot send anything that changes
/// something either, not even a form, which browsers send without asking first.
struct OriginList: Sendable {
    private let listed: Set<String>

    /// What pages may read of answers besides what the Fetch standard lets them read anyway.
    private static let exposed = [
        "Accept-Ranges", "Allow", "Content-Disposition", "Content-Location", "Content-Range", "ETag", "Location",
        "Idempotency-Replayed", "Preference-Applied", "Retry-After", "Server-Timing", "WWW-Authenticate",
        "X-Request-Id", "Limner-Job",
        "Limner-Model", "Limner-Seed", "Limner-Steps", "Limner-Sampler", "Limner-Text-Guidance",
        "Limner-Image-Guidance", "Limner-Size", "Limner-Style", "Limner-Style-Hash",
    ].joined(separator: ", ")

    /// The request fields the API knows and the Fetch standard does not let pages set without asking.
    private static let requested = [
        "Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "Prefer", "Range",
        "traceparent", "X-Request-Id",
    ].joined(separator: ", ")

    /// - Parameter given: origins as browsers write them.
    /// - Throws: ``ServerError/setting(name:detail:)``.
    init(_ given: [String]) throws(ServerError) {
        for origin in given where !Self.isSerialised(origin) {
            throw .setting(
                name: "--cors-origin",
                detail: "'\(origin)' is no origin; write it as browsers do, like https://example.org, without a path.")
        }
        listed = Set(given)
    }

    /// `scheme://host[:port]` in lower case, without the scheme's own port.
    private static func isSerialised(_ origin: String) -> Bool {
        for (scheme, port) in [("https://", 443), ("http://", 80)] where origin.hasPrefix(scheme) {
            let rest = origin.dropFirst(scheme.count)
            guard let authority = Authority(Array(rest.utf8)[...]), authority.port != port else { return false }
            return rest == authority.host + (authority.port.map { ":\($0)" } ?? "")
        }
        return false
    }

    /// The listed origin a request comes from, nil for any other.
    func origin(of fields: HeaderFields) -> String? {
        guard !listed.isEmpty, let origin = fields.text("Origin"), listed.contains(origin) else { return nil }
        return origin
    }

    /// Refuses what a page of an unlisted origin would change.
    func check(_ head: RequestHead, _ ticket: Ticket) throws {
        guard head.method != .get, head.method != .head, ticket.origin == nil else { return }
        guard let origin = head.fields.text("Origin"), !Self.isOwn(origin, head.authority) else { return }
        throw Refusal(403, "Pages of that origin may not use this service; it can be started with --cors-origin.")
    }

    /// Whether a page of this service itself asks. The scheme is left aside: a proxy may add TLS.
    private static func isOwn(_ origin: String, _ own: Authority?) -> Bool {
        guard let own, let slashes = origin.firstRange(of: "://") else { return false }
        return Authority(Array(origin[slashes.upperBound...].utf8)[...]) == own
    }

    /// What every answer to `origin` says.
    func dress(_ fields: inout HeaderFields, for origin: String?) {
        guard !listed.isEmpty else { return }
        fields.append("Vary", "Origin")
        guard let origin else { return }
        fields.set("Access-Control-Allow-Origin", origin)
        fields.set("Access-Control-Expose-Headers", Self.exposed)
    }

    /// The answer to a listed origin that asks what it may do.
    func preflight(_ head: RequestHead, _ ticket: Ticket, methods: String) -> HeaderFields {
        guard ticket.origin != nil, head.fields.contains("Access-Control-Request-Method") else { return HeaderFields() }
        return [
            "Access-Control-Allow-Methods": methods, "Access-Control-Allow-Headers": Self.requested,
            "Access-Control-Max-Age": "600",
        ]
    }
}
