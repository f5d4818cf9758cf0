internal import LimnerProtocol

/// Every path of the API in one table. Each is there under `/v1` and without it.
///
/// Rooms for later: `PUT jobs/{id}`, `GET jobs/{id}/events`, `POST jobs/{id}/retry`, `PATCH styles/{name}` and
/// the page get their rows here; until then they are answered 404 or 405 like any path that is not there.
enum RouteTable {
    static func routes(_ context: ServiceContext) -> [Route] {
        let limits = context.limits
        let photo = FormPlan(files: ["photo": limits.photoBytes], raw: ("photo", ["image/*"]))
        let pair = FormPlan(files: ["photo": limits.photoBytes, "sketch": limits.photoBytes])
        let style = FormPlan(files: ["style": limits.styleBytes], raw: ("style", ["application/octet-stream"]))
        return [
            Route(.post, "sketch", scope: .submit, body: .form(photo), SketchRoute.post),
            Route(.post, "instructions", scope: .submit, body: .form(pair), InstructionsRoute.post),
            Route(.get, "jobs", JobRoutes.list),
            Route(.get, "jobs/{id}", scope: .own, JobRoutes.get),
            Route(.delete, "jobs/{id}", scope: .own, JobRoutes.delete),
            Route(.post, "jobs/{id}/cancel", scope: .own, JobRoutes.cancel),
            Route(.get, "jobs/{id}/result", scope: .own, shortcut: ResultRoute.remembered, ResultRoute.get),
            Route(.get, "styles", StyleRoutes.list),
            Route(.post, "styles/import", body: .form(style), StyleRoutes.importStyle),
            Route(.get, "styles/{name}", StyleRoutes.get),
            Route(.delete, "styles/{name}", StyleRoutes.delete),
            Route(.get, "styles/{name}/export", StyleRoutes.export),
            Route(.get, "styles/{name}/thumbnail", StyleRoutes.thumbnail),
            Route(.get, "info", StatusRoutes.info),
            Route(.get, "metrics", MetricsRoute.get),
            Route(.get, "healthz", scope: .open, shortcut: StatusRoutes.alive, StatusRoutes.healthz),
            Route(.get, "readyz", scope: .open, StatusRoutes.readyz),
            Route(.get, "openapi.yaml", scope: .open, StatusRoutes.openAPI),
        ]
    }
}
