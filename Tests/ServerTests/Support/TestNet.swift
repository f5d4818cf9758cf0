import Dispatch
import LimnerProtocol
import LimnerServer
import Synchronization

/// The connection code alone on a free loopback port: what is answered is a closure of the head and the whole body.
final class TestNet: Sendable {
    typealias Handler = @Sendable (RequestHead, [UInt8]) -> Answer

    let net: NetServer
    private let handlers = HandlerPool(width: 2)
    private let isStopped = Atomic(false)
    let responder: TestResponder

    var port: Int { net.port }

    init(
        timepiece: any Timepiece = SystemTimepiece(), tls: TLSFiles? = nil,
        configure: (inout NetConfiguration) -> Void = { _ in },
        answer: @escaping Handler = TestNet.mirror
    ) throws {
        var configuration = NetConfiguration(connections: 64, connectionsPerAddress: 64, parser: Limits())
        configure(&configuration)
        responder = TestResponder(answer)
        net = try NetServer(host: "127.0.0.1", port: 0, tls: tls)
        try net.start(configuration, responder: responder, handlers: handlers, timepiece: timepiece)
    }

    deinit { stop() }

    /// What was parsed, as text: method, target, body.
    @Sendable static func mirror(_ head: RequestHead, _ body: [UInt8]) -> Answer {
        let text = "\(head.method.rawValue) \(head.target.raw) \(String(decoding: body, as: UTF8.self))"
        return Answer(200, "text/plain", Array(text.utf8))
    }

    /// - Parameter grace: seconds until what is left is closed.
    func stop(grace: Double = 0.2) {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        net.beginStopping()
        net.finishStopping(by: .now() + grace)
        handlers.close(by: .now() + grace)
    }

    func client(receiveBuffer: Int32? = nil) throws -> WireClient {
        try WireClient(port: port, receiveBuffer: receiveBuffer)
    }
}

/// Takes every body whole and asks the closure.
final class TestResponder: Responder {
    struct Record: Sendable, Equatable {
        var status: Int
        var isComplete: Bool
    }

    private let answer: TestNet.Handler
    private let log = Mutex<[Record]>([])
    private let said = DispatchSemaphore(value: 0)
    let abandoned = DispatchSemaphore(value: 0)

    init(_ answer: @escaping TestNet.Handler) { self.answer = answer }

    /// What was told of every answer.
    var records: [Record] { log.withLock { $0 } }

    /// Waits until one more answer has been told of.
    func hasAnswered(within seconds: Double = 10) -> Bool { said.wait(timeout: .now() + seconds) == .success }

    func admit(_ head: RequestHead, _ ticket: Ticket) -> Admission {
        guard head.target.path != "/refused" else { return .refuse(Answer(401, "text/plain", Array("no".utf8))) }
        return .take(WholeBody(head, answer, abandoned))
    }

    func refuse(_ failure: ParseFailure, _ ticket: Ticket) -> Answer {
        Answer(failure.status, "text/plain", Array(failure.reason.utf8))
    }

    func refuse(status: Int, detail: String, _ ticket: Ticket) -> Answer {
        Answer(status, "text/plain", Array(detail.utf8))
    }

    func answered(_ ticket: Ticket, head: RequestHead?, status: Int, bytes: Int, isComplete: Bool) {
        log.withLock { $0.append(Record(status: status, isComplete: isComplete)) }
        said.signal()
    }

    func tick() {}
}

private final class WholeBody: Intake {
    private let head: RequestHead
    private let answer: TestNet.Handler
    private let abandoned: DispatchSemaphore
    private let body = Mutex<[UInt8]>([])

    init(_ head: RequestHead, _ answer: @escaping TestNet.Handler, _ abandoned: DispatchSemaphore) {
        self.head = head
        self.answer = answer
        self.abandoned = abandoned
    }

    func receive(_ bytes: [UInt8]) -> Answer? {
        body.withLock { $0 += bytes }
        return nil
    }

    func finish(_ reply: Reply) { reply(answer(head, body.withLock { $0 })) }

    func abandon() { abandoned.signal() }
}
