internal import LimnerProtocol

/// `GET /v1/jobs/{id}/result`: the picture, whole or in part, with everything that is needed to make it again.
enum ResultRoute {
    @Sendable static func get(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        // Taken before anything is read: what is written meanwhile makes the memory of this answer worthless.
        let revision = context.store.revision
        let job = try JobRoutes.find(request, context)
        let (_, file) = try product(of: job)
        let tag = EntityTag(file.hash)
        let now = Int(context.timepiece.now)
        if Precondition.isNotModified(request.head, tag: tag, modified: nil, now: now) {
            return .now(Answer(304, fields: ["ETag": tag.text]))
        }
        let range = ByteRange.of(request.head, length: file.bytes, tag: tag)
        switch range {
        case .whole: return .now(try remembering(job, request, context, at: revision))
        case .slice(let slice):
            var answer = try picture(of: job, context, range: slice)
            answer.status = 206
            if let content = range.contentRange(length: file.bytes) { answer.fields.set("Content-Range", content) }
            return .now(answer)
        case .unsatisfiable:
            throw Refusal(416, "The result has \(file.bytes) bytes.")
                .with("Content-Range", range.contentRange(length: file.bytes) ?? "bytes */\(file.bytes)")
        }
    }

    /// The whole picture, from memory, where it was asked for a moment ago and nothing has changed since.
    @Sendable static func remembered(_ request: Request, _ context: ServiceContext) -> Answer? {
        let conditions = ["Range", "If-None-Match", "If-Modified-Since"]
        guard !conditions.contains(where: request.head.fields.contains) else { return nil }
        return context.results.answer(
            for: key(request), revision: context.store.revision, at: context.timepiece.elapsed)
    }

    /// What is remembered is only for requests that are alike in all of this; the scopes are in it because a name may
    /// be given to a new key that grants less.
    private static func key(_ request: Request) -> String {
        let caller = request.ticket.caller
        let scopes = caller.scopes.map(\.rawValue).joined(separator: ",")
        return "\(request.parameters.first ?? "") \(caller.name ?? "") \(scopes)"
    }

    /// The whole picture; a short one is read here, in one go, and kept for whoever asks again.
    private static func remembering(
        _ job: Job, _ request: Request, _ context: ServiceContext, at revision: UInt64
    ) throws -> Answer {
        var answer = try picture(of: job, context)
        guard case .file(let slice) = answer.body, slice.range.count <= ServerLimits.rememberedResultBytes else {
            return answer
        }
        let bytes = slice.read(at: 0, upTo: slice.range.count)
        guard bytes.count == slice.range.count else { return answer }
        answer.body = .bytes(bytes)
        context.results.keep(answer, for: key(request), revision: revision, at: context.timepiece.elapsed)
        return answer
    }

    /// The picture of a job that succeeded; a problem for any other.
    static func picture(of job: Job, _ context: ServiceContext, range: Range<Int>? = nil) throws -> Answer {
        let (outcome, file) = try product(of: job)
        let slice = try FileSlice(context.folders.file(job.id, file.name), range: range)
        var answer = Answer(200, body: .file(slice))
        answer.fields.set("Content-Type", job.settings.format.mediaType)
        answer.fields.set("Content-Location", ResourcePath.result(job.id))
        answer.fields.set("ETag", EntityTag(file.hash).text)
        answer.fields.set("Accept-Ranges", "bytes")
        answer.fields.set("Server-Timing", ServerTiming.text(job, now: context.timepiece.now))
        for (name, value) in provenance(job, outcome) { answer.fields.set("Limner-\(name)", value) }
        return answer
    }

    private static func product(of job: Job) throws -> (SketchOutcome, ResultFile) {
        let instance = ResourcePath.job(job.id)
        if case .picture(let outcome, let file) = job.product { return (outcome, file) }
        guard job.kind == .sketch else {
            throw Refusal(404, "A tuning makes a style, not a picture: see /v1/styles.", instance: instance)
        }
        if let failure = job.failure { throw Refusal(failure.status, failure.detail, instance: instance) }
        let isCanceled = job.status == .canceled
        throw Refusal(409, isCanceled ? "The job was cancelled." : "The job has not ended yet.", instance: instance)
    }

    /// What the picture was made with.
    private static func provenance(_ job: Job, _ outcome: SketchOutcome) -> [(String, String)] {
        var fields = [
            ("Job", job.id), ("Model", outcome.modelHash), ("Seed", String(outcome.seed)),
            ("Steps", String(outcome.steps)), ("Sampler", outcome.sampler),
            ("Text-Guidance", String(outcome.textGuidance)), ("Image-Guidance", String(outcome.imageGuidance)),
            ("Size", "\(outcome.width)x\(outcome.height)"),
        ]
        if let style = job.settings.style { fields.append(("Style", style)) }
        if let hash = job.settings.styleHash { fields.append(("Style-Hash", hash)) }
        return fields
    }
}
