// JSON as it is found beside model weights.
//
// Read by a parser of our own for three reasons: duplicate keys must be seen, integers must stay exact, and the
// configurations that diffusers writes may hold `Infinity`, `-Infinity` and `NaN`, which strict JSON has not.

/// One JSON value. Integers that fit `Int` are kept apart from other numbers.
package indirect enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    package var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// Any number, integers included.
    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// A list of integers, or nil when any element is something else.
    package var integers: [Int]? {
        guard let elements = array else { return nil }
        let numbers = elements.compactMap(\.integer)
        return numbers.count == elements.count ? numbers : nil
    }
}

extension JSONValue: CustomStringConvertible {
    package var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .array(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
        case .object(let members): "an object of \(members.count) members"
        }
    }
}

/// Why a text is not JSON, and at which byte.
package struct JSONFault: Error, Equatable {
    package var detail: String
    package var offset: Int
}
