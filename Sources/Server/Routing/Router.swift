internal import LimnerProtocol
internal import Logging

/// Finds the route of a request and dresses every answer: request id, `nosniff`, no caching unless a route says so.
///
/// Paths are matched segment by segment, decoded once, with `/v1` or without it. Nothing of a path reaches the file
/// system but ids and style names that were looked up or validated.
final class Router: Responder {
    let context: ServiceContext
    private let routes: RouteMap

    init(_ context: ServiceContext) {
        self.context = context
        routes = RouteMap(RouteTable.routes(context))
    }

    // MARK: Judging

    func inscribe(_ ticket: Ticket, _ head: RequestHead) -> Ticket {
        var ticket = ticket
        if let id = RequestID.given(head.fields) { ticket.id = id }
        ticket.trace = TraceParent(head.fields)
        ticket.origin = context.access.origins.origin(of: head.fields)
        return ticket
    }

    func admit(_ head: RequestHead, _ ticket: Ticket) -> Admission {
        do {
            return try route(head, ticket)
        } catch {
            return .refuse(answer(for: error, ticket))
        }
    }

    private func route(_ head: RequestHead, _ ticket: Ticket) throws -> Admission {
        try context.access.checkHost(head)
        if head.method == .options { return .refuse(seal(try describe(head, ticket), ticket)) }
        let candidates = routes.candidates(head.target)
        let wanted = head.method == .head ? .get : head.method
        guard let found = candidates.first(where: { $0.route.method == wanted }) else {
            guard !candidates.isEmpty else {
                throw Refusal(404, "Nothing is here. The API is described in /openapi.yaml.")
            }
            let allowed = RouteMap.methods(candidates.map(\.route))
            throw Refusal(405, "That method is not for this path; use one of \(allowed).").with("Allow", allowed)
        }
        try context.access.origins.check(head, ticket)
        var ticket = ticket
        ticket.caller = try context.access.caller(head, for: found.route.scope)
        let boundary = try bodyBoundary(found.route, head)
        return .take(RouteIntake(found.route, head, found.parameters, ticket, router: self, boundary: boundary))
    }

    private func describe(_ head: RequestHead, _ ticket: Ticket) throws -> Answer {
        let meant = head.target.form == .asterisk ? routes.all : routes.candidates(head.target).map(\.route)
        guard !meant.isEmpty else { throw Refusal(404, "Nothing is here.") }
        let methods = RouteMap.methods(meant)
        return Answer(204, fields: context.access.origins.preflight(head, ticket, methods: methods))
            .with("Allow", methods)
    }

    /// - Returns: how a form is split; nil for a raw body and for routes that take no form.
    private func bodyBoundary(_ route: Route, _ head: RequestHead) throws -> [UInt8]? {
        guard case .form(let plan) = route.body else {
            if case .length(let count) = head.framing, count > ServerLimits.ignoredBodyBytes {
                throw ParseFault.bodyTooLong
            }
            return nil
        }
        let type = try head.contentType()
        if type?.essence == "multipart/form-data" { return try type?.boundary() }
        if let type, plan.takesRaw(type) { return nil }
        // RFC 5789 §3.1 and Accept-Post's own page name the first two; RFC 9110 §15.5.16 the one for all others.
        let field = [Method.patch: "Accept-Patch", .post: "Accept-Post"][head.method] ?? "Accept"
        throw Refusal(415, "Send one of \(plan.mediaTypes).").with(field, plan.mediaTypes)
    }

    // MARK: Refusing

    func refuse(_ failure: ParseFailure, _ ticket: Ticket) -> Answer { answer(for: failure.fault, ticket) }

    func refuse(status: Int, detail: String, _ ticket: Ticket) -> Answer {
        let refusal = Refusal(status, detail)
        return answer(for: status == 503 ? refusal.with("Retry-After", "5") : refusal, ticket)
    }

    /// An error as a finished answer; one that is the service's own fault is logged.
    func answer(for error: any Error, _ ticket: Ticket) -> Answer {
        let answer = Answer(error: error, requestID: ticket.id)
        if let fault = error as? ParseFault { context.telemetry.requests.refused(fault) }
        if [401, 403, 421, 429].contains(answer.status) {
            context.telemetry.requests.refused(status: answer.status)
        }
        if answer.status >= 500, !(error is Refusal), !(error is ParseFault) {
            context.log.error("a request failed", metadata: ["request": "\(ticket.id)", "why": "\(error)"])
        }
        return seal(answer, ticket)
    }

    func seal(_ answer: Answer, _ ticket: Ticket) -> Answer {
        var sealed = answer
        sealed.fields.append("X-Request-Id", ticket.id)
        sealed.fields.append("X-Content-Type-Options", "nosniff")
        if !answer.fields.contains("Cache-Control") { sealed.fields.append("Cache-Control", "no-store") }
        context.access.origins.dress(&sealed.fields, for: ticket.origin)
        return sealed
    }

    // MARK: Telling

    func answered(_ ticket: Ticket, head: RequestHead?, status: Int, bytes: Int, isComplete: Bool) {
        let route = head.flatMap { routes.path($0) }
        let seconds = context.timepiece.elapsed - ticket.arrived
        context.telemetry.requests.answered(route: route, method: head?.method, status: status, seconds: seconds)
        context.telemetry.requestLog?.add(
            RequestLog.Entry(
                ticket: ticket, method: head?.method, route: route, status: status, bytes: bytes,
                seconds: seconds, isComplete: isComplete))
    }

    func tick() { context.tick() }
}
