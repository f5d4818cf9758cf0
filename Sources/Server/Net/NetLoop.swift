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
    private var connections: [UInt64: Connection] = [:]
    private var perAddress: [String: Int] = [:]
    private var nextToken = NetLoop.listenerToken + 1
    /// Accepting rests until then.
    private var restUntil: Double?
    private(set) var isDraining = false
    private var isOver = false
    /// The monotonic clock, read once per turn.
    private(set) var now: Double
    private var dateCache = (second: Int.min, text: "")

    private static let listenerToken: UInt64 = 1

    init(
        _ handle: EventLoop, _ poller: consuming Poller, _ listener: Listener, configuration: NetConfiguration,
        responder: any Responder, handlers: HandlerPool, timepiece: any Timepiece
    ) throws(ServerError) {
        self.handle = handle
        self.handlers = handlers
        self.poller = poller
        self.listener = listener
        self.configuration = configuration
        self.responder = responder
        self.timepiece = timepiece
        now = timepiece.elapsed
        try self.poller.watch(listener.descriptor.number, token: Self.listenerToken, read: true, write: false)
    }

    /// Turns until drained.
    func run() {
        while !isOver {
            let isQuiet = connections.isEmpty && restUntil == nil
            let ready = poller.wait(milliseconds: isQuiet ? -1 : ServerLimits.tickMilliseconds)
            now = timepiece.elapsed
            for readiness in ready { serve(readiness) }
            for work in handle.takePosted() { work(self) }
            expire()
            responder.tick()
            if isDraining, connections.isEmpty { isOver = true }
        }
    }

    private func serve(_ readiness: Poller.Readiness) {
        switch readiness.token {
        case Poller.wakeToken: handle.takeWake()
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
        if isFull || isCrowded { turnAway(connection) }
    }

    private func turnAway(_ connection: Connection) {
        configuration.meters.turnedAway()
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
        for connection in Array(connections.values) {
            switch connection.deadlines.judge(at: now) {
            case .goOn: continue
            case .closeSilently: connection.close()
            case .tellTooSlow:
                connection.refuse(status: 408, detail: "The request took too long to arrive; send it again.")
                connection.settle()
            }
        }
    }

    /// No new connections; idle ones go now, the others after their answer.
    func drain() {
        isDraining = true
        if let listener {
            poller.forget(listener.descriptor.number)
            listener.stop()
        }
        listener = nil
        for connection in Array(connections.values) where connection.isIdle { connection.close() }
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

    func makeTicket() -> Ticket {
        var generator = SystemRandomNumberGenerator()
        let id = String(generator.next(), radix: 16)
        return Ticket(id: String(repeating: "0", count: 16 - id.count) + id, arrived: now)
    }

    /// The Date of an answer, made once a second.
    func date() -> String {
        let second = Int(timepiece.now)
        if second != dateCache.second { dateCache = (second, IMFFixdate.text(secondsSinceEpoch: second)) }
        return dateCache.text
    }
}
