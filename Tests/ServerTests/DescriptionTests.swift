// openapi.yaml beside the code: the same methods, options and ranges, and examples that hold to their own schemas.

import LimnerProtocol
import LimnerServer
import Testing

@Suite("openapi.yaml", .timeLimit(.minutes(1)))
struct DescriptionTests {
    let api: APIDescription

    init() throws { api = try APIDescription.load() }

    private func schema(_ name: String) throws -> Value {
        try #require(api.check.resolve("#/components/schemas/\(name)"))
    }

    @Test("each path allows the methods that are described and no others")
    func methods() throws {
        let bench = try TestService()
        #expect(api.operations.count > 20)
        for (path, operations) in Dictionary(grouping: api.operations, by: \.path) {
            var methods = operations.map(\.method) + ["OPTIONS"]
            if methods.contains("GET") { methods.append("HEAD") }
            // A word of a longer path may also be a parameter's value: `styles/import` is `styles/{name}` to GET.
            let target = path.replacing("{id}", with: "x").replacing("{name}", with: "x")
            let shared = api.operations.filter { operation in
                operation.path != path && api.operation(operation.method, target) == operation
            }
            let allowed = Set(methods + shared.map(\.method) + (shared.contains { $0.method == "GET" } ? ["HEAD"] : []))
            let answer = try bench.request("OPTIONS", target)
            #expect(answer.fields["allow"] == allowed.sorted().joined(separator: ", "), "\(path)")
        }
    }

    @Test("a sketch's and a pair's options are those of the code")
    func options() throws {
        let sketch = try schema("SketchOrder")["properties"]?.object.keys.sorted()
        #expect(sketch == (SketchOptions.names + ["photo"]).sorted())
        let pair = try schema("Pair")["properties"]?.object.keys.sorted()
        #expect(pair == (TuneOptions.names + ["photo", "sketch"]).sorted())
        #expect(try schema("StylePatch")["properties"]?.object.keys.sorted() == StylePatch.names.sorted())
        for pointer in ["#/paths/~1v1~1sketch/post", "#/paths/~1v1~1jobs~1{id}/put"] {
            let given = try #require(api.check.resolve(pointer + "/parameters")?.list)
            let names = given.compactMap { parameter -> String? in
                guard let found = parameter["$ref"]?.text.flatMap(api.check.resolve) else { return nil }
                return found["in"] == .text("query") ? found["name"]?.text : nil
            }
            #expect(names.sorted() == SketchOptions.names.sorted())
        }
    }

    @Test(
        "ranges are those of the code",
        arguments: [
            ("SketchSteps", "minimum", OptionLimits.sketchSteps.lowerBound),
            ("SketchSteps", "maximum", OptionLimits.sketchSteps.upperBound),
            ("TuneSteps", "minimum", OptionLimits.tuneSteps.lowerBound),
            ("TuneSteps", "maximum", OptionLimits.tuneSteps.upperBound),
            ("Guidance", "maximum", Int(OptionLimits.textGuidance.upperBound)),
            ("Guidance", "maximum", Int(OptionLimits.imageGuidance.upperBound)),
            ("Seed", "maximum", Int(OptionLimits.seed.upperBound)), ("Count", "maximum", OptionLimits.count.upperBound),
            ("Size/oneOf/0", "minimum", OptionLimits.size.lowerBound),
            ("Size/oneOf/0", "maximum", OptionLimits.size.upperBound), ("Instruction", "maxLength", OptionLimits.text),
            ("StyleDescription", "maxLength", OptionLimits.description),
            ("SketchOrder/properties/photo", "maxItems", OptionLimits.photos),
            ("SketchOrder/properties/style", "maxItems", OptionLimits.styles),
        ])
    func ranges(_ name: String, _ keyword: String, _ limit: Int) throws {
        #expect(try schema(name)[keyword]?.number == Double(limit))
    }

    @Test("words are those of the code")
    func words() throws {
        #expect(try schema("JobStatus")["enum"]?.list.compactMap(\.text) == JobStatus.allCases.map(\.rawValue))
        #expect(try schema("Format")["enum"]?.list.compactMap(\.text) == ResultFormat.allCases.map(\.rawValue))
    }

    @Test(
        "the pattern of styles takes what the code takes",
        arguments: [
            "a", "charcoal", "a.b_c-9", "a:0.7,ink:0.3", "a,b,c,d", "a:2", "", "A", "-a", "a:", "a:.5", "a:-1", "a,",
            "a b",
            "a,b,c,d,e", "a:1e1",
        ])
    func styleMix(_ text: String) {
        let isDescribed = api.check.look(at: .text(text), "#/components/schemas/StyleMix").faults.isEmpty
        #expect(isDescribed == (StyleMix(text) != nil))
    }

    @Test("every example is what its schema says")
    func examples() throws {
        var count = 0
        try visit("#") { pointer, node in
            for (media, content) in node["content"]?.object ?? [:] {
                let inner = "\(pointer)/content/\(media.replacing("/", with: "~1"))"
                for (name, example) in content["examples"]?.object ?? [:]
                where media.hasSuffix("json") || media == "text/event-stream" {
                    let value = example["$ref"]?.text.flatMap(api.check.resolve)?["value"] ?? example["value"]
                    let finding = api.check.look(at: try #require(value), inner + "/schema", place: name)
                    #expect(finding.faults == [], "\(inner)")
                    count += 1
                }
            }
            // In a schema `examples` is a list of values.
            if case .list(let values) = node["examples"], node["content"] == nil {
                for value in values {
                    #expect(api.check.look(at: value, pointer).faults == [], "\(pointer)")
                    count += 1
                }
            }
        }
        #expect(count > 40)
    }

    /// Calls `body` for each map of the description.
    private func visit(_ pointer: String, _ body: (String, Value) throws -> Void) throws {
        guard let node = api.check.resolve(pointer) else { return }
        if case .object(let members) = node {
            try body(pointer, node)
            for key in members.keys.sorted() { try visit("\(pointer)/\(key.replacing("/", with: "~1"))", body) }
        }
        for index in node.list.indices { try visit("\(pointer)/\(index)", body) }
    }
}
