package import Dispatch
internal import LimnerProtocol

/// A listening socket and the thread behind it: what anything that answers requests starts and stops.
package final class NetServer: Sendable {
    private let listener: Listener
    private let loop: EventLoop
    private let ended = DispatchSemaphore(value: 0)

    /// The port it listens on.
    package var port: Int { listener.port }

    /// Takes the address; nobody is served before ``start(_:responder:handlers:timepiece:)``.
    ///
    /// - Parameters:
    ///   - host: a name or a numeric address.
    ///   - port: 0 takes a free one.
    package init(host: String, port: Int) throws(ServerError) {
        listener = try Listener(host: host, port: port)
        loop = try EventLoop()
    }

    /// - Parameter handlers: where bodies are taken and requests answered that the loop cannot answer by itself.
    package func start(
        _ configuration: NetConfiguration, responder: any Responder, handlers: HandlerPool, timepiece: any Timepiece
    ) throws(ServerError) {
        let ended = ended
        try loop.start(
            listener, configuration: configuration, responder: responder, handlers: handlers, timepiece: timepiece,
            ended: { ended.signal() })
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
