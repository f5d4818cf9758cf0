// The request line, `method SP request-target SP HTTP-version` (RFC 9112 §3), taken apart exactly: one space
// where the grammar has one, no autocorrection. Method and target are judged later, with the head complete,
// so that a well-framed request with an unknown method does not cost the connection.

/// The methods this service knows of. CONNECT and TRACE are known so that they can be refused by name.
public enum Method: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
    case connect = "CONNECT"
    case trace = "TRACE"

    private static let known = allCases

    /// The method of that name; names are case-sensitive (RFC 9110 §9.1).
    init?(_ token: ArraySlice<UInt8>) {
        guard let method = Method.known.first(where: { token.equals($0.rawValue) }) else { return nil }
        self = method
    }
}

/// HTTP/1.x with x ≥ 1 is treated as 1.1 (RFC 9110 §6.2).
public enum HTTPVersion: Sendable, Equatable { case http10, http11 }

struct RequestLine: Sendable, Equatable {
    /// nil for a token that is no method this service knows of.
    var method: Method?
    var target: [UInt8]
    var version: HTTPVersion

    var answering: AnswerContext { AnswerContext(version: version, isHead: method == .head) }

    /// Longest line that can be legal: anything longer has a part that is too long.
    static func limit(_ limits: Limits) -> Int { limits.method + 1 + limits.target + 1 + "HTTP/1.1".utf8.count }

    init(_ line: ArraySlice<UInt8>, limits: Limits) throws(ParseFault) {
        guard !line.contains(where: { $0.isControl }) else { throw .requestLine }
        if let fault = RequestLine.overflow(line, limits: limits) { throw fault }
        guard let first = line.firstIndex(of: .space),
            let second = line[(first + 1)...].firstIndex(of: .space), second > first + 1
        else { throw .requestLine }
        let name = line[..<first]
        let protocolVersion = line[(second + 1)...]
        guard !protocolVersion.contains(.space) else { throw .requestLine }
        guard name.isToken else { throw .method }
        version = try RequestLine.version(protocolVersion)
        method = Method(name)
        target = Array(line[(first + 1)..<second])
    }

    /// Which part of a line, complete or not, is longer than its limit; nil when none is.
    static func overflow(_ line: ArraySlice<UInt8>, limits: Limits) -> ParseFault? {
        let method = line.prefix { $0 != .space }
        if method.count > limits.method {
            return method.prefix(limits.method).isToken ? .methodTooLong : .method
        }
        let target = line.dropFirst(method.count + 1).prefix { $0 != .space }
        return target.count > limits.target ? .targetTooLong : nil
    }

    /// `HTTP/` DIGIT `.` DIGIT, case-sensitive (RFC 9112 §2.3).
    private static func version(_ bytes: ArraySlice<UInt8>) throws(ParseFault) -> HTTPVersion {
        guard bytes.count == 8, bytes.prefix(5).equals("HTTP/") else { throw .version }
        let digits = bytes.suffix(3)
        let (major, minor) = (digits[digits.startIndex], digits[digits.startIndex + 2])
        guard major.isDigit, digits[digits.startIndex + 1] == UInt8(ascii: "."), minor.isDigit else { throw .version }
        guard major == UInt8(ascii: "1") else { throw .versionUnsupported }
        return minor == UInt8(ascii: "0") ? .http10 : .http11
    }
}
