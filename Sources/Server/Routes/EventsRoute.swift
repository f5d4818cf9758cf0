internal import LimnerProtocol

/// `GET /v1/jobs/{id}/events`: a job's life as it happens, as server-sent events.
enum EventsRoute {
    private static let mediaType = "text/event-stream"

    @Sendable static func get(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        guard let accept = Accept(request.head.fields) else { throw Refusal(400, "The Accept header is malformed.") }
        guard accept.best(of: [mediaType]) != nil else { throw Refusal(406, "Events come as \(mediaType).") }
        let job = try JobRoutes.find(request, context)
        let last = request.head.fields.text("Last-Event-ID").flatMap { JobEventID($0) }
        if job.status.isFinal, let last, last >= JobEventID(job.leaseToken, .ended) {
            // Nothing will come any more: 204 tells a browser not to ask again.
            return .now(Answer(204))
        }
        let body = request.head.method == .head ? silence() : try context.streams.open(job.id, after: last, context)
        var answer = Answer(200, body: .stream(body))
        answer.fields.set("Content-Type", mediaType)
        // Proxies that gather an answer before they pass it on would hold events back.
        answer.fields.set("X-Accel-Buffering", "no")
        return .now(answer)
    }

    /// The body of an answer to HEAD.
    private static func silence() -> BodyStream {
        let body = BodyStream(onGone: {})
        body.end()
        return body
    }
}
