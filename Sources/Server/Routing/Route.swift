internal import LimnerProtocol

/// One row of the API: a method and a path, what body it takes, and who answers.
struct Route: Sendable {
    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter
    }

    enum BodyRule: Sendable {
        /// A body is passed over.
        case none
        case form(FormPlan)
    }

    enum Outcome: Sendable {
        case now(Answer)
        /// The answer comes through the reply, from any thread.
        case later(@Sendable (Reply) -> Void)
    }

    typealias Handler = @Sendable (Request, ServiceContext) throws -> Outcome
    /// Answers where that needs no waiting at all, on the event loop; nil leaves it to the handler.
    typealias Shortcut = @Sendable (Request, ServiceContext) -> Answer?

    let method: Method
    /// As it is logged: without what a client filled in.
    let path: String
    let segments: [Segment]
    /// Who may call it.
    let scope: RouteScope
    let body: BodyRule
    let shortcut: Shortcut?
    let handler: Handler

    /// - Parameters:
    ///   - path: below `/v1`, e.g. `jobs/{id}/result`.
    ///   - scope: where none is said, looking needs `read` and anything else `admin`.
    init(
        _ method: Method, _ path: String, scope: RouteScope? = nil, body: BodyRule = .none, shortcut: Shortcut? = nil,
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.scope = scope ?? (method == .get ? .read : .admin)
        self.path = path
        self.segments = path.split(separator: "/").map { $0.hasPrefix("{") ? .parameter : .literal(String($0)) }
        self.body = body
        self.shortcut = shortcut
        self.handler = handler
    }

    /// What the path's parameters are in `given`; nil when the path is another.
    func match(_ given: ArraySlice<String>) -> [String]? {
        guard given.count == segments.count else { return nil }
        var parameters: [String] = []
        for (segment, text) in zip(segments, given) {
            switch segment {
            case .literal(let literal): if literal != text { return nil }
            case .parameter: parameters.append(text)
            }
        }
        return parameters
    }
}

/// What a form may bring as files.
struct FormPlan: Sendable {
    /// Names of file parts and the most bytes of each.
    var files: [String: Int]
    /// How often a file may come, where that is more than once.
    var most: [String: Int] = [:]
    /// The file a raw body becomes, and which media types are taken as one; its options come in the query.
    var raw: (file: String, types: [String])?

    /// What a client is told to send instead of another media type.
    var mediaTypes: String {
        (["multipart/form-data"] + (raw?.types ?? [])).joined(separator: ", ")
    }

    func takesRaw(_ type: MediaType) -> Bool {
        raw?.types.contains { $0 == type.essence || $0 == "\(type.type)/*" } ?? false
    }
}

/// A request as a route sees it: routed, its body on disk.
struct Request: Sendable {
    let head: RequestHead
    /// Values of the path's parameters, in order, as the client sent them.
    let parameters: [String]
    let ticket: Ticket
    let upload: StagedUpload?

    /// Options from the query and the form together.
    var options: [NamedValue] { head.target.query + (upload?.fields ?? []) }
}
