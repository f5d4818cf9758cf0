internal import LimnerProtocol
internal import Synchronization

/// One job a request asks for: what it is told and what becomes its folder.
struct PlannedJob {
    var kind: JobKind
    var settings: JobSettings
    var files: JobFiles
}

/// A request that makes jobs, made at most once: a client that does not know whether its request arrived sends it again.
///
/// The client names the request by `Idempotency-Key`, or the job by `PUT /v1/jobs/{id}`. Name and payload digest are
/// committed together with the jobs, so whatever dies when, either both are there or neither. What is repeated is
/// answered with the jobs that are there; the same name with another payload is refused.
struct Submission {
    /// What tells the request from others.
    enum Name: Sendable, Equatable {
        case none
        /// `Idempotency-Key`.
        case key(String)
        /// The job's own id.
        case job(String)
    }

    let context: ServiceContext
    let name: Name
    let upload: StagedUpload
    private let mark: RequestMark
    private let ticket: Ticket

    /// - Parameter made: what decides the result besides options and files.
    init(_ request: Request, _ name: Name, upload: StagedUpload, made: [String], _ context: ServiceContext) throws {
        self.context = context
        self.name = name
        self.upload = upload
        ticket = request.ticket
        var key: String?
        if case .key(let text) = name { key = Digest.of(["key", text]) }
        mark = RequestMark(key: key, fingerprint: try upload.fingerprint(options: request.options, and: made))
    }

    /// - Parameter plan: judges the request; not asked when it is a repetition.
    /// - Returns: the jobs, and whether they were there before.
    func accept(_ plan: () throws -> [PlannedJob]) throws -> (jobs: [Job], isRepeated: Bool) {
        try context.submissions.alone(name) {
            if let earlier = try earlier() { return (earlier, true) }
            let planned = try plan()
            guard id == nil || planned.count == 1 else {
                throw Refusal(field: "id", "One id names one job: ask for one sketch.")
            }
            return (try context.accept(planned, from: upload.folder, id: id, mark, for: ticket), false)
        }
    }

    private var id: String? {
        if case .job(let id) = name { id } else { nil }
    }

    private func earlier() throws -> [Job]? {
        let jobs: [Job]
        switch name {
        case .none: return nil
        case .key:
            let filter = JobFilter(key: mark.key)
            jobs = try context.store.jobs(filter, before: nil, limit: ServerLimits.groupJobs).reversed()
        case .job(let id): jobs = try context.store.job(id).map { [$0] } ?? []
        }
        guard let first = jobs.first else { return nil }
        if first.isGone(at: context.timepiece.now) { throw JobRoutes.gone(first.id) }
        guard first.fingerprint == mark.fingerprint, first.owner == ticket.caller.name else { throw refusal(first) }
        return jobs
    }

    /// The name was used for something else.
    private func refusal(_ job: Job) -> Refusal {
        let instance = ResourcePath.job(job.id)
        if case .job = name {
            return Refusal(409, "A job made by another request has this id. Choose another id.", instance: instance)
        }
        return Refusal(
            422, "This Idempotency-Key came with another payload before. Use a new key for a new request.",
            instance: instance)
    }
}

extension Submission.Name {
    /// The status of an answer about a job that has not ended: 202 to who asks for work, 200 to who puts again what is
    /// there.
    func pendingStatus(_ isRepeated: Bool) -> Int {
        if case .job = self, isRepeated { 200 } else { 202 }
    }

    /// What a POST is named by its header. Keys of one path are apart from those of another.
    init(_ request: Request) throws {
        guard let value = request.head.fields.values("Idempotency-Key").first else {
            self = .none
            return
        }
        guard let key = IdempotencyKey(value) else { throw Refusal(400, IdempotencyKey.rule) }
        let path = request.head.target.segments.last ?? ""
        // Each caller's keys are apart from those of others.
        self = .key([request.ticket.caller.name ?? "", path, key.text].joined(separator: " "))
    }
}

/// Named requests that are being judged right now.
final class Submissions: Sendable {
    private let names = Mutex<[Submission.Name]>([])

    /// Runs `body` unless another request of that name is being judged: 409 then.
    func alone<Result>(_ name: Submission.Name, _ body: () throws -> Result) throws -> Result {
        guard name != .none else { return try body() }
        let isAlone = names.withLock { names in
            let isAlone = !names.contains(name)
            if isAlone { names.append(name) }
            return isAlone
        }
        guard isAlone else {
            throw Refusal(409, "The same request is being taken right now; ask again in a moment.")
                .with("Retry-After", "1")
        }
        defer { names.withLock { names in names.removeAll { $0 == name } } }
        return try body()
    }
}

extension StagedUpload {
    /// A digest of all a client sent that decides the result: its options by name, its files by name and content.
    fileprivate func fingerprint(options: [NamedValue], and made: [String]) throws -> String {
        var pieces = made
        for name in Set(options.map(\.name)).sorted() {
            for option in options where option.name == name { pieces += ["option", name, option.value] }
        }
        for part in Set(files.map(\.part)).sorted() {
            for file in files where file.part == part { pieces += ["file", part, try Disk.hash(file.path).hash] }
        }
        return Digest.of(pieces)
    }
}
