// The head of an answer and its framing. The serialiser alone writes Date, Connection, Content-Length and
// Transfer-Encoding, so that status, method, version and body always agree (RFC 9112 §6, RFC 9110 §8.6):
//
//   1xx, 204         no body, no length, no coding
//   304, HEAD        no body; HEAD carries the length or coding GET would have
//   known length     Content-Length
//   stream on 1.1    chunked
//   stream on 1.0    neither, and the connection's end is the body's

/// What an answer has for a body.
public enum ResponseBody: Sendable, Equatable {
    case none
    /// Exactly this many bytes.
    case length(Int)
    /// As many as come.
    case stream
}

/// How the body's bytes go on the wire after the head.
public enum BodyTransfer: Sendable, Equatable {
    /// No byte may be sent.
    case none
    /// Exactly this many, as they are.
    case length(Int)
    /// Through `ChunkedEncoder`, the last chunk only after success.
    case chunked
    /// As they are, then the connection closes.
    case untilClose
}

/// A serialised head and what must follow it.
public struct ResponseStart: Sendable, Equatable {
    public let bytes: [UInt8]
    public let transfer: BodyTransfer
    /// Whether the connection must close after the answer.
    public let closes: Bool
}

public struct ResponseHead: Sendable, Equatable {
    /// 200…599; `ResponseHead.continuation` is the only 1xx.
    public var status: Int
    /// Without Date, Connection, Content-Length, Transfer-Encoding: those in here are left out.
    public var fields: HeaderFields

    public init(_ status: Int, fields: HeaderFields = HeaderFields()) {
        precondition((200...599).contains(status), "a final status is 200…599")
        self.status = status
        self.fields = fields
    }

    /// `100 Continue`, and nothing at all to a client of HTTP/1.0 (RFC 9110 §15.2).
    public static func continuation(answering request: AnswerContext) -> [UInt8] {
        guard request.version == .http11 else { return [] }
        var bytes: [UInt8] = []
        StatusLine.write(100, to: &bytes)
        bytes.endLine()
        return bytes
    }

    /// Serialises the head.
    /// - Parameters:
    ///   - keepsAlive: whether request and server would both let the connection go on.
    ///   - date: the time of the answer as IMF-fixdate.
    public func start(
        body: ResponseBody, answering request: AnswerContext, keepsAlive: Bool, date: String
    ) -> ResponseStart {
        let isBodiless = status == 204 || status == 304
        let isUnframed = body == .stream && request.version == .http10
        let endsByClose = isUnframed && !isBodiless && !request.isHead
        let closes = !keepsAlive || endsByClose
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ResponseHead.usualByteCount)
        StatusLine.write(status, to: &bytes)
        bytes.write("Date", date)
        for field in fields where !ResponseHead.ownFields.contains(where: { equalNames($0, field.name) }) {
            bytes.write(field.name, field.value)
        }
        if closes {
            bytes.write("Connection", "close")
        } else if request.version == .http10 {
            bytes.write("Connection", "keep-alive")
        }
        if !isBodiless { ResponseHead.writeFraming(of: body, request, to: &bytes) }
        bytes.endLine()
        let transfer = isBodiless || request.isHead ? .none : ResponseHead.transfer(body, request)
        return ResponseStart(bytes: bytes, transfer: transfer, closes: closes)
    }

    private static let ownFields = ["Date", "Connection", "Content-Length", "Transfer-Encoding", "Keep-Alive"]

    /// One allocation holds most heads.
    private static let usualByteCount = 512

    private static func writeFraming(of body: ResponseBody, _ request: AnswerContext, to bytes: inout [UInt8]) {
        switch body {
        case .none: bytes.write("Content-Length", "0")
        case .length(let count): bytes.write("Content-Length", String(count))
        case .stream: if request.version == .http11 { bytes.write("Transfer-Encoding", "chunked") }
        }
    }

    private static func transfer(_ body: ResponseBody, _ request: AnswerContext) -> BodyTransfer {
        switch body {
        case .none: .none
        case .length(let count): .length(count)
        case .stream: request.version == .http11 ? .chunked : .untilClose
        }
    }
}

/// The chunked coding, outwards (RFC 9112 §7.1).
public enum ChunkedEncoder {
    /// One chunk; no bytes make no chunk, because an empty chunk would end the body.
    public static func chunk(_ data: ArraySlice<UInt8>) -> [UInt8] {
        guard !data.isEmpty else { return [] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 20)
        bytes += String(data.count, radix: 16).utf8
        bytes.endLine()
        bytes += data
        bytes.endLine()
        return bytes
    }

    /// The end of the body. Left out when the body was cut short, so that the client sees it.
    public static let last: [UInt8] = Array("0\r\n\r\n".utf8)
}

extension [UInt8] {
    fileprivate mutating func endLine() {
        append(.carriageReturn)
        append(.lineFeed)
    }

    fileprivate mutating func write(_ name: String, _ value: some Collection<UInt8>) {
        self += name.utf8
        append(UInt8(ascii: ":"))
        append(.space)
        self += value
        endLine()
    }

    fileprivate mutating func write(_ name: String, _ value: String) { write(name, value.utf8) }
}
