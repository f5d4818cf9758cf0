// Typed reading of a configuration's keys, with the defaults of diffusers where a key is absent or null.
//
// Unknown keys are ignored: configurations carry the keys of many versions and classes. A known key with a value of
// the wrong kind, out of range or not implemented is an error with file, key and value.

extension JSONFile {
    /// An error about the value of `key`.
    func fault(_ key: String, _ detail: String) -> EngineError {
        .configuration(file: path, key: key, value: members[key]?.description ?? "absent", detail: detail)
    }

    /// The value of `key`, nil when it is absent or null.
    func present(_ key: String) -> JSONValue? {
        guard let value = members[key], value != .null else { return nil }
        return value
    }

    /// A count or size: 1…`Limits.configurationNumber`.
    func size(_ key: String, default standard: Int? = nil) throws(EngineError) -> Int {
        guard let value = present(key) else {
            if let standard { return standard }
            throw fault(key, "a number is needed")
        }
        guard let number = value.integer, (1...Limits.configurationNumber).contains(number) else {
            throw fault(key, "a whole number from 1 to \(Limits.configurationNumber) is expected")
        }
        return number
    }

    /// A non-empty list of sizes.
    func sizes(_ key: String, default standard: [Int]) throws(EngineError) -> [Int] {
        guard let value = present(key) else { return standard }
        guard let numbers = value.integers, !numbers.isEmpty, numbers.count <= Limits.blocks,
            numbers.allSatisfy({ (1...Limits.configurationNumber).contains($0) })
        else { throw fault(key, "a list of 1 to \(Limits.blocks) positive whole numbers is expected") }
        return numbers
    }

    /// One size for every block, or a list with one for each.
    func sizes(_ key: String, blocks: Int, default standard: Int) throws(EngineError) -> [Int] {
        if case .array = present(key) {
            let numbers = try sizes(key, default: [])
            guard numbers.count == blocks else {
                throw fault(key, "one number for each of the \(blocks) blocks is expected")
            }
            return numbers
        }
        return Array(repeating: try size(key, default: standard), count: blocks)
    }

    /// One truth value for every block, or a list with one for each.
    func flags(_ key: String, blocks: Int) throws(EngineError) -> [Bool] {
        guard case .array(let elements) = present(key) else {
            return Array(repeating: try flag(key, default: false), count: blocks)
        }
        let flags = elements.compactMap(\.bool)
        guard flags.count == elements.count, flags.count == blocks else {
            throw fault(key, "true or false for each of the \(blocks) blocks is expected")
        }
        return flags
    }

    func flag(_ key: String, default standard: Bool) throws(EngineError) -> Bool {
        guard let value = present(key) else { return standard }
        guard let flag = value.bool else { throw fault(key, "true or false is expected") }
        return flag
    }

    /// Any number, also one that is not finite.
    func number(_ key: String) throws(EngineError) -> Double? {
        guard let value = present(key) else { return nil }
        guard let number = value.double else { throw fault(key, "a number is expected") }
        return number
    }

    /// A finite number.
    func finite(_ key: String, default standard: Double) throws(EngineError) -> Double {
        guard let number = try number(key) else { return standard }
        guard number.isFinite else { throw fault(key, "a finite number is expected") }
        return number
    }

    func text(_ key: String, default standard: String) throws(EngineError) -> String {
        guard let value = present(key) else { return standard }
        guard let text = value.string else { throw fault(key, "a string is expected") }
        return text
    }

    /// A value of a string enumeration.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, default standard: Choice
    ) throws(EngineError) -> Choice {
        let text = try text(key, default: standard.rawValue)
        guard let choice = Choice(rawValue: text) else { throw fault(key, Self.notImplemented(Choice.self)) }
        return choice
    }

    /// A list with a value of a string enumeration for each block.
    func choices<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, default standard: [Choice]
    ) throws(EngineError) -> [Choice] {
        guard let value = present(key) else { return standard }
        guard let elements = value.array else { throw fault(key, "a list of strings is expected") }
        var choices: [Choice] = []
        for element in elements {
            guard let choice = element.string.flatMap(Choice.init(rawValue:)) else {
                throw fault(key, Self.notImplemented(Choice.self))
            }
            choices.append(choice)
        }
        return choices
    }

    private static func notImplemented<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type) -> String {
        "not implemented; implemented: \(Choice.allCases.map(\.rawValue).joined(separator: ", "))"
    }

    /// Refuses every key of `allowed` that is present with another value.
    func refuseUnless(_ allowed: KeyValuePairs<String, [JSONValue]>) throws(EngineError) {
        for (key, values) in allowed {
            guard let value = present(key), !values.contains(value) else { continue }
            let known = values.isEmpty ? "null" : values.map(\.description).joined(separator: " or ")
            throw fault(key, "not implemented; only \(known) is")
        }
    }
}
