internal import LimnerProtocol

/// `POST /v1/sketch`: photos, each drawn in each of the styles, or after a text, as often as seeds are asked for. One
/// sketch is one job; several are a group.
enum SketchRoute {
    @Sendable static func post(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        try submit(request, .init(request), context)
    }

    /// Makes the jobs, or finds those that the same request made before.
    static func submit(
        _ request: Request, _ name: Submission.Name, _ context: ServiceContext
    ) throws -> Route.Outcome {
        guard let upload = request.upload else { throw Refusal(415, "Send the photo.") }
        let options = try SketchOptions(request.options, samplers: context.painter.identity.samplers)
        let photos = try upload.require("photo")
        let count = photos.count * max(1, options.styles.count) * options.count
        guard count <= ServerLimits.groupJobs else {
            throw Refusal(
                field: "n", "That is \(count) sketches; one request makes at most \(ServerLimits.groupJobs).")
        }
        let wants = try Wish(request.head, format: options.format, isAlone: count == 1)
        let submission = try Submission(
            request, name, upload: upload, made: ["sketch", wants.format.rawValue], context)
        let (jobs, isRepeated) = try submission.accept {
            try SketchPlan(options: options, photos: photos, format: wants.format, context: context).jobs()
        }
        let pendingStatus = name.pendingStatus(isRepeated)
        if let group = jobs[0].group {
            return try GroupAnswers(
                context: context, id: group, ticket: request.ticket, wait: wants.wait, pendingStatus: pendingStatus,
                isRepeated: isRepeated
            ).outcome()
        }
        return try JobAnswers(
            context: context, id: jobs[0].id, ticket: request.ticket, wait: wants.wait, isWaitAsked: wants.isWaitAsked,
            wantsPicture: wants.picture, pendingStatus: pendingStatus, isRepeated: isRepeated
        ).outcome()
    }

    /// What the client wants back, and whether it waits for it.
    private struct Wish {
        let picture: Bool
        let format: ResultFormat
        let wait: Int?
        let isWaitAsked: Bool

        /// - Parameter isAlone: one sketch is asked for; only then can the answer be a picture.
        init(_ head: RequestHead, format given: ResultFormat?, isAlone: Bool) throws {
            guard let accept = Accept(head.fields) else { throw Refusal(400, "The Accept header is malformed.") }
            let pictures = isAlone ? given.map { [$0] } ?? ResultFormat.allCases : []
            let offered = ["application/json"] + pictures.map(\.mediaType)
            guard let best = accept.best(of: offered) else {
                throw Refusal(406, "This is answered as one of: \(offered.joined(separator: ", ")).")
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
