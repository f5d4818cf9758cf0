// What keys grant and what routes ask for. Three words are enough: hand in, look, rule.
//
//     submit   hand in photos and pairs; follow, fetch, cancel and delete the jobs that were made with the same key
//     read     look at every job, result and style, at the information and the metrics
//     admin    all of that, change any job, and change the styles

/// What a key grants.
public enum Scope: String, Sendable, CaseIterable, Codable {
    case submit, read, admin
}

/// What a route asks of its caller.
enum RouteScope: Sendable, Equatable {
    /// Nothing: anybody may call it.
    case open
    /// Any key at all; then whose job it is decides, see ``Caller/maySee(_:)`` and ``Caller/mayChange(_:)``.
    case own
    case scope(Scope)

    static let submit = scope(.submit)
    static let read = scope(.read)
    static let admin = scope(.admin)
}

/// Who calls: the holder of a key, or anybody where no keys are needed.
struct Caller: Sendable, Equatable {
    /// The key's name; nil where no keys are needed. Jobs belong to it, so a key that is revoked and made anew under
    /// the same name goes on with the jobs of the old one.
    var name: String?
    var scopes: [Scope]
    /// Most jobs the key may have queued or running.
    var openJobs: Int?

    /// Not judged yet: may do nothing.
    static let nobody = Caller(name: nil, scopes: [])
    /// Whoever reaches a service that needs no keys.
    static let anybody = Caller(name: nil, scopes: [.admin])

    func has(_ scope: Scope) -> Bool { scopes.contains(.admin) || scopes.contains(scope) }

    func maySee(_ job: Job) -> Bool { has(.read) || owns(job) }
    func mayChange(_ job: Job) -> Bool { has(.admin) || owns(job) }

    private func owns(_ job: Job) -> Bool { name != nil && job.owner == name && has(.submit) }
}
