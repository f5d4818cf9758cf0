internal import LimnerProtocol

/// What the service is and how it does.
enum StatusRoutes {
    private static let living = try? Answer.json(200, HealthDocument(status: "ok"))

    /// The process lives and answers.
    @Sendable static func healthz(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        .now(try Answer.json(200, HealthDocument(status: "ok")))
    }

    /// The same without waiting for a handler: whoever asks often should not find a full line.
    @Sendable static func alive(_ request: Request, _ context: ServiceContext) -> Answer? { living }

    /// Jobs can be taken; if not, the checks that fail are named.
    @Sendable static func readyz(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        let failing = context.failingChecks()
        guard !failing.isEmpty else { return .now(try Answer.json(200, HealthDocument(status: "ready"))) }
        let document = HealthDocument(status: "not ready", failing: failing)
        return .now(try Answer.json(503, document).with("Retry-After", "5"))
    }

    @Sendable static func info(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        .now(try Answer.json(200, InfoDocument(context)))
    }

    @Sendable static func openAPI(_ request: Request, _ context: ServiceContext) throws -> Route.Outcome {
        guard let bytes = context.configuration.openAPI else { throw Refusal(404, "This service has no description.") }
        return .now(Answer(200, "application/yaml", bytes))
    }
}

private struct HealthDocument: Encodable {
    var status: String
    var failing: [String: String]?
}

private struct InfoDocument: Encodable {
    struct Model: Encodable {
        var name: String
        var hash: String
        var samplers: [String]
        var defaultSampler: String

        enum CodingKeys: String, CodingKey {
            case name, hash, samplers
            case defaultSampler = "default_sampler"
        }
    }

    struct Limits: Encodable {
        var photoBytes: Int
        var styleBytes: Int
        var openJobs: Int
        var waitSeconds: Int
        var retentionSeconds: Int
        var photos: Int
        var sketches: Int

        enum CodingKeys: String, CodingKey {
            case photoBytes = "photo_bytes"
            case styleBytes = "style_bytes"
            case openJobs = "open_jobs"
            case waitSeconds = "wait_seconds"
            case retentionSeconds = "retention_seconds"
            case photos, sketches
        }
    }

    var service = "limner"
    var version: String
    var model: Model
    var workers: Int
    var limits: Limits

    init(_ context: ServiceContext) {
        let identity = context.painter.identity
        version = context.configuration.version
        model = Model(
            name: identity.modelName, hash: identity.modelHash, samplers: identity.samplers,
            defaultSampler: identity.defaultSampler)
        workers = context.configuration.workers
        limits = Limits(
            photoBytes: context.limits.photoBytes, styleBytes: context.limits.styleBytes,
            openJobs: context.limits.openJobs, waitSeconds: OptionLimits.wait,
            retentionSeconds: Int(context.limits.retentionSeconds), photos: OptionLimits.photos,
            sketches: ServerLimits.groupJobs)
    }
}
