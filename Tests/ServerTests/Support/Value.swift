import FoundationEssentials
import Yams

/// What JSON can say, and what a description written in YAML holds.
enum Value: Sendable, Equatable, Decodable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([Value])
    case object([String: Value])

    init(json: [UInt8]) throws { self = try JSONDecoder().decode(Value.self, from: Data(json)) }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([Value].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: Value].self))
        }
    }

    subscript(_ key: String) -> Value? { object[key] }

    var object: [String: Value] { if case .object(let members) = self { members } else { [:] } }
    var list: [Value] { if case .list(let values) = self { values } else { [] } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }

    /// JSON Schema's names of what the value is; a whole number is an integer too.
    var types: [String] {
        switch self {
        case .null: ["null"]
        case .bool: ["boolean"]
        case .number(let number): number.rounded() == number ? ["number", "integer"] : ["number"]
        case .text: ["string"]
        case .list: ["array"]
        case .object: ["object"]
        }
    }
}

extension Value {
    /// What a YAML text says; times stay text.
    init(yaml: String) throws {
        self.init(loaded: try Yams.load(yaml: yaml, .default.removing(.timestamp)))
    }

    private init(loaded: Any?) {
        switch loaded {
        case let value as Bool: self = .bool(value)
        case let value as Int: self = .number(Double(value))
        case let value as Double: self = .number(value)
        case let value as String: self = .text(value)
        case let values as [Any]: self = .list(values.map(Value.init(loaded:)))
        case let members as [AnyHashable: Any]:
            let pairs = members.map { ("\($0.key)", Value(loaded: $0.value)) }
            self = .object(Dictionary(uniqueKeysWithValues: pairs))
        default: self = .null
        }
    }
}
