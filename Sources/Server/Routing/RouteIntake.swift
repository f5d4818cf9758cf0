internal import LimnerProtocol
internal import Logging
internal import Synchronization

/// Takes a request's body as its route wants it, then lets the route answer. Runs on handler threads.
final class RouteIntake: Intake {
    private let route: Route
    private let head: RequestHead
    private let parameters: [String]
    private let ticket: Ticket
    private let router: Router
    /// How a form is split; nil for a raw body.
    private let boundary: [UInt8]?
    /// Held while a piece of the body is taken: a client may vanish just then, and what it sent must go only after.
    private let body = Mutex(Body())

    private struct Body {
        var staging: String?
        var reader: UploadReader?
        var ignored = 0
        /// Nothing more is taken.
        var isOver = false
    }

    init(
        _ route: Route, _ head: RequestHead, _ parameters: [String], _ ticket: Ticket, router: Router,
        boundary: [UInt8]?
    ) {
        self.route = route
        self.head = head
        self.parameters = parameters
        self.ticket = ticket
        self.router = router
        self.boundary = boundary
    }

    private var context: ServiceContext { router.context }

    func receive(_ bytes: [UInt8]) -> Answer? {
        do {
            try body.withLock { body in
                guard !body.isOver else { return }
                guard case .form(let plan) = route.body else { return try ignore(bytes.count, &body) }
                try reader(plan, &body).receive(bytes)
            }
            return nil
        } catch {
            discard()
            return router.answer(for: error, ticket)
        }
    }

    func answerAtOnce() -> Answer? {
        guard let shortcut = route.shortcut else { return nil }
        let request = Request(head: head, parameters: parameters, ticket: ticket, upload: nil)
        return shortcut(request, context).map { router.seal($0, ticket) }
    }

    func finish(_ reply: Reply) {
        let sealed = Reply { [router, ticket] answer in reply(router.seal(answer, ticket)) }
        do {
            let request = Request(head: head, parameters: parameters, ticket: ticket, upload: try takeUpload())
            let outcome = try route.handler(request, context)
            discard()
            switch outcome {
            case .now(let answer): sealed(answer)
            case .later(let answerLater): answerLater(sealed)
            }
        } catch {
            discard()
            sealed(router.answer(for: error, ticket))
        }
    }

    func abandon() { discard() }

    private func ignore(_ count: Int, _ body: inout Body) throws {
        body.ignored += count
        guard body.ignored <= ServerLimits.ignoredBodyBytes else { throw ParseFault.bodyTooLong }
    }

    /// The reader of the body, made with its staging folder when the first piece comes.
    private func reader(_ plan: FormPlan, _ body: inout Body) throws -> UploadReader {
        if let reader = body.reader { return reader }
        try context.checkRoom()
        let folder = try context.folders.makeStaging()
        let reader = UploadReader(plan, folder: folder, boundary: boundary)
        (body.staging, body.reader) = (folder, reader)
        return reader
    }

    private func takeUpload() throws -> StagedUpload? {
        guard case .form(let plan) = route.body else { return nil }
        return try body.withLock { body in try reader(plan, &body).finish() }
    }

    /// Removes what was uploaded: a job that was made of it has its files under other names.
    private func discard() {
        let staging = body.withLock { body in
            body.reader = nil
            body.isOver = true
            return body.staging
        }
        guard let staging else { return }
        do throws(ServerError) {
            try Disk.remove(staging)
        } catch {
            context.log.error("an upload could not be removed", metadata: ["why": "\(error)"])
        }
    }
}
