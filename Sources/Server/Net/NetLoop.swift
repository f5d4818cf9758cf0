internal import Glibc
internal import LimnerProtocol

/// What happens on the event loop's thread: connections come, become ready, run out of time and go.
///
/// Everything here and in ``Connection`` belongs to that one thread, so none of it is locked and none of it may block.
final class NetLoop {
    let handle: EventLoop
    let handlers: HandlerPool
    let responder: any Responder
    let configuration: NetConfiguration
    private let timepiece: any Timepiece
    private var poller: Poller
    private var listener: Listener?
    /// What new connections speak TLS with; nil where they do not.
    private var tls: TLSContext?
    private var connections: [UInt64: Connection] = [:]
    private var perAddress: [String: Int] = [:]
    private var nextToken = NetLoop.listenerToken + 1
    /// Accepting rests until then.
    private var restUntil: Double?
    private(set) var isDraining = false
    private var isOver = false
    /// The monotonic clock, read once per turn.
    private(set) var now: Double
    private var tickDue = 0.0
    /// Which connections' deadlines are to be looked at, and when.
    var agenda = Agenda()
    /// Where every connection reads to.
    var readBlock = [UInt8](repeating: 0, count: ServerLimits.readBlock)
    private var ticketSeed: UInt64
    private var dateCache = (second: Int.min, text: "")

    private static let listenerToken: UInt64 = 1

    init(
        _ handle: EventLoop, _ poller: consuming Poller, _ listener: Listener, _ tls: TLSContext?,
        configuration: NetConfiguration, responder: any Responder, handlers: HandlerPool, timepiece: any Timepiece
    ) throws(ServerError) {
        self.handle = handle
        self.handlers = handlers
        self.poller = poller
        self.listener = listener
        self.tls = tls
        self.configuration = configuration
        self.responder = responder
        self.timepiece = timepiece
        now = timepiece.elapsed
        var generator = SystemRandomNumberGenerator()
        ticketSeed = generator.next()
        try self.poller.watch(listener.descriptor.number, token: Self.listenerToken, read: true, write: false)
    }

    /// Turns until drained.
    func run() {
        while !isOver {
            let isQuiet = connections.isEmpty && restUntil == nil
            let ready = poller.wait(milliseconds: isQuiet ? -1 : ServerLimits.tickMilliseconds)
            now = timepiece.elapsed
            // Before the sockets: what others have asked for counts for whoever comes after. The wake-up is taken first, or
            // one that comes while the work is being taken would be lost.
            if ready.contains(where: { $0.token == Poller.wakeToken }) { handle.takeWake() }
            for work in handle.takePosted() { work(self) }
            for readiness in ready { serve(readiness) }
            expire()
            if ready.isEmpty || now >= tickDue {
                tickDue = now + Double(ServerLimits.tickMilliseconds) / 1000
                responder.tick()
            }
            if isDraining, connections.isEmpty { isOver = true }
        }
    }

    private func serve(_ readiness: Poller.Readiness) {
        switch readiness.token {
        case Poller.wakeToken: break
        case Self.listenerToken: accept()
        default: connections[readiness.token]?.ready(readiness)
        }
    }

    // MARK: Coming

    private func accept() {
        for _ in 0..<ServerLimits.acceptsPerTurn {
            guard let listener else { return }
            switch listener.accept() {
            case .nobody: return
            case .exhausted: return rest(listener)
            case .socket(let socket, let peer): open(socket, from: peer)
            }
        }
    }

    /// No descriptor is left: closes one waiting connection and looks away for a moment, or the loop would spin.
    private func rest(_ listener: Listener) {
        listener.shedOne()
        poller.forget(listener.descriptor.number)
        restUntil = now + ServerLimits.acceptRest
    }

    private func resumeAccepting() {
        guard let due = restUntil, now >= due, let listener else { return }
        let isWatched: Void? = try? poller.watch(
            listener.descriptor.number, token: Self.listenerToken, read: true, write: false)
        restUntil = isWatched == nil ? now + ServerLimits.acceptRest : nil
    }

    private func open(_ socket: consuming Socket, from peer: String) {
        var socket = socket
        if let tls, !socket.secure(with: tls) { return }
        let isFull = connections.count >= configuration.connections
        let isCrowded = perAddress[peer, default: 0] >= configuration.connectionsPerAddress
        // Closed without a word when even refusing would cost too much.
        guard connections.count < configuration.connections + ServerLimits.refusedAtOnce else { return }
        nextToken += 1
        let connection = Connection(
            id: nextToken, socket: socket, peer: peer, loop: self, limits: configuration.parser)
        let number = connection.socket.descriptor.number
        guard (try? poller.watch(number, token: connection.id, read: true, write: false)) != nil else { return }
        connections[connection.id] = connection
        perAddress[peer, default: 0] += 1
        configuration.meters.opened()
        if isFull || isCrowded { turnAway(connection) } else { connection.settle() }
    }

    /// A TLS client could not read why, and a handshake is what a full service can least afford.
    private func turnAway(_ connection: Connection) {
        configuration.meters.turnedAway()
        if connection.socket.isSecure { return connection.close() }
        connection.refuse(status: 503, detail: "Too many connections; try again in a moment.")
        connection.settle()
    }

    // MARK: Going

    func forget(_ connection: Connection) {
        guard connections.removeValue(forKey: connection.id) != nil else { return }
        configuration.meters.closed()
        poller.forget(connection.socket.descriptor.number)
        let left = (perAddress[connection.peer] ?? 1) - 1
        perAddress[connection.peer] = left > 0 ? left : nil
    }

    private func expire() {
        resumeAccepting()
        while let (id, due) = agenda.takeDue(at: now) { connections[id]?.look(due) }
    }

    /// From now on connections begin with another certificate.
    func use(_ tls: TLSContext) { self.tls = tls }

    /// No new connections; idle ones go now, the others after their answer.
    func drain() {
        isDraining = true
        if let listener {
            poller.forget(listener.descriptor.number)
            listener.stop()
        }
        listener = nil
        for connection in Array(connections.values) { connection.drain() }
    }

    func closeAll() {
        for connection in Array(connections.values) { connection.close() }
    }

    // MARK: For connections

    func watch(_ connection: Connection) {
        let (read, write) = connection.interest
        let number = connection.socket.descriptor.number
        let changed: Void? = try? poller.change(number, token: connection.id, read: read, write: write)
        if changed == nil { connection.close() }
    }

    func withConnection(_ id: UInt64, _ body: (Connection) -> Void) {
        if let connection = connections[id] { body(connection) }
    }

    /// Brings a handler's answer to its connection, when that is still there.
    func deliver(_ answer: Answer, to id: UInt64, _ number: Int) {
        guard let connection = connections[id] else { return answer.body.discard() }
        connection.replied(number, answer)
    }

    func makeTicket() -> Ticket {
        // SplitMix64: ids must differ, within a process and between processes, and need not be secret.
        ticketSeed &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (ticketSeed ^ (ticketSeed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Ticket(id: Self.hexadecimal(mixed ^ (mixed >> 31)), arrived: now)
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for place in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * place)) & 15
                buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 16
        }
    }

    /// The Date of an answer, made once a second.
    func date() -> String {
        let second = Int(timepiece.now)
        if second != dateCache.second { dateCache = (second, IMFFixdate.text(secondsSinceEpoch: second)) }
        return dateCache.text
    }
}
