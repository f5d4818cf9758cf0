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
    /// Only for routes that take a form: how its body is split, nil for a raw one.
    private let boundary: [UInt8]?
    private let state = Mutex(State())

    private struct State {
        var staging: String?
        var received = 0
    }

    /// Touched by one handler thread at a time, in order, as ``Intake`` promises.
    private let reader = Mutex<UploadReader?>(nil)

    init(_ route: Route, _ head: RequestHead, _ parameters: [String], _ ticket: Ticket, router: Router, boundary: [UInt8]?)
    {
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
            guard case .form(let plan) = route.body else {
                try passOver(bytes.count)
                return nil
            }
            try withReader(plan) { try $0.receive(bytes) }
            return nil
        } catch {
            discard()
            return router.answer(for: error, ticket)
        }
    }

    func finish(_ reply: Reply) {
        let sealed = Reply { [router, ticket] answer in reply(router.seal(answer, ticket)) }
        do {
            let upload = try takeUpload()
            let request = Request(head: head, parameters: parameters, ticket: ticket, upload: upload)
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

    private func passOver(_ count: Int) throws {
        let received = state.withLock { state in
            state.received += count
            return state.received
        }
        guard received <= ServerLimits.ignoredBodyBytes else { throw ParseFault.bodyTooLong }
    }

    private func withReader<Value: Sendable>(_ plan: FormPlan, _ body: (UploadReader) throws -> Value) throws -> Value {
        let existing = state.withLock { $0.staging }
        let folder: String
        if let existing {
            folder = existing
        } else {
            try context.checkRoom()
            folder = try context.folders.makeStaging()
            state.withLock { $0.staging = folder }
        }
        return try reader.withLock { reader in
            let current = reader ?? UploadReader(plan, folder: folder, boundary: boundary)
            reader = current
            return try body(current)
        }
    }

    private func takeUpload() throws -> StagedUpload? {
        guard case .form(let plan) = route.body else { return nil }
        return try withReader(plan) { try $0.finish() }
    }

    /// Removes what was not made a job's: an adopted staging folder has another name by now.
    private func discard() {
        reader.withLock { $0 = nil }
        guard let folder = state.withLock({ $0.staging }) else { return }
        do throws(ServerError) {
            try Disk.remove(folder)
        } catch {
            context.log.error("an upload could not be removed", metadata: ["why": "\(error)"])
        }
    }
}
