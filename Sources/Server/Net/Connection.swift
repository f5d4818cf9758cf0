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
    let socket: Socket
    let loop: NetLoop
    var parser: RequestParser
    /// The request at hand, from its head to the end of its answer.
    var exchange: Exchange?
    /// Tells replies of this request from those of an earlier one.
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

    /// A request being received, handled or answered.
    struct Exchange {
        let ticket: Ticket
        let head: RequestHead?
        var intake: (any Intake)?
        /// A handler works on it; nothing is parsed until it is done.
        var isBusy = false
        /// All of the body has been handed on, or is not wanted.
        var isBodyDone = false
        var isAnswered = false
        var status = 0

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
        deadlines = Deadlines(opened: loop.now)
    }

    /// Nothing is being received, handled or sent.
    var isIdle: Bool { exchange == nil && outbox.isEmpty && parser.isIdle }

    // MARK: Readiness

    func ready(_ readiness: Poller.Readiness) {
        if readiness.isBroken, !readiness.canRead { return close() }
        if readiness.canWrite {
            flush()
            pump()
        }
        if readiness.canRead, !isClosed { read() }
        settle()
    }

    /// Brings what the poller watches and the deadline in line with what the connection waits for.
    func settle() {
        guard !isClosed else { return }
        let wants = (read: wantsInput, write: !outbox.isDrained)
        if wants != interest {
            interest = wants
            loop.watch(self)
        }
        deadlines.settle(waitingFor, at: loop.now)
    }

    private var wantsInput: Bool {
        if isInputEnded { return false }
        if linger != nil { return true }
        guard outbox.isEmpty, !isClosing else { return false }
        return exchange.map { !$0.isBusy && !$0.isBodyDone } ?? true
    }

    private var waitingFor: Deadlines.Waiting {
        if linger != nil { return .linger }
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

    func close() {
        guard !isClosed else { return }
        isClosed = true
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
