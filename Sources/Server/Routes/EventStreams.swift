internal import LimnerProtocol
internal import Synchronization

/// The event streams that are open. Holds no thread: a stream moves on when its job does, on a handler's thread.
final class EventStreams: Sendable {
    private struct Open {
        var stream: EventStream
        /// When a quiet stream is to say that it lives.
        var due: Double
    }

    private struct State {
        var open: [UInt64: Open] = [:]
        var last: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Begins a stream of a job's events after `last`.
    ///
    /// - Throws: 503 when too many are open or the service stops.
    func open(_ job: String, after last: JobEventID?, _ context: ServiceContext) throws -> BodyStream {
        let due = context.timepiece.elapsed + ServerLimits.streamCommentSeconds
        let stream = state.withLock { state -> EventStream? in
            guard !state.isClosed, state.open.count < ServerLimits.eventStreams else { return nil }
            state.last += 1
            let number = state.last
            let stream = EventStream(job, after: last, context) { [weak self] in self?.forget(number) }
            state.open[number] = Open(stream: stream, due: due)
            return stream
        }
        guard let stream else {
            throw Refusal(503, "No more event streams can be opened now; ask for the job instead, or try again.")
                .with("Retry-After", "5")
        }
        stream.begin()
        return stream.body
    }

    /// Streams that have been quiet for long say that they live, and look whether they missed anything.
    func tick(at now: Double) {
        let due = state.withLock { state in
            let due = state.open.filter { $0.value.due <= now }
            for number in due.keys { state.open[number]?.due = now + ServerLimits.streamCommentSeconds }
            return due.values.map(\.stream)
        }
        for stream in due { stream.stayAlive() }
    }

    /// Says goodbye to all; a client takes its stream up again elsewhere or later.
    func close() {
        let open = state.withLock { state in
            state.isClosed = true
            return state.open.values.map(\.stream)
        }
        for stream in open { stream.leave() }
    }

    private func forget(_ number: UInt64) {
        let gone = state.withLock { state in state.open.removeValue(forKey: number) }
        gone?.stream.unwatch()
    }
}

/// One client's stream of one job's events.
final class EventStream: Sendable {
    let body: BodyStream
    private let job: String
    private let context: ServiceContext
    private let waiter = Mutex<UInt64?>(nil)
    private let state: Mutex<State>

    private struct State {
        var last: JobEventID?
        var isOver = false
    }

    /// - Parameter forget: called when the client has gone or the stream has ended.
    init(_ job: String, after last: JobEventID?, _ context: ServiceContext, forget: @escaping @Sendable () -> Void) {
        self.job = job
        self.context = context
        state = Mutex(State(last: last))
        body = BodyStream(onGone: forget)
    }

    func begin() {
        send("retry: \(ServerLimits.streamRetryMilliseconds)\n\n")
        let number = context.waiters.wait(for: .everyChange, of: job) { [weak self] in self?.moveOnSoon() }
        waiter.withLock { $0 = number }
        moveOn()
    }

    func stayAlive() {
        send(": still here\n\n")
        moveOnSoon()
    }

    func leave() {
        send(": bye\n\n")
        body.end()
    }

    private func moveOnSoon() {
        context.handlers.submit { self.moveOn() }
    }

    /// Sends what is new. One thread at a time, so that events keep their order.
    private func moveOn() {
        state.withLock { state in
            guard !state.isOver else { return }
            do {
                guard let job = try context.store.job(job), !job.isPurged else { return end(&state) }
                let document = try context.document(job)
                let preview = context.workers.previews.newest(of: job.id)
                for event in try JobEvent.all(job, document, preview) where state.last.map({ $0 < event.id }) ?? true {
                    body.send(event.bytes)
                    state.last = event.id
                }
                if job.status.isFinal { end(&state) }
            } catch {
                // The client sees that its stream is cut short and takes it up again.
                state.isOver = true
                body.abort()
            }
        }
    }

    private func end(_ state: inout State) {
        state.isOver = true
        body.end()
    }

    private func send(_ text: String) { body.send(Array(text.utf8)) }

    /// Its client has gone or it has ended.
    func unwatch() {
        if let number = waiter.withLock({ $0 }) { context.waiters.forget(number) }
    }
}
