// The one place JSON is written and read: keys sorted, slashes bare, absent values left out, so that the same
// document is always the same bytes.

internal import FoundationEssentials

public enum WireJSON {
    /// The document as UTF-8. The wire types hold nothing JSON cannot say, except a number that is not
    /// finite: it throws `EncodingError`.
    public static func encode(_ document: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(document))
    }

    /// Reads a document; throws `DecodingError`.
    public static func decode<Document: Decodable>(_ type: Document.Type, from bytes: [UInt8]) throws -> Document {
        try JSONDecoder().decode(type, from: Data(bytes))
    }
}
