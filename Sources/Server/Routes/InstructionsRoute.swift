internal import LimnerProtocol

/// `POST /v1/instructions`: one pair of photo and sketch, from which a style is learned.
enum InstructionsRoute {
    @Sendable static func post(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        guard let upload = request.upload else { throw Refusal(415, "Send the pair.") }
        let options = try TuneOptions(request.options)
        let (photo, sketch) = (try upload.require("photo"), try upload.require("sketch"))
        if (try? context.registry.get(options.name)) != nil { throw ServerError.styleTaken(options.name) }
        try examine(photo, field: "photo", context)
        try examine(sketch, field: "sketch", context)
        let settings = JobSettings(
            style: options.name, text: options.text, steps: options.steps,
            seed: options.seed ?? .random(in: OptionLimits.seed))
        let job = try context.accept(.tune, settings, upload, for: request.ticket)
        let preferences = Preferences(request.head.fields)
        let answers = JobAnswers(
            context: context, id: job.id, ticket: request.ticket, wait: preferences.wait,
            isWaitAsked: preferences.wait != nil, wantsPicture: false, pendingStatus: 202)
        return try answers.outcome()
    }

    /// Says which of the two pictures was refused.
    private static func examine(_ path: String, field: String, _ context: ServiceContext) throws {
        do throws(PainterError) {
            _ = try context.painter.examine(photoAt: path)
        } catch .unreadable(let detail) {
            throw Refusal(field: field, detail)
        } catch .tooLarge(let detail) {
            throw Refusal(field: field, detail)
        }
    }
}
