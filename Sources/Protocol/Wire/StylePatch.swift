// PATCH /v1/styles/{name}: a JSON merge patch (RFC 7396) of texts, or the same as form fields.

internal import FoundationEssentials

public struct StylePatch: Sendable, Equatable {
    /// The name the style gets; nil leaves it.
    public var name: String?
    /// What is said of the style; nil leaves it, "" removes it.
    public var description: String?

    public static let names = ["name", "description"]

    public init(_ given: [NamedValue]) throws(InvalidOptions) {
        var reader = OptionReader(given, known: StylePatch.names)
        name = reader.styleName("name")
        description = reader.description("description")
        if given.isEmpty { reader.refuse("name", "Give a name, a description, or both.") }
        guard reader.errors.isEmpty else { throw InvalidOptions(errors: reader.errors) }
    }

    /// The options a JSON object of texts stands for, null being the empty text; nil when the bytes are none.
    public static func options(json: [UInt8]) -> [NamedValue]? {
        let object = try? JSONDecoder().decode([String: String?].self, from: Data(json))
        return object.map { object in
            object.sorted { $0.key < $1.key }.map { NamedValue($0.key, $0.value ?? "") }
        }
    }
}
