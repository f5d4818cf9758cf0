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
}

/// HTTP/1.x with x ≥ 1 is treated as 1.1 (RFC 9110 §6.2).
public enum HTTPVersion: Sendable, Equatable { case http10, http11 }

struct RequestLine: Sendable, Equatable {
    var method: [UInt8]
    var target: [UInt8]
    var version: HTTPVersion

    var isHead: Bool { method == Array("HEAD".utf8) }

    /// Longest line that can be legal: anything longer has a part that is too long.
    static func limit(_ limits: Limits) -> Int { limits.method + 1 + limits.target + 1 + "HTTP/1.1".utf8.count }

    init(_ line: ArraySlice<UInt8>, limits: Limits) throws(ParseFault) {
        guard !line.contains(where: { $0.isControl }) else { throw .requestLine }
        let parts = line.split(separator: .space, omittingEmptySubsequences: false)
        if let fault = RequestLine.overflow(line, limits: limits) { throw fault }
        guard parts.count == 3, !parts[1].isEmpty else { throw .requestLine }
        guard parts[0].isToken else { throw .method }
        version = try RequestLine.version(parts[2])
        method = Array(parts[0])
        target = Array(parts[1])
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
        let bytes = Array(bytes)
        guard bytes.count == 8, bytes.starts(with: "HTTP/".utf8), bytes[5].isDigit, bytes[6] == UInt8(ascii: "."),
            bytes[7].isDigit
        else { throw .version }
        guard bytes[5] == UInt8(ascii: "1") else { throw .versionUnsupported }
        return bytes[7] == UInt8(ascii: "0") ? .http10 : .http11
    }
}
