internal import LimnerProtocol
internal import Logging

/// `/v1/styles`: what has been learned, out and in.
enum StyleRoutes {
    @Sendable static func list(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        let styles = context.registry.list().map { StyleDocument($0, withProbe: false) }
        return .now(try Answer.json(200, StyleList(styles: styles)))
    }

    @Sendable static func get(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        .now(try Answer.json(200, StyleDocument(try find(request, context), withProbe: true)))
    }

    /// Renames a style or describes it: a JSON merge patch, or the same as form fields.
    @Sendable static func patch(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        guard let upload = request.upload else { throw Refusal(415, "Send what is to be changed.") }
        let patch = try StylePatch(try options(upload))
        let style = try find(request, context)
        if let name = patch.name, name != style.name, try isBeingLearned(name, context) {
            throw ServerError.styleTaken(name)
        }
        let record = try context.registry.update(style.name, name: patch.name, description: patch.description)
        return .now(
            try Answer.json(200, StyleDocument(record, withProbe: true))
                .with("Location", ResourcePath.style(record.name)))
    }

    private static func options(_ upload: StagedUpload) throws -> [NamedValue] {
        guard upload.has("patch") else { return upload.fields }
        let json = try Disk.read(try upload.require("patch")[0], limit: ServerLimits.patchBytes)
        guard let options = StylePatch.options(json: json) else {
            throw Refusal(400, "Send a JSON object whose values are texts or null.")
        }
        return options
    }

    @Sendable static func delete(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        try context.registry.remove(try find(request, context).name)
        return .now(Answer(204))
    }

    @Sendable static func export(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        let style = try find(request, context)
        let slice = try FileSlice(context.registry.styleFile(style.name))
        return .now(
            Answer(200, body: .file(slice)).with("Content-Type", "application/octet-stream")
                .with("Content-Disposition", ContentDisposition.attachment(filename: "\(style.name).safetensors"))
                .with("ETag", EntityTag(style.hash).text))
    }

    @Sendable static func thumbnail(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        let style = try find(request, context)
        guard style.hasThumbnail else { throw Refusal(404, "This style has no thumbnail.") }
        let slice = try FileSlice(context.registry.thumbnail(style.name))
        return .now(Answer(200, body: .file(slice)).with("Content-Type", "image/png"))
    }

    /// A style file as the part `style` or as the body, with `name`; without one it takes the name the file says.
    @Sendable static func importStyle(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        guard let upload = request.upload else { throw Refusal(415, "Send the style file.") }
        guard request.options.allSatisfy({ $0.name == "name" }), request.options.count < 2 else {
            throw Refusal(field: "options", "Known is: name, once.")
        }
        let file = try upload.require("style")[0]
        let name = request.options.first?.value
        if let name, try isBeingLearned(name, context) { throw ServerError.styleTaken(name) }
        let record = try context.registry.importStyle(from: file, as: name)
        return .now(
            try Answer.json(201, StyleDocument(record, withProbe: true))
                .with("Location", ResourcePath.style(record.name)))
    }

    private static func isBeingLearned(_ name: String, _ context: ServiceContext) throws -> Bool {
        try context.store.jobs(JobFilter(style: name), before: nil, limit: ServerLimits.listedJobs)
            .contains { $0.kind == .tune && !$0.status.isFinal }
    }

    private static func find(_ request: Request, _ context: ServiceContext) throws -> StyleRecord {
        let name = request.parameters.first ?? ""
        guard StyleName.isValid(name) else { throw Refusal(404, "There is no such style.") }
        do throws(ServerError) {
            return try context.registry.get(name)
        } catch {
            guard case .damagedStyle(let name, let detail) = error else { throw error }
            context.log.warning("a damaged style was set aside", metadata: ["style": "\(name)", "why": "\(detail)"])
            throw Refusal(404, "The style '\(name)' was damaged and has been set aside.")
        }
    }
}
