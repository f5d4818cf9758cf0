internal import LimnerProtocol

/// The routes, found by the first segment of their path: each begins with a word of its own or shares it with a few.
struct RouteMap: Sendable {
    let all: [Route]
    private let byFirstSegment: [String: [Route]]

    init(_ routes: [Route]) {
        all = routes
        byFirstSegment = Dictionary(grouping: routes) { route in
            if case .literal(let first) = route.segments.first { first } else { "" }
        }
    }

    /// The routes of a path, whatever their method, with what its parameters are. The path may begin with `v1`.
    func candidates(_ target: RequestTarget) -> [(route: Route, parameters: [String])] {
        let segments = Self.segments(target)
        guard let routes = byFirstSegment[segments.first ?? ""] else { return [] }
        return routes.compactMap { route in route.match(segments).map { (route, $0) } }
    }

    /// The path of the route that a request meant, as the API writes it: for the log and the metrics.
    func path(_ head: RequestHead) -> String? {
        let segments = Self.segments(head.target)
        var path: String?
        for route in byFirstSegment[segments.first ?? ""] ?? [] where route.match(segments) != nil {
            if route.method == head.method { return route.path }
            path = path ?? route.path
        }
        return path
    }

    /// Without the version.
    private static func segments(_ target: RequestTarget) -> ArraySlice<String> {
        target.segments.first == "v1" ? target.segments.dropFirst() : target.segments[...]
    }

    /// The methods of routes that share a path, as `Allow` lists them.
    static func methods(_ routes: [Route]) -> String {
        var methods = Set(routes.map(\.method.rawValue))
        if methods.contains("GET") { methods.insert("HEAD") }
        return methods.union(["OPTIONS"]).sorted().joined(separator: ", ")
    }
}
