/// How long a connection may take over what it is doing, by a clock that is handed in.
///
/// Bodies and answers are judged by windows: so many bytes in each, however they are spread. Time in which the service
/// itself is busy does not count against the client.
struct Deadlines {
    enum Waiting: Equatable {
        /// A handler works, or a file is being read.
        case nothing
        /// The first byte of a request.
        case request
        /// The rest of a head.
        case head
        case body
        case write
        case linger
        /// The end of a TLS handshake.
        case handshake
    }

    /// What a connection whose time is up deserves.
    enum Verdict: Equatable {
        case goOn
        case closeSilently
        /// 408
        case tellTooSlow
    }

    private(set) var waiting = Waiting.request
    private var due: Double
    private var bodyDue = Double.infinity
    private var windowBytes = 0
    private var pausedAt: Double?

    /// A new connection has the time of a head to say something.
    init(opened now: Double) {
        due = now + ServerLimits.headSeconds
    }

    mutating func took(_ count: Int) { windowBytes += count }

    mutating func gave(_ count: Int) { windowBytes += count }

    /// The next wait begins afresh, though it be of the same kind as one before the exchange.
    mutating func exchangeEnded() {
        waiting = .nothing
        bodyDue = .infinity
        pausedAt = nil
    }

    /// Notes what is waited for from `now` on.
    mutating func settle(_ next: Waiting, at now: Double) {
        guard next != waiting else { return }
        if next == .nothing, waiting == .body {
            (waiting, pausedAt) = (next, now)
            return
        }
        let resumed = next == .body ? pausedAt : nil
        waiting = next
        if let resumed {
            due += now - resumed
            bodyDue += now - resumed
            pausedAt = nil
            return
        }
        windowBytes = 0
        due = now + Self.allowance(next)
        if next == .body { bodyDue = now + ServerLimits.bodySeconds }
    }

    private static func allowance(_ waiting: Waiting) -> Double {
        switch waiting {
        case .nothing: .infinity
        case .request: ServerLimits.idleSeconds
        case .head: ServerLimits.headSeconds
        case .body: ServerLimits.bodyWindowSeconds
        case .write: ServerLimits.writeWindowSeconds
        case .linger: ServerLimits.lingerSeconds
        case .handshake: ServerLimits.handshakeSeconds
        }
    }

    /// When there will be something to judge; infinite when nothing is waited for.
    var next: Double { waiting == .nothing ? .infinity : min(due, bodyDue) }

    mutating func judge(at now: Double) -> Verdict {
        if waiting == .body, now >= bodyDue { return .tellTooSlow }
        guard waiting != .nothing, now >= due else { return .goOn }
        switch waiting {
        case .nothing: return .goOn
        case .request, .linger, .handshake: return .closeSilently
        case .head: return .tellTooSlow
        case .body: return nextWindow(ServerLimits.bodyWindowBytes, at: now, else: .tellTooSlow)
        case .write: return nextWindow(ServerLimits.writeWindowBytes, at: now, else: .closeSilently)
        }
    }

    private mutating func nextWindow(_ bytes: Int, at now: Double, else verdict: Verdict) -> Verdict {
        guard windowBytes >= bytes else { return verdict }
        windowBytes = 0
        due = now + Self.allowance(waiting)
        return .goOn
    }
}
