internal import CoreMetrics
internal import Dispatch
internal import Foundation
internal import Glibc
package import LimnerProtocol
internal import Synchronization

/// The thread that owns all sockets, as other threads see it: they post work to it, and that is all they can do.
///
/// Sockets sit on an epoll thread of our own because libdispatch's bookkeeping of descriptor sources is not safe when
/// many are made and torn down at once (swift-corelibs-libdispatch issues 949 and 833).
final class EventLoop: Sendable {
    typealias Work = @Sendable (NetLoop) -> Void

    private let wake: Descriptor
    private let inbox = Mutex<[Work]>([])

    init() throws(ServerError) {
        wake = try Poller.makeWake()
    }

    /// Runs `work` on the loop's thread, after what was posted before.
    func post(_ work: @escaping Work) {
        let isFirst = inbox.withLock { inbox in
            inbox.append(work)
            return inbox.count == 1
        }
        if isFirst { nudge() }
    }

    /// Makes the loop look at its deadlines.
    func nudge() {
        var one: UInt64 = 1
        _ = retryingInterrupted { write(wake.number, &one, MemoryLayout<UInt64>.size) }
    }

    func takePosted() -> [Work] {
        inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
    }

    func takeWake() {
        var count: UInt64 = 0
        _ = retryingInterrupted { Glibc.read(wake.number, &count, MemoryLayout<UInt64>.size) }
    }

    /// Starts the thread.
    ///
    /// - Parameter ended: called on the loop's thread when it is through.
    func start(
        _ listener: Listener, _ tls: TLSContext?, configuration: NetConfiguration, responder: any Responder,
        handlers: HandlerPool, timepiece: any Timepiece, ended: @escaping @Sendable () -> Void
    ) throws(ServerError) {
        let failure = Mutex<ServerError?>(nil)
        let started = DispatchSemaphore(value: 0)
        let thread = Thread {
            do throws(ServerError) {
                let poller = try Poller.make(wake: self.wake)
                let loop = try NetLoop(
                    self, poller, listener, tls, configuration: configuration, responder: responder,
                    handlers: handlers, timepiece: timepiece)
                started.signal()
                loop.run()
            } catch {
                failure.withLock { $0 = error }
                started.signal()
            }
            ended()
        }
        thread.name = "limner sockets"
        thread.start()
        started.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

/// What the net is told once, at start.
package struct NetConfiguration: Sendable {
    /// Connections at once, in all and from one address.
    package var connections: Int
    package var connectionsPerAddress: Int
    /// A connection ends after so many.
    package var requestsPerConnection = ServerLimits.connectionRequests
    package var parser: LimnerProtocol.Limits
    var meters = ConnectionMeters(NOOPMetricsHandler.instance)

    package init(connections: Int, connectionsPerAddress: Int, parser: LimnerProtocol.Limits) {
        self.connections = connections
        self.connectionsPerAddress = connectionsPerAddress
        self.parser = parser
    }
}
