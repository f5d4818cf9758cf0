/// Reads the YAML that openapi.yaml is written in: block maps and lists, flow maps and lists on one line, plain and
/// single-quoted scalars on one line, literal blocks. Anything else is an error, never a guess.
struct YAMLReader {
    struct Trouble: Error, CustomStringConvertible {
        var line: Int
        var text: String
        var description: String { "line \(line) of the YAML cannot be read: \(text)" }
    }

    private var lines: [Substring]
    private var place = 0

    static func read(_ text: String) throws -> Value {
        var reader = YAMLReader(lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        let value = try reader.block(atLeast: 0)
        if let line = reader.current { throw reader.trouble(line) }
        return value
    }

    private init(lines: [Substring]) { self.lines = lines }

    private func trouble(_ text: some StringProtocol) -> Trouble { Trouble(line: place + 1, text: String(text)) }

    private static func indent(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }

    /// The line that is next, empty ones and comments passed over.
    private var current: Substring? {
        mutating get {
            while place < lines.count {
                let content = lines[place].drop { $0 == " " }
                if !content.isEmpty, content.first != "#" { return lines[place] }
                place += 1
            }
            return nil
        }
    }

    /// A map or a list that is indented at least so far; null when there is none.
    private mutating func block(atLeast least: Int) throws -> Value {
        guard let first = current, Self.indent(first) >= least else { return .null }
        let indent = Self.indent(first)
        return first.dropFirst(indent).hasPrefix("- ") ? try list(indent) : try map(indent)
    }

    private mutating func list(_ indent: Int) throws -> Value {
        var values: [Value] = []
        while let line = current, Self.indent(line) == indent, line.dropFirst(indent).hasPrefix("- ") {
            let rest = line.dropFirst(indent + 2)
            if Self.key(rest) != nil {
                // The item is a map whose first line stands behind the dash.
                lines[place] = Substring(String(repeating: " ", count: indent + 2) + rest)
                values.append(try map(indent + 2))
            } else {
                place += 1
                values.append(try scalar(rest))
            }
        }
        return .list(values)
    }

    private mutating func map(_ indent: Int) throws -> Value {
        var members: [String: Value] = [:]
        while let line = current, Self.indent(line) == indent {
            guard let (key, rest) = Self.key(line.dropFirst(indent)), members[key] == nil else { throw trouble(line) }
            place += 1
            if rest.isEmpty {
                members[key] = try block(atLeast: indent + 1)
            } else if rest == "|" {
                members[key] = literal(deeperThan: indent)
            } else {
                members[key] = try scalar(rest)
            }
        }
        return .object(members)
    }

    /// `key: rest`; nil when the text is no such thing.
    private static func key(_ text: Substring) -> (String, Substring)? {
        guard let first = text.first, !"{[\"|>&*!%@`-".contains(first) else { return nil }
        if first == "'" {
            guard let end = text.dropFirst().firstIndex(of: "'") else { return nil }
            let after = text[text.index(after: end)...]
            guard after.first == ":" else { return nil }
            return (String(text.dropFirst()[..<end]), after.dropFirst().drop { $0 == " " })
        }
        guard let colon = text.firstRange(of: ": ")?.lowerBound ?? (text.last == ":" ? text.indices.last : nil) else {
            return nil
        }
        return (String(text[..<colon]), text[colon...].dropFirst().drop { $0 == " " })
    }

    /// The lines of a literal block, without their common indentation.
    private mutating func literal(deeperThan indent: Int) -> Value {
        var taken: [Substring] = []
        while place < lines.count {
            let line = lines[place]
            if line.contains(where: { $0 != " " }), Self.indent(line) <= indent { break }
            taken.append(line)
            place += 1
        }
        while taken.last?.isEmpty == true { taken.removeLast() }
        let common = taken.first.map(Self.indent) ?? 0
        return .text(taken.map { $0.dropFirst(common) }.joined(separator: "\n") + "\n")
    }

    private func scalar(_ text: Substring) throws -> Value {
        guard text.first == "{" || text.first == "[" else {
            return try text.first == "'" ? flow(text) : plain(text)
        }
        return try flow(text)
    }

    private func flow(_ text: Substring) throws -> Value {
        var rest = text
        let value = try flowValue(&rest)
        guard rest.allSatisfy({ $0 == " " }) else { throw trouble(text) }
        return value
    }

    private func flowValue(_ rest: inout Substring) throws -> Value {
        rest = rest.drop { $0 == " " }
        switch rest.first {
        case "{":
            var members: [String: Value] = [:]
            try flowItems(&rest, until: "}") { rest in
                guard let colon = rest.firstRange(of: ": ") else { throw trouble(rest) }
                let key = rest[..<colon.lowerBound]
                rest = rest[colon.upperBound...]
                members[String(key)] = try flowValue(&rest)
            }
            return .object(members)
        case "[":
            var values: [Value] = []
            try flowItems(&rest, until: "]") { rest in values.append(try flowValue(&rest)) }
            return .list(values)
        case "'":
            return .text(try quoted(&rest))
        default:
            let end = rest.firstIndex { ",}]".contains($0) } ?? rest.endIndex
            defer { rest = rest[end...] }
            return try plain(rest[..<end])
        }
    }

    private func flowItems(_ rest: inout Substring, until end: Character, _ item: (inout Substring) throws -> Void)
        throws
    {
        let whole = rest
        rest = rest.dropFirst().drop { $0 == " " }
        while rest.first != end {
            try item(&rest)
            rest = rest.drop { $0 == " " }
            if rest.first == "," {
                rest = rest.dropFirst().drop { $0 == " " }
            } else if rest.first != end {
                throw trouble(whole)
            }
        }
        rest = rest.dropFirst()
    }

    private func quoted(_ rest: inout Substring) throws -> String {
        var text = ""
        rest = rest.dropFirst()
        while let next = rest.popFirst() {
            if next != "'" {
                text.append(next)
            } else if rest.first == "'" {
                text.append("'")
                rest = rest.dropFirst()
            } else {
                return text
            }
        }
        throw trouble(text)
    }

    /// A plain scalar as YAML's core schema reads it.
    private func plain(_ text: Substring) throws -> Value {
        var text = String(text)
        while text.last == " " { text.removeLast() }
        guard let first = text.first, !"\"&*!|>%@`#".contains(first), !text.contains(" #") else { throw trouble(text) }
        switch text {
        case "null", "~": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            let isNumber = text.allSatisfy { "0123456789.-".contains($0) }
            return isNumber ? Double(text).map { .number($0) } ?? .text(text) : .text(text)
        }
    }
}
