// The JSON parser: what RFC 8259 allows, what Python adds, what is refused.

import LimnerEngine
import Testing

private func parse(_ text: String) throws -> JSONValue { try parse(Array(text.utf8)) }

private func parse(_ bytes: [UInt8]) throws -> JSONValue {
    try bytes.withUnsafeBufferPointer { (buffer) throws(JSONFault) in try JSONParser.parse(buffer) }
}

@Suite("JSON")
struct JSONTests {
    @Test(
        "values are read",
        arguments: [
            ("null", JSONValue.null), (" true ", .bool(true)), ("-0", .integer(0)), ("12", .integer(12)),
            ("1.5e-3", .number(0.0015)), ("1E2", .number(100)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            (#""a\"\\\/\b\f\n\r\té\ud83d\ude00""#, .string("a\"\\/\u{8}\u{C}\n\r\té😀")), ("[]", .array([])),
            ("[1, [2]]", .array([.integer(1), .array([.integer(2)])])), ("{}", .object([:])),
            (#"{"a": {"b": "ü"}}"#, .object(["a": .object(["b": .string("ü")])])), ("-Infinity", .number(-.infinity)),
        ])
    func values(_ text: String, _ value: JSONValue) throws { #expect(try parse(text) == value) }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", " ", "nul", "+1", "01", "1.", ".5", "1e", "--1", "0x10", "1e999", "[1,]", "[1 2]", "[", "{", "{\"a\"}",
            "{\"a\":}",
            "{a:1}", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\udc00\"", "\"\n\"", "1 2", "[1}", "True", "'a'",
        ])
    func refused(_ text: String) { #expect(throws: JSONFault.self) { try parse(text) } }

    @Test("bytes that are not UTF-8 are refused")
    func encoding() { #expect(throws: JSONFault.self) { try parse([0x22, 0xFF, 0x22]) } }

    @Test("deep nesting is refused instead of exhausting the stack")
    func depth() {
        #expect(throws: JSONFault.self) { try parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test("no beginning of a text parses or traps")
    func prefixes() {
        let text = #"{"a": [1, -2.5e+3, "x\u00e9\ud83d\ude00"], "b": {"c": null, "d": false}}"#
        let bytes = Array(text.utf8)
        for count in 0..<bytes.count {
            #expect(throws: JSONFault.self) { try parse(Array(bytes[..<count])) }
        }
    }
}
