// What limner-echo answers.
import FoundationEssentials
import LimnerProtocol
import LimnerServer
import Synchronization

/// Takes every request and answers it with itself.
final class EchoResponder: Responder {
    func admit(_ head: RequestHead, _ ticket: Ticket) -> Admission { .take(EchoIntake(head)) }

    func refuse(_ failure: ParseFailure, _ ticket: Ticket) -> Answer {
        Answer(failure.status, fields: failure.fields, body: .bytes(Array(failure.reason.utf8)))
    }

    func refuse(status: Int, detail: String, _ ticket: Ticket) -> Answer {
        Answer(status, "text/plain", Array(detail.utf8))
    }

    func answered(_ ticket: Ticket, head: RequestHead?, status: Int, bytes: Int, isComplete: Bool) {}

    func tick() {}
}

/// Keeps one request's body and answers with what was parsed. Requests without a body are answered on the event loop.
private final class EchoIntake: Intake {
    private let head: RequestHead
    private let body = Mutex<[UInt8]>([])

    init(_ head: RequestHead) { self.head = head }

    func receive(_ bytes: [UInt8]) -> Answer? {
        body.withLock { $0 += bytes }
        return nil
    }

    func answerAtOnce() -> Answer? { head.framing.isEmpty ? try? answer() : nil }

    func finish(_ reply: Reply) {
        do {
            reply(try answer())
        } catch {
            reply(Answer(500, "text/plain", Array("\(error)".utf8)))
        }
    }

    func abandon() {}

    private func answer() throws -> Answer {
        let document = try WireJSON.encode(EchoDocument(head, body: body.withLock { $0 }))
        switch head.target.queryValue("answer") {
        case "chunked", "abort":
            return Answer(200, fields: Self.fields, body: stream(document))
        case "204": return Answer(204)
        case "304": return Answer(304, fields: ["ETag": "\"echo\""])
        default: return Answer(200, fields: Self.fields, body: .bytes(document))
        }
    }

    private static let fields: HeaderFields = [
        "Content-Type": "application/json", "X-Content-Type-Options": "nosniff",
    ]

    /// The document, or what a body that cannot be finished leaves of it.
    private func stream(_ document: [UInt8]) -> Answer.Body {
        let stream = BodyStream(onGone: {})
        stream.send(document)
        if head.target.queryValue("answer") == "abort" { stream.abort() } else { stream.end() }
        return .stream(stream)
    }
}

/// What was parsed, every value in base64.
private struct EchoDocument: Encodable {
    var method: String
    var uri: String
    var version: String
    var headers: [[String]]
    var body: String

    init(_ head: RequestHead, body: [UInt8]) {
        method = Self.base64(head.method.rawValue.utf8)
        uri = Self.base64(head.target.raw.utf8)
        version = Self.base64((head.version == .http10 ? "1.0" : "1.1").utf8)
        headers = head.fields.map { [Self.base64($0.name.utf8), Self.base64($0.value)] }
        self.body = Self.base64(body)
    }

    private static func base64(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }
}
