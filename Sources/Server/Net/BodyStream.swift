internal import Synchronization

/// A body that is made while it is sent, such as events. Any thread feeds it.
///
/// To HTTP/1.1 it goes out in chunks, to HTTP/1.0 it ends with the connection (RFC 9112 §6.3, §7.1); an answer to HEAD
/// sends nothing of it. A client that reads more slowly than the body grows is cut off at
/// ``ServerLimits/streamPendingBytes``, so that no client can make the service hold more than that for it.
package final class BodyStream: Sendable {
    /// What a connection finds when it asks for more.
    enum Supply {
        case bytes([UInt8])
        case nothingYet
        case end
        /// The body cannot be finished: the client must see that it is cut short.
        case abort
    }

    private enum Ending { case end, abort }

    private struct State {
        var waiting: [UInt8] = []
        /// Bytes that a connection took and had not sent when it last asked.
        var inFlight = 0
        var ending: Ending?
        /// Tells the connection that there is something to take.
        var wake: (@Sendable () -> Void)?
        /// It has been told and has not come yet.
        var isTold = false
        var isGone = false
    }

    private let onGone: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameter onGone: called once, when the body has ended or its client has gone; what is sent after that is
    ///   dropped. It runs on the thread of all sockets, so it must not block, and must not wait for this stream.
    package init(onGone: @escaping @Sendable () -> Void) { self.onGone = onGone }

    /// Adds bytes to the body. Nothing happens once it has ended or its client has gone.
    package func send(_ bytes: [UInt8]) {
        change { state in
            guard state.ending == nil else { return }
            state.waiting += bytes
            if state.waiting.count + state.inFlight > ServerLimits.streamPendingBytes { state.ending = .abort }
        }
    }

    /// The body is complete.
    package func end() {
        change { state in
            if state.ending == nil { state.ending = .end }
        }
    }

    /// The body cannot be completed: the connection closes without the last chunk, so that the client sees it.
    package func abort() { change { $0.ending = .abort } }

    /// Bytes that were sent and that the client's socket has not yet taken.
    package var pendingByteCount: Int { state.withLock { $0.waiting.count + $0.inFlight } }

    private func change(_ body: (inout State) -> Void) {
        let wake = state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.isGone else { return nil }
            let wasCut = state.ending == .abort
            body(&state)
            // A connection that has been told may be waiting for its client; that the body is cut it must hear now.
            let isCut = state.ending == .abort && !wasCut
            guard isCut || !state.isTold else { return nil }
            state.isTold = state.wake != nil
            return state.wake
        }
        wake?()
    }

    // MARK: For the connection

    /// - Parameter wake: called, from any thread, when there is something to take.
    func attach(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

    /// Whether the client must see the body end here.
    var isAborted: Bool { state.withLock { $0.ending == .abort } }

    /// What there is to send. To be asked when everything taken before has been sent.
    func take() -> Supply {
        state.withLock { state in
            state.isTold = false
            state.inFlight = 0
            if state.ending == .abort { return .abort }
            guard state.waiting.isEmpty else {
                defer { state.waiting = [] }
                state.inFlight = state.waiting.count
                return .bytes(state.waiting)
            }
            return state.ending == .end ? .end : .nothingYet
        }
    }

    /// Nothing more of this body will be sent.
    func leave() {
        let isFirst = state.withLock { state in
            defer { state = State(isGone: true) }
            return !state.isGone
        }
        if isFirst { onGone() }
    }
}
