internal import LimnerProtocol

/// Answers made of wire documents, and errors as answers.
extension Answer {
    static func json(_ status: Int, _ document: some Encodable) throws -> Answer {
        Answer(status, "application/json", try WireJSON.encode(document))
    }

    /// The answer a thrown error deserves. Never says more than its sentence for clients.
    init(error: any Error, requestID: String) {
        var refusal = Refusal(error)
        refusal.problem.requestID = requestID
        let bytes = (try? WireJSON.encode(refusal.problem)) ?? []
        self.init(refusal.problem.status, fields: refusal.fields, body: .bytes(bytes))
        fields.set("Content-Type", Problem.mediaType)
    }
}

/// A refusal on its way out: thrown by routes, and what every other error becomes.
struct Refusal: Error {
    var problem: Problem
    var fields = HeaderFields()

    init(_ status: Int, _ detail: String, instance: String? = nil) {
        problem = Problem(status, detail: detail, instance: instance)
    }

    /// 422 for one field.
    init(field: String, _ detail: String) {
        problem = Problem(InvalidOptions(errors: [FieldError(field, detail)]))
    }

    init(_ error: any Error) {
        switch error {
        case let error as Refusal: self = error
        case let error as InvalidOptions: problem = Problem(error)
        case let error as ParseFault: (problem, fields) = (Problem(error), error.answerFields)
        case let error as PainterError: problem = error.problem
        case let error as ServerError:
            problem = Problem(error.status, detail: error.publicDetail)
            if error.status == 503 { fields.set("Retry-After", "10") }
        default: problem = Problem(500, detail: "The service failed; its log says more under this request's id.")
        }
    }

    func with(_ name: String, _ value: String) -> Refusal {
        var refusal = self
        refusal.fields.set(name, value)
        return refusal
    }
}

extension ServerError {
    var status: Int {
        switch self {
        case .invalidName: 422
        case .unknownStyle: 404
        case .styleTaken, .requestTaken: 409
        case .damagedStyle: 422
        case .file: isNoSpace ? 507 : 500
        case .store, .storeReadOnly: 503
        case .tooManyJobs: 429
        case .dataFolderInUse, .cannotListen, .certificate, .keys, .publicWithoutKeys, .setting: 500
        }
    }
}

extension PainterError {
    fileprivate var problem: Problem {
        switch self {
        case .unreadable, .tooLarge, .styleUnusable: Problem(422, detail: description)
        case .unsuitable(let field, let detail): Problem(InvalidOptions(errors: [FieldError(field, detail)]))
        case .outOfResources: Problem(503, detail: description)
        case .failed: Problem(500, detail: description)
        }
    }
}

extension JobFailure {
    /// The status of a problem that tells of this failure.
    var status: Int {
        switch reason {
        case "unreadable", "too-large", "unsuitable", "style": 422
        case "resources": 503
        default: 500
        }
    }
}
