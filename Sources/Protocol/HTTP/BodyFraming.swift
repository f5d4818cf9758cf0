// How long a request's body is: RFC 9112 §6.3 as one pure function with the RFC's steps numbered. This is the
// function request smuggling is about, so wherever the RFC leaves a choice it refuses.

public enum BodyFraming: Sendable, Equatable {
    /// Neither length nor coding: no body.
    case none
    /// Exactly this many bytes.
    case length(Int)
    /// Chunks until the last one.
    case chunked

    public var isEmpty: Bool { self == .none || self == .length(0) }

    /// Framing of a request with these fields. The steps of RFC 9112 §6.3 that concern responses (1, 2, 8)
    /// are not here.
    static func ofRequest(
        _ fields: HeaderFields, version: HTTPVersion, limits: Limits
    ) throws(ParseFault) -> BodyFraming {
        let codings = fields.values("Transfer-Encoding")
        let lengths = fields.values("Content-Length")
        // §6.1: a server that gets Transfer-Encoding on HTTP/1.0 treats the framing as faulty.
        if version == .http10, !codings.isEmpty { throw .codingOnOldVersion }
        // Step 3: both present may be smuggling; refused.
        if !codings.isEmpty, !lengths.isEmpty { throw .lengthAndCoding }
        // Step 4: with Transfer-Encoding, chunked must be the final coding, and is the only one known.
        if !codings.isEmpty { return try chunked(codings) }
        // Step 5: repeated or malformed lengths are unrecoverable. Equal repeats are refused too.
        if lengths.count > 1 { throw .lengthRepeated }
        // Step 6: a valid length.
        if let length = lengths.first { return .length(try byteCount(length[...], limit: limits.body)) }
        // Step 7: a request with neither has no body.
        return .none
    }

    private static func chunked(_ lines: [[UInt8]]) throws(ParseFault) -> BodyFraming {
        guard lines.count == 1, let line = lines.first else { throw .coding }
        var codings: [ArraySlice<UInt8>] = []
        for piece in line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            codings.append(piece.trimmed)
        }
        guard codings.allSatisfy(\.isToken), let last = codings.last, last.equals(ignoringCase: "chunked"),
            !codings.dropLast().contains(where: { $0.equals(ignoringCase: "chunked") })
        else { throw .coding }
        guard codings.count == 1 else { throw .codingUnknown }
        return .chunked
    }

    private static func byteCount(_ digits: ArraySlice<UInt8>, limit: Int) throws(ParseFault) -> Int {
        guard let value = digits.decimalValue else { throw .length }
        // Legal by the grammar, but read as octal by some: refused.
        guard digits.count == 1 || digits.first != UInt8(ascii: "0") else { throw .length }
        guard value <= limit else { throw .bodyTooLong }
        return value
    }
}
