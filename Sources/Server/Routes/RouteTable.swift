internal import LimnerProtocol

/// Every path of the API in one table. Each is there under `/v1` and without it.
enum RouteTable {
    static func routes(_ context: ServiceContext) -> [Route] {
        let limits = context.limits
        let photo = FormPlan(
            files: ["photo": limits.photoBytes], most: ["photo": OptionLimits.photos], raw: ("photo", ["image/*"]))
        let pair = FormPlan(files: ["photo": limits.photoBytes, "sketch": limits.photoBytes])
        let either = FormPlan(files: pair.files, raw: photo.raw)
        let style = FormPlan(files: ["style": limits.styleBytes], raw: ("style", ["application/octet-stream"]))
        let patch = FormPlan(
            files: ["patch": ServerLimits.patchBytes],
            raw: ("patch", ["application/merge-patch+json", "application/json"]))
        return [
            Route(.post, "sketch", scope: .submit, body: .form(photo), SketchRoute.post),
            Route(.post, "instructions", scope: .submit, body: .form(pair), InstructionsRoute.post),
            Route(.get, "jobs", JobRoutes.list),
            Route(.get, "jobs/{id}", scope: .own, JobRoutes.get),
            Route(.put, "jobs/{id}", scope: .submit, body: .form(either), JobRoutes.put),
            Route(.delete, "jobs/{id}", scope: .own, JobRoutes.delete),
            Route(.post, "jobs/{id}/cancel", scope: .own, JobRoutes.cancel),
            Route(.post, "jobs/{id}/retry", scope: .own, JobRoutes.retry),
            Route(.get, "jobs/{id}/events", scope: .own, EventsRoute.get),
            Route(.get, "jobs/{id}/result", scope: .own, shortcut: ResultRoute.remembered, ResultRoute.get),
            Route(.get, "groups/{id}", scope: .own, GroupRoutes.get),
            Route(.get, "styles", StyleRoutes.list),
            Route(.post, "styles/import", body: .form(style), StyleRoutes.importStyle),
            Route(.get, "styles/{name}", StyleRoutes.get),
            Route(.patch, "styles/{name}", body: .form(patch), StyleRoutes.patch),
            Route(.delete, "styles/{name}", StyleRoutes.delete),
            Route(.get, "styles/{name}/export", StyleRoutes.export),
            Route(.get, "styles/{name}/thumbnail", StyleRoutes.thumbnail),
            Route(.get, "info", StatusRoutes.info),
            Route(.get, "metrics", MetricsRoute.get),
            Route(.get, "healthz", scope: .open, shortcut: StatusRoutes.alive, StatusRoutes.healthz),
            Route(.get, "readyz", scope: .open, StatusRoutes.readyz),
            Route(.get, "", scope: .open, PageRoute.get),
            Route(.get, "openapi.yaml", scope: .open, StatusRoutes.openAPI),
        ]
    }
}
