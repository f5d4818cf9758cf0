internal import LimnerProtocol

/// `POST /v1/instructions`: one pair of photo and sketch, from which a style is learned.
enum InstructionsRoute {
    @Sendable static func post(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        try submit(request, .init(request), context)
    }

    /// Makes the job, or finds the one that the same request made before.
    static func submit(
        _ request: Request, _ name: Submission.Name, _ context: ServiceContext
    ) throws -> Route.Outcome {
        guard let upload = request.upload else { throw Refusal(415, "Send the pair.") }
        let options = try TuneOptions(request.options)
        let submission = try Submission(request, name, upload: upload, made: ["tune"], context)
        let (jobs, isRepeated) = try submission.accept { [try plan(options, upload, context)] }
        let preferences = Preferences(request.head.fields)
        return try JobAnswers(
            context: context, id: jobs[0].id, ticket: request.ticket, wait: preferences.wait,
            isWaitAsked: preferences.wait != nil, wantsPicture: false, pendingStatus: name.pendingStatus(isRepeated),
            isRepeated: isRepeated
        ).outcome()
    }

    private static func plan(
        _ options: TuneOptions, _ upload: StagedUpload, _ context: ServiceContext
    ) throws -> PlannedJob {
        let (photo, sketch) = (try upload.require("photo")[0], try upload.require("sketch")[0])
        if (try? context.registry.get(options.name)) != nil { throw ServerError.styleTaken(options.name) }
        try examine(photo, field: "photo", context)
        try examine(sketch, field: "sketch", context)
        let settings = JobSettings(
            style: options.name, text: options.text, steps: options.steps,
            seed: options.seed ?? .random(in: OptionLimits.seed))
        return PlannedJob(kind: .tune, settings: settings, files: JobFiles(photo: photo, sketch: sketch))
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
