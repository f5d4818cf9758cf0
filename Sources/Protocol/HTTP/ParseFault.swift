// The table of everything a parser of this module refuses: the status it earns, whether the bytes after it
// can still be told apart from the refused message, and the sentence the client reads. The text never
// repeats the request, so nothing a client sends comes back in an error.

/// What was wrong with the bytes. The raw value is a stable code for logs and metrics.
public enum ParseFault: String, Error, Sendable, CaseIterable {
    case requestLine, lineEnding, leadingLines, method, methodTooLong, methodUnknown
    case target, targetTooLong, version, versionUnsupported
    case fieldName, fieldValue, fieldFolded, fieldLineTooLong, fieldBlockTooLong, fieldCount, fieldRepeated
    case hostMissing, hostRepeated, host, misdirected, expectation, contentCoding, mediaType
    case lengthAndCoding, length, lengthRepeated, bodyTooLong, codingOnOldVersion, coding, codingUnknown
    case chunkSize, chunkExtension, chunkExtensionTooLong, chunkData, trailer, trailerTooLong, truncated
    case boundary, multipart, preambleTooLong, epilogueTooLong, partCount, partTooLong, partHeaders, partHeadersTooLong
    case partNested, multipartTruncated

    /// One row of the table.
    struct Verdict {
        var status: Int
        var losesFraming: Bool
        var reason: String
    }

    /// Status code of the answer.
    public var status: Int { verdict.status }
    /// What was wrong and what to do, in a sentence that repeats nothing of the request.
    public var reason: String { verdict.reason }
    /// True when the end of the refused message cannot be trusted, so that the connection must close.
    public var losesFraming: Bool { verdict.losesFraming }

    /// Fields the answer must carry: a 415 for a content coding says which one would do (RFC 9110 §12.5.3).
    public var answerFields: HeaderFields {
        var fields = HeaderFields()
        if self == .contentCoding { fields.append("Accept-Encoding", "identity") }
        return fields
    }

    var verdict: Verdict {
        switch self {
        case .requestLine: fatal(400, "The request line must be: method, one space, target, one space, HTTP/1.1.")
        case .lineEnding: fatal(400, "Lines must end in CRLF; a bare CR or LF is refused.")
        case .leadingLines: fatal(400, "Too many empty lines before the request line.")
        case .method: fatal(400, "The method is not a token.")
        case .methodTooLong: fatal(501, "The method is longer than any this service knows.")
        case .methodUnknown: mild(501, "This service does not implement that method.")
        case .target: mild(400, "The request target is not a valid path, or holds an encoding that is refused.")
        case .targetTooLong: fatal(414, "The request target is too long; send options in the body.")
        case .version: fatal(400, "The protocol version must be written HTTP/1.1.")
        case .versionUnsupported: fatal(505, "This service speaks HTTP/1.1 and HTTP/1.0.")
        default: fieldVerdict
        }
    }

    private var fieldVerdict: Verdict {
        switch self {
        case .fieldName: fatal(400, "A header line needs a name made of token characters, directly before its colon.")
        case .fieldValue: fatal(400, "A header value holds a control character.")
        case .fieldFolded: fatal(400, "Header lines must not begin with white space; folding is refused.")
        case .fieldLineTooLong: fatal(431, "A header line is too long.")
        case .fieldBlockTooLong: fatal(431, "The header section is too long.")
        case .fieldCount: fatal(431, "The header section has too many lines.")
        case .fieldRepeated: mild(400, "A header that may be given once was given more than once.")
        case .hostMissing: mild(400, "An HTTP/1.1 request needs a Host header.")
        case .hostRepeated: mild(400, "The Host header was given more than once.")
        case .host: mild(400, "The Host header is not a host name or address with an optional port.")
        case .misdirected: mild(421, "The request names a scheme this service does not answer for.")
        case .expectation: mild(417, "The only expectation understood is 100-continue.")
        case .contentCoding: mild(415, "The body must be sent without a content coding.")
        case .mediaType: mild(400, "The Content-Type is not a valid media type.")
        default: framingVerdict
        }
    }

    private var framingVerdict: Verdict {
        switch self {
        case .lengthAndCoding: fatal(400, "Content-Length and Transfer-Encoding must not be sent together.")
        case .length: fatal(400, "Content-Length must be decimal digits without sign or leading zeros.")
        case .lengthRepeated: fatal(400, "Content-Length was given more than once.")
        case .bodyTooLong: fatal(413, "The body is larger than this service accepts.")
        case .codingOnOldVersion: fatal(400, "Transfer-Encoding does not exist in HTTP/1.0.")
        case .coding: fatal(400, "Transfer-Encoding must be chunked, given once.")
        case .codingUnknown: fatal(501, "The only transfer coding understood is chunked.")
        case .chunkSize: fatal(400, "A chunk size must be hexadecimal digits.")
        case .chunkExtension: fatal(400, "A chunk extension is malformed.")
        case .chunkExtensionTooLong: fatal(400, "Chunk extensions are too long.")
        case .chunkData: fatal(400, "A chunk's data is not followed by CRLF where its size says it ends.")
        case .trailer: fatal(400, "A trailer line is malformed.")
        case .trailerTooLong: fatal(431, "The trailer section is too long.")
        case .truncated: fatal(400, "The request ended before it was complete.")
        default: multipartVerdict
        }
    }

    // A multipart body lies inside a framed message, so the connection survives its faults.
    private var multipartVerdict: Verdict {
        switch self {
        case .boundary: mild(400, "The Content-Type needs a boundary of 1 to 70 characters.")
        case .preambleTooLong: mild(400, "The multipart body does not begin with its boundary.")
        case .epilogueTooLong: mild(400, "Too much follows the last boundary of the multipart body.")
        case .partCount: mild(413, "The multipart body has too many parts.")
        case .partTooLong: mild(413, "A part of the multipart body is larger than this service accepts.")
        case .partHeaders: mild(400, "A part needs one Content-Disposition: form-data header with a name.")
        case .partHeadersTooLong: mild(413, "The headers of a part are too long.")
        case .partNested: mild(415, "A part must not itself be a multipart body.")
        case .multipartTruncated: mild(400, "The multipart body ended before its last boundary.")
        default: mild(400, "The multipart body is malformed.")
        }
    }

    private func fatal(_ status: Int, _ reason: String) -> Verdict {
        Verdict(status: status, losesFraming: true, reason: reason)
    }

    private func mild(_ status: Int, _ reason: String) -> Verdict {
        Verdict(status: status, losesFraming: false, reason: reason)
    }
}

/// A refused request: what to answer, and whether the connection may go on after the answer.
public struct ParseFailure: Error, Equatable, Sendable {
    /// What was wrong.
    public let fault: ParseFault
    /// True when the connection must close after the answer. When false the parser passes over the rest of
    /// the refused message by itself, and the next event belongs to the next request.
    public let closes: Bool
    /// What the answer must know of the request: HEAD gets no body, HTTP/1.0 no chunks.
    public let answering: AnswerContext

    public init(_ fault: ParseFault, closes: Bool, answering: AnswerContext = .unparsed) {
        self.fault = fault
        self.closes = closes
        self.answering = answering
    }

    public var status: Int { fault.status }
    public var reason: String { fault.reason }
    public var fields: HeaderFields { fault.answerFields }
}
