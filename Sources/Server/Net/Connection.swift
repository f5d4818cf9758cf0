internal import Glibc
internal import LimnerProtocol

/// One client's connection. Lives on the event loop's thread alone.
///
///     reading ──head──▶ exchange: body ⇄ handler ──end──▶ handler ──answer──▶ sending ──▶ reading …
///                                                                         └──▶ lingering ──▶ closed
///
/// One request at a time: while a handler works or an answer is being sent, nothing is parsed and nothing read, so
/// pipelined requests wait in the parser or in the kernel and answers keep their order. A client that stops sending
/// (half-close) still gets its answer; one that is gone loses only the answer, never the job.
final class Connection {
    let id: UInt64
    let peer: String
    var socket: Socket
    let loop: NetLoop
    var parser: RequestParser
    /// The request at hand, from its head to the end of its answer.
    var exchange: Exchange?
    /// Tells replies of this request from those of an earlier one, and counts.
    var exchangeNumber = 0
    var outbox = Outbox()
    /// The peer will send no more.
    var isInputEnded = false
    /// No more requests are served: close when the outbox is empty.
    var isClosing = false
    var isClosed = false
    var linger: Int?
    var interest = (read: true, write: false)
    var deadlines: Deadlines
    /// When the loop's agenda says to look at the deadlines.
    private var lookDue = Double.infinity
    private let opened: Double

    /// A request being received, handled or answered.
    final class Exchange {
        let ticket: Ticket
        let head: RequestHead?
        var intake: (any Intake)?
        /// A handler works on it; nothing is parsed until it is done.
        var isBusy = false
        /// All of the body has been handed on, or is not wanted.
        var isBodyDone = false
        var isAnswered = false
        var status = 0

        init(ticket: Ticket, head: RequestHead?) {
            self.ticket = ticket
            self.head = head
        }

        /// Whether the client may be sending still: not when it said that this request is its last, and all of it is
        /// here.
        var mayMoreCome: Bool { head.map { $0.keepsAlive || !isBodyDone } ?? true }
    }

    init(id: UInt64, socket: consuming Socket, peer: String, loop: NetLoop, limits: LimnerProtocol.Limits) {
        self.id = id
        self.peer = peer
        self.socket = socket
        self.loop = loop
        parser = RequestParser(limits: limits)
        opened = loop.now
        deadlines = Deadlines(opened: loop.now)
        if self.socket.isShaking { deadlines.settle(.handshake, at: loop.now) }
    }

    /// It has served so many requests, or lived so long, that it ends with the answer at hand.
    var isWornOut: Bool {
        exchangeNumber >= loop.configuration.requestsPerConnection
            || loop.now - opened >= ServerLimits.connectionSeconds
    }

    // MARK: Readiness

    func ready(_ readiness: Poller.Readiness) {
        if readiness.isBroken, !readiness.canRead { return close() }
        if socket.isShaking {
            shake()
            return settle()
        }
        // With TLS, reading may have waited for room to write, and writing for something to read.
        if readiness.canWrite || socket.isSecure && !outbox.isDrained {
            flush()
            pump()
        }
        if readiness.canRead || socket.isSecure, !isClosed, wantsInput { read() }
        settle()
    }

    private func shake() {
        switch socket.shake() {
        case .waiting: break
        case .done: deadlines = Deadlines(opened: loop.now)
        case .broken: finish()
        case .plainText:
            socket.speakPlainly()
            refuse(status: 400, detail: "This port speaks TLS: use https.")
        }
    }

    /// Brings what the poller watches and the deadline in line with what the connection waits for.
    func settle() {
        guard !isClosed else { return }
        let wants = socket.interest(reading: wantsInput, writing: !outbox.isDrained)
        if wants != interest {
            interest = wants
            loop.watch(self)
        }
        deadlines.settle(waitingFor, at: loop.now)
        noteDeadline()
    }

    private func noteDeadline() {
        guard deadlines.next < lookDue else { return }
        lookDue = deadlines.next
        loop.agenda.add(id, due: lookDue)
    }

    /// The agenda says that it is time to look.
    ///
    /// - Parameter due: what the entry said; an earlier one has been made since where it is not the latest.
    func look(_ due: Double) {
        guard due == lookDue else { return }
        lookDue = .infinity
        switch deadlines.judge(at: loop.now) {
        case .goOn: noteDeadline()
        case .closeSilently: close()
        case .tellTooSlow:
            refuse(status: 408, detail: "The request took too long to arrive; send it again.")
            settle()
        }
    }

    private var wantsInput: Bool {
        if isInputEnded { return false }
        if linger != nil { return true }
        guard outbox.isEmpty, !isClosing else { return false }
        return exchange.map { !$0.isBusy && !$0.isBodyDone } ?? true
    }

    private var waitingFor: Deadlines.Waiting {
        if linger != nil { return .linger }
        if socket.isShaking { return .handshake }
        if !outbox.isEmpty { return outbox.isDrained ? .nothing : .write }
        guard let exchange else { return parser.isIdle ? .request : .head }
        return exchange.isBusy || exchange.isBodyDone ? .nothing : .body
    }

    // MARK: Ending

    /// The last answer is out: half-close, and read on for a moment where input may be on its way, since closing now
    /// would make the kernel reset the connection and the client lose the answer (RFC 9112 §9.6).
    func finish() {
        guard !isInputEnded else { return close() }
        socket.finishSending()
        linger = 0
    }

    /// The service stops: what has not become a request by now is not served any more.
    func drain() {
        guard exchange == nil, outbox.isEmpty, linger == nil else { return }
        if parser.isIdle || socket.isShaking { return close() }
        refuse(status: 503, detail: "The service is stopping; try again.")
        settle()
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        if exchange == nil { socket.sayGoodbye() }
        abandonBody()
        outbox.leaveStream()
        if let exchange, exchange.isAnswered { report(exchange, isComplete: false) }
        exchange = nil
        loop.forget(self)
    }

    /// The rest of a body that was being taken will not come.
    func abandonBody() {
        guard let exchange, !exchange.isBodyDone, let intake = exchange.intake else { return }
        self.exchange?.intake = nil
        self.exchange?.isBodyDone = true
        loop.handlers.submit { intake.abandon() }
    }

    func report(_ exchange: Exchange, isComplete: Bool) {
        loop.responder.answered(
            exchange.ticket, head: exchange.head, status: exchange.status, bytes: outbox.total, isComplete: isComplete)
    }
}
