package import Dispatch
internal import Glibc
internal import LimnerProtocol

/// A listening socket and the thread behind it: what anything that answers requests starts and stops.
package final class NetServer: Sendable {
    let listener: Listener
    private let tls: TLSContext?
    private let loop: EventLoop
    private let ended = DispatchSemaphore(value: 0)

    /// The port it listens on.
    package var port: Int { listener.port }

    /// Takes the address; nobody is served before ``start(_:responder:handlers:timepiece:)``.
    ///
    /// - Parameters:
    ///   - host: a name or a numeric address.
    ///   - port: 0 takes a free one.
    ///   - tls: nil for plain HTTP.
    /// - Throws: ``ServerError/cannotListen(address:detail:)``, ``ServerError/certificate(file:detail:)``
    package init(host: String, port: Int, tls files: TLSFiles? = nil) throws(ServerError) {
        // OpenSSL writes to sockets without asking not to be signalled when the peer is gone.
        signal(SIGPIPE, SIG_IGN)
        tls = try files.map { files throws(ServerError) in try TLSContext(files) }
        listener = try Listener(host: host, port: port)
        loop = try EventLoop()
        Descriptor.raiseLimit()
    }

    /// - Parameter handlers: where bodies are taken and requests answered that the loop cannot answer by itself.
    package func start(
        _ configuration: NetConfiguration, responder: any Responder, handlers: HandlerPool, timepiece: any Timepiece
    ) throws(ServerError) {
        let ended = ended
        try loop.start(
            listener, tls, configuration: configuration, responder: responder, handlers: handlers,
            timepiece: timepiece, ended: { ended.signal() })
    }

    /// Lets new connections begin with what is in these files now.
    ///
    /// - Throws: ``ServerError/certificate(file:detail:)``; then the old certificate stays.
    package func reload(_ files: TLSFiles) throws(ServerError) {
        let fresh = try TLSContext(files)
        loop.post { $0.use(fresh) }
    }

    /// Takes no more connections and closes idle ones; the others end with the answer they wait for.
    package func beginStopping() { loop.post { $0.drain() } }

    /// Waits for the last connection, and closes what is left at the deadline. Call once, after ``beginStopping()``.
    package func finishStopping(by deadline: DispatchTime) {
        if ended.wait(timeout: deadline) == .success { return }
        loop.post { $0.closeAll() }
        ended.wait()
    }
}
