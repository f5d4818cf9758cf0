package import LimnerProtocol

/// Who answers the requests of a listener: the seam between `Net`, which knows bytes and connections, and `Routing`,
/// which knows paths.
package protocol Responder: Sendable {
    /// Writes onto a request's ticket what its head says of it.
    func inscribe(_ ticket: Ticket, _ head: RequestHead) -> Ticket

    /// Judges a head. Runs on the event loop: it must not block.
    func admit(_ head: RequestHead, _ ticket: Ticket) -> Admission

    /// Answers what is no request.
    func refuse(_ failure: ParseFailure, _ ticket: Ticket) -> Answer

    /// Answers a client that was too slow (408) or is one too many (503).
    func refuse(status: Int, detail: String, _ ticket: Ticket) -> Answer

    /// An answer has been sent, or its client has gone: for the log.
    func answered(_ ticket: Ticket, head: RequestHead?, status: Int, bytes: Int, isComplete: Bool)

    /// Called on the event loop several times a second while there are connections.
    func tick()
}

extension Responder {
    package func inscribe(_ ticket: Ticket, _ head: RequestHead) -> Ticket { ticket }
}

/// What is known of a request besides its head.
package struct Ticket: Sendable {
    /// In every answer as `X-Request-Id`.
    package var id: String
    /// When its head was complete, by the monotonic clock.
    package var arrived: Double
    /// Who asks; nobody until the router has judged it.
    var caller = Caller.nobody
    /// The distributed trace it belongs to.
    var trace: TraceParent?
    /// The listed origin of the page that asks; nil for any other client.
    var origin: String?
}

package enum Admission: Sendable {
    /// Answer at once; the body is not wanted.
    case refuse(Answer)
    /// Read the body into this.
    case take(any Intake)
}

/// Takes one request's body and answers it. Its methods run on handler threads, one at a time, in order.
package protocol Intake: Sendable {
    /// - Returns: an answer when no more is wanted.
    func receive(_ bytes: [UInt8]) -> Answer?

    /// The body is complete: an answer that needs no waiting at all. Asked on the event loop, so it must not block.
    ///
    /// - Returns: nil where a handler is needed; then ``finish(_:)`` is called.
    func answerAtOnce() -> Answer?

    /// The body is complete. The reply may come later, from any thread.
    func finish(_ reply: Reply)

    /// The rest of the body will not come.
    func abandon()
}

extension Intake {
    package func answerAtOnce() -> Answer? { nil }
}

/// The way back to a connection. Only the first answer counts; one for a client that has gone is dropped.
package struct Reply: Sendable {
    private let deliver: @Sendable (Answer) -> Void

    package init(_ deliver: @escaping @Sendable (Answer) -> Void) {
        self.deliver = deliver
    }

    package func callAsFunction(_ answer: Answer) { deliver(answer) }
}
