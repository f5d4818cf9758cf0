import FoundationEssentials
import LimnerProtocol

/// Holds values to the schemas of a description: the part of JSON Schema that openapi.yaml uses. A keyword that is not
/// known here is a fault, so nothing goes unchecked, and so is a member that a schema with `properties` does not name:
/// the description is to name every field there is.
struct SchemaCheck {
    /// The whole description, in which `$ref` points.
    let root: Value

    struct Finding {
        var faults: [String] = []
        /// Where in the description the properties are that the value had.
        var seen: Set<String> = []

        mutating func add(_ other: Finding) {
            faults += other.faults
            seen.formUnion(other.seen)
        }
    }

    /// - Parameters:
    ///   - pointer: where the schema is, as in a `$ref`.
    ///   - place: what the value is, for the faults.
    func look(at value: Value, _ pointer: String, place: String = "it") -> Finding {
        guard let schema = resolve(pointer) else { return Finding(faults: ["nothing is at \(pointer)"]) }
        var finding = Finding()
        func demand(_ isGood: Bool, _ what: String) {
            if !isGood { finding.faults.append("\(place) breaks \(what) of \(pointer)") }
        }
        for (keyword, wanted) in schema.object {
            switch keyword {
            case "description", "examples", "default": break
            case "$ref": finding.add(look(at: value, wanted.text ?? "", place: place))
            case "type":
                let types = wanted.text.map { [$0] } ?? wanted.list.compactMap(\.text)
                demand(!types.filter(value.types.contains).isEmpty, "type \(types)")
            case "enum": demand(wanted.list.contains(value), keyword)
            case "const": demand(wanted == value, keyword)
            case "oneOf", "anyOf":
                let fits = wanted.list.indices.map { look(at: value, "\(pointer)/\(keyword)/\($0)", place: place) }
                    .filter(\.faults.isEmpty)
                demand(keyword == "anyOf" ? !fits.isEmpty : fits.count == 1, keyword)
                for fit in fits { finding.add(fit) }
            default:
                if let isGood = judgeScalar(value, keyword, wanted) ?? judgeCount(value, keyword, wanted) {
                    demand(isGood, keyword)
                } else {
                    finding.add(lookInside(value, keyword, wanted, schema, pointer, place))
                }
            }
        }
        return finding
    }

    /// - Returns: nil when the keyword is not about scalars.
    private func judgeScalar(_ value: Value, _ keyword: String, _ wanted: Value) -> Bool? {
        switch keyword {
        case "minimum": value.number.map { $0 >= wanted.number ?? .infinity } ?? true
        case "maximum": value.number.map { $0 <= wanted.number ?? -.infinity } ?? true
        case "maxLength": value.text.map { Double($0.unicodeScalars.count) <= wanted.number ?? -1 } ?? true
        case "pattern":
            value.text.map { text in
                guard let pattern = try? Regex(wanted.text ?? "(") else { return false }
                return text.firstMatch(of: pattern) != nil
            } ?? true
        case "format":
            switch (wanted.text, value.text) {
            case (_, nil), ("binary", _): true
            case ("uuid", let text?): UUID(uuidString: text) != nil
            case ("date-time", let text?): Timestamp(text) != nil
            default: false
            }
        default: nil
        }
    }

    /// - Returns: nil when the keyword is not about how many there are.
    private func judgeCount(_ value: Value, _ keyword: String, _ wanted: Value) -> Bool? {
        let limit = Int(wanted.number ?? -1)
        return switch keyword {
        case "minItems": value.list.count >= limit
        case "maxItems": value.list.count <= limit
        case "minProperties": value.object.count >= limit
        case "required": wanted.list.allSatisfy { value.object[$0.text ?? ""] != nil }
        default: nil
        }
    }

    private func lookInside(
        _ value: Value, _ keyword: String, _ wanted: Value, _ schema: Value, _ pointer: String, _ place: String
    ) -> Finding {
        var finding = Finding()
        switch keyword {
        case "properties":
            for (name, member) in value.object {
                let inner = "\(pointer)/properties/\(name)"
                if wanted[name] != nil {
                    finding.add(look(at: member, inner, place: "\(place).\(name)"))
                    finding.seen.insert(inner)
                } else {
                    finding.faults.append("\(place) has \(name), which \(pointer) does not name")
                }
            }
        case "additionalProperties":
            guard wanted != .bool(false) else { break }
            for (name, member) in value.object {
                finding.add(look(at: member, "\(pointer)/additionalProperties", place: "\(place).\(name)"))
            }
        case "items":
            for (number, item) in value.list.enumerated() {
                finding.add(look(at: item, "\(pointer)/items", place: "\(place)[\(number)]"))
            }
        default: finding.faults.append("\(pointer) has the keyword \(keyword), which this check does not know")
        }
        return finding
    }

    /// What a pointer of the form `#/components/schemas/Job` points at (RFC 6901).
    func resolve(_ pointer: String) -> Value? {
        var value = root
        for token in pointer.split(separator: "/").dropFirst() {
            let name = String(token).replacing("~1", with: "/").replacing("~0", with: "~")
            if let index = Int(name), value.list.indices.contains(index) {
                value = value.list[index]
            } else if let member = value[name] {
                value = member
            } else {
                return nil
            }
        }
        return value
    }

    /// Where all properties are that a schema and what it refers to name.
    func properties(_ pointer: String, into found: inout Set<String>) {
        guard let schema = resolve(pointer) else { return }
        if let reference = schema["$ref"]?.text { properties(reference, into: &found) }
        for keyword in ["oneOf", "anyOf"] {
            for index in (schema[keyword]?.list ?? []).indices {
                properties("\(pointer)/\(keyword)/\(index)", into: &found)
            }
        }
        if schema["items"] != nil { properties("\(pointer)/items", into: &found) }
        for name in (schema["properties"]?.object ?? [:]).keys {
            let inner = "\(pointer)/properties/\(name)"
            if found.insert(inner).inserted { properties(inner, into: &found) }
        }
    }
}
