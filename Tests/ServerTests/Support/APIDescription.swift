import FoundationEssentials

/// openapi.yaml, and whether an answer is as it says.
struct APIDescription {
    struct Operation: Hashable, Sendable {
        var method: String
        var path: String
        /// Where it is, as in a `$ref`.
        var pointer: String

        /// `GET /v1/jobs/{id}`.
        var name: String { "\(method) \(path)" }
    }

    let check: SchemaCheck
    let operations: [Operation]

    /// What every answer may carry.
    private static let common: Set = [
        "x-request-id", "x-content-type-options", "cache-control", "date", "content-length", "content-type",
        "connection", "transfer-encoding",
    ]

    static func load() throws -> APIDescription {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let text = try String(contentsOf: root.appendingPathComponent("openapi.yaml"), encoding: .utf8)
        return APIDescription(try Value(yaml: text))
    }

    private init(_ root: Value) {
        check = SchemaCheck(root: root)
        operations = (root["paths"]?.object ?? [:]).flatMap { path, item in
            ["get", "put", "post", "delete", "patch"].filter { item[$0] != nil }.map { method in
                Operation(
                    method: method.uppercased(), path: path,
                    pointer: "#/paths/\(path.replacing("/", with: "~1"))/\(method)")
            }
        }.sorted { $0.name < $1.name }
    }

    /// The operation a request meant: a word in a path goes before a parameter.
    func operation(_ method: String, _ target: String) -> Operation? {
        let given = target.prefix { $0 != "?" }.split(separator: "/")
        let fits = operations.filter { operation in
            let segments = operation.path.split(separator: "/")
            return operation.method == method && segments.count == given.count
                && zip(segments, given).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        return fits.min { $0.path.count(where: { $0 == "{" }) < $1.path.count(where: { $0 == "{" }) }
    }

    func statuses(_ operation: Operation) -> [Int] {
        (check.resolve(operation.pointer + "/responses")?.object.keys ?? [:].keys).compactMap { Int($0) }.sorted()
    }

    func isOpen(_ operation: Operation) -> Bool { check.resolve(operation.pointer + "/security") == .list([]) }

    /// Where something is, once references are followed.
    private func follow(_ pointer: String) -> String {
        check.resolve(pointer + "/$ref")?.text.map(follow) ?? pointer
    }

    /// What of an answer is not as the description says.
    func look(at answer: WireClient.Response, to operation: Operation) -> SchemaCheck.Finding {
        let pointer = follow("\(operation.pointer)/responses/\(answer.status)")
        guard let described = check.resolve(pointer) else {
            return SchemaCheck.Finding(faults: ["\(operation.name) answers \(answer.status), which is not described"])
        }
        var finding = lookAtBody(answer, described, pointer, operation)
        let fields = Set((described["headers"]?.object ?? [:]).keys.map { $0.lowercased() })
        for field in answer.fields.keys where !Self.common.contains(field) && !fields.contains(field) {
            finding.faults.append("\(operation.name) \(answer.status) has the field \(field), which is not described")
        }
        return finding
    }

    private func lookAtBody(
        _ answer: WireClient.Response, _ described: Value, _ pointer: String, _ operation: Operation
    ) -> SchemaCheck.Finding {
        let place = "\(operation.name) \(answer.status)"
        guard let content = described["content"] else {
            return SchemaCheck.Finding(faults: answer.body.isEmpty ? [] : ["\(place) has a body"])
        }
        let type = String(answer.fields["content-type"]?.prefix { $0 != ";" } ?? "")
        guard content[type] != nil else { return SchemaCheck.Finding(faults: ["\(place) is of type '\(type)'"]) }
        if type == "text/event-stream" { return lookAtEvents(answer, place) }
        guard type.hasSuffix("json") else { return SchemaCheck.Finding() }
        guard let value = try? Value(json: answer.body) else {
            return SchemaCheck.Finding(faults: ["\(place) is no JSON"])
        }
        let schema = "\(pointer)/content/\(type.replacing("/", with: "~1"))/schema"
        return check.look(at: value, schema, place: place)
    }

    /// Each event, and its data: whose schema stands in a table of the operation's description.
    private func lookAtEvents(_ answer: WireClient.Response, _ place: String) -> SchemaCheck.Finding {
        var finding = SchemaCheck.Finding()
        for block in answer.text.split(separator: "\n\n") {
            let fields = block.split(separator: "\n").filter { !$0.hasPrefix(":") }.map { line in
                line.split(separator: ":", maxSplits: 1).map { String($0.drop { $0 == " " }) }
            }
            let event = Dictionary(uniqueKeysWithValues: fields.map { ($0[0], Value.text($0.last ?? "")) })
            guard event["retry"] == nil, !event.isEmpty else { continue }
            finding.add(check.look(at: .object(event), "#/components/schemas/Event", place: place))
            let name = event["event"]?.text ?? ""
            let schema =
                ["queued", "started", "progress", "preview"].contains(name) ? "\(name.capitalized)Event" : "Job"
            guard let data = event["data"]?.text, let value = try? Value(json: Array(data.utf8)) else {
                finding.faults.append("\(place): the data of \(name) is no JSON")
                continue
            }
            finding.add(check.look(at: value, "#/components/schemas/\(schema)", place: "\(place) \(name)"))
        }
        return finding
    }
}
