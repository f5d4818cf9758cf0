internal import LimnerProtocol

/// `GET /`: the page. It holds no secret, so anybody may have it; what it asks for then needs a key like any request.
enum PageRoute {
    @Sendable static func get(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        .now(
            Answer(200, "text/html; charset=utf-8", Page.html)
                .with("Content-Security-Policy", Page.policy)
                .with("Referrer-Policy", "no-referrer")
                .with("Cross-Origin-Opener-Policy", "same-origin"))
    }
}
