internal import LimnerProtocol

/// `POST /v1/sketch`: one photo, drawn in a style or after a text.
enum SketchRoute {
    @Sendable static func post(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        guard let upload = request.upload else { throw Refusal(415, "Send the photo.") }
        let options = try SketchOptions(request.options, samplers: context.painter.identity.samplers)
        guard options.count == 1 else { throw Refusal(field: "n", "One sketch per job: send the photo again.") }
        let wants = try Wish(request.head, format: options.format)
        let photo = try upload.require("photo")
        let style = try options.style.map { try find($0, context) }
        _ = try context.painter.examine(photoAt: photo)
        let settings = JobSettings(
            style: style?.name, styleHash: style?.hash, text: options.text, steps: options.steps,
            textGuidance: options.textGuidance, imageGuidance: options.imageGuidance,
            seed: options.seed ?? .random(in: OptionLimits.seed), sampler: options.sampler, size: options.size,
            format: wants.format)
        if let style {
            try context.folders.stageStyle(from: context.registry.styleFile(style.name), into: upload.folder)
        }
        let job = try context.accept(.sketch, settings, upload, for: request.ticket)
        let answers = JobAnswers(
            context: context, id: job.id, ticket: request.ticket, wait: wants.wait, isWaitAsked: wants.isWaitAsked,
            wantsPicture: wants.picture, pendingStatus: 202)
        return try answers.outcome()
    }

    private static func find(_ name: String, _ context: ServiceContext) throws -> StyleRecord {
        do throws(ServerError) {
            return try context.registry.get(name)
        } catch {
            guard error == .unknownStyle(name) else { throw error }
            let tuning = try context.store.jobs(JobFilter(style: name), before: nil, limit: ServerLimits.listedJobs)
            guard let job = tuning.first(where: { $0.kind == .tune && !$0.status.isFinal }) else {
                throw error
            }
            throw Refusal(404, "The style '\(name)' is still being learned.", instance: ResourcePath.job(job.id))
        }
    }

    /// What the client wants back, and whether it waits for it.
    private struct Wish {
        let picture: Bool
        let format: ResultFormat
        let wait: Int?
        let isWaitAsked: Bool

        init(_ head: RequestHead, format given: ResultFormat?) throws {
            guard let accept = Accept(head.fields) else { throw Refusal(400, "The Accept header is malformed.") }
            let pictures = given.map { [$0] } ?? ResultFormat.allCases
            let offered = ["application/json"] + pictures.map(\.mediaType)
            guard let best = accept.best(of: offered) else {
                throw Refusal(406, "A sketch is answered as one of \(offered.joined(separator: ", ")).")
            }
            let wanted = pictures.first { $0.mediaType == best }
            let preferences = Preferences(head.fields)
            picture = wanted != nil
            format = wanted ?? given ?? .png
            isWaitAsked = preferences.wait != nil
            wait = preferences.wait ?? (picture && !preferences.respondsAsync ? ServerLimits.pictureWait : nil)
        }
    }
}
