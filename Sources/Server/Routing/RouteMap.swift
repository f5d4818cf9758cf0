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
        let segments = target.segments.first == "v1" ? target.segments.dropFirst() : target.segments[...]
        guard let routes = byFirstSegment[segments.first ?? ""] else { return [] }
        return routes.compactMap { route in route.match(segments).map { (route, $0) } }
    }

    /// The methods of routes that share a path, as `Allow` lists them.
    static func methods(_ routes: [Route]) -> String {
        var methods = Set(routes.map(\.method.rawValue))
        if methods.contains("GET") { methods.insert("HEAD") }
        return methods.union(["OPTIONS"]).sorted().joined(separator: ", ")
    }
}
