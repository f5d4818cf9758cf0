// Errors of the API: application/problem+json (RFC 9457). Texts say what was wrong and what to do, and repeat
// nothing of the request.

/// What was wrong with one field.
public struct FieldError: Sendable, Equatable, Codable {
    public let field: String
    public let detail: String

    public init(_ field: String, _ detail: String) {
        self.field = field
        self.detail = detail
    }
}

public struct Problem: Sendable, Equatable, Codable {
    public static let mediaType = "application/problem+json"

    /// `about:blank` when the status says it all (RFC 9457 §4.2.1), else a URI that names the kind.
    public var type: String
    public var title: String
    public var status: Int
    public var detail: String?
    /// Path of what the problem is about.
    public var instance: String?
    public var requestID: String?
    public var errors: [FieldError]?

    private enum CodingKeys: String, CodingKey {
        case type, title, status, detail, instance, errors
        case requestID = "request_id"
    }

    /// - Parameter title: the reason phrase of the status when not given.
    public init(
        _ status: Int, detail: String? = nil, type: String = "about:blank", title: String? = nil,
        instance: String? = nil, requestID: String? = nil, errors: [FieldError]? = nil
    ) {
        self.type = type
        self.title = title ?? StatusLine.phrase(status)
        self.status = status
        self.detail = detail
        self.instance = instance
        self.requestID = requestID
        self.errors = errors
    }

    /// The problem a refused message is answered with.
    public init(_ fault: ParseFault, instance: String? = nil, requestID: String? = nil) {
        self.init(fault.status, detail: fault.reason, instance: instance, requestID: requestID)
    }

    /// The problem refused options are answered with.
    public init(_ options: InvalidOptions, instance: String? = nil, requestID: String? = nil) {
        let names = options.errors.map(\.field).joined(separator: ", ")
        self.init(422, detail: "Correct: \(names).", instance: instance, requestID: requestID, errors: options.errors)
    }
}
