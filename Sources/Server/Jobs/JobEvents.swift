internal import LimnerProtocol

/// The place of an event in a job's life: what a client gives back as `Last-Event-ID`.
///
/// It is made of what the store keeps, the lease token and the step, so it means the same after a restart: no log of
/// events is needed to go on where a stream broke off. The token grows with every claim and every reopening; within
/// one token an attempt begins, makes steps, and then waits for another or is over.
package struct JobEventID: Sendable, Equatable, Comparable {
    package enum Phase: Int64, Sendable { case started, working, waiting, ended }

    package var token: Int64
    package var phase: Phase
    /// Counts within the phase: twice the step, and one more for its preview.
    package var number: Int64

    init(_ token: Int64, _ phase: Phase, _ number: Int64 = 0) {
        self.token = token
        self.phase = phase
        self.number = number
    }

    /// Parses ``text``; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 3, let token = parts[0], let phase = parts[1].flatMap(Phase.init), let number = parts[2],
            token >= 0, number >= 0
        else { return nil }
        self.init(token, phase, number)
    }

    package var text: String { "\(token)-\(phase.rawValue)-\(number)" }

    package static func < (one: JobEventID, other: JobEventID) -> Bool {
        (one.token, one.phase.rawValue, one.number) < (other.token, other.phase.rawValue, other.number)
    }
}

/// One event of a job.
struct JobEvent {
    var id: JobEventID
    var name: String
    /// JSON, one line.
    var data: [UInt8]

    init(_ id: JobEventID, _ name: String, _ document: some Encodable) throws {
        self.id = id
        self.name = name
        data = try WireJSON.encode(document)
    }

    /// As `text/event-stream` writes it.
    var bytes: [UInt8] { Array("id: \(id.text)\nevent: \(name)\ndata: ".utf8) + data + Array("\n\n".utf8) }
}

extension JobEvent {
    /// Everything that can be told of a job as it is now, in order: queued, started, the newest progress and preview, and
    /// how it ended. A client that has seen some of it gets the rest; steps between two looks are folded into the newest.
    static func all(_ job: Job, _ document: JobDocument, _ preview: JobPreviews.Kept?) throws -> [JobEvent] {
        let token = job.leaseToken
        let isBegun = job.status != .queued && job.started != nil
        var events = [
            try JobEvent(JobEventID(isBegun ? token - 1 : token, .waiting), "queued", JobQueuedDocument(document))
        ]
        if isBegun {
            events.append(try JobEvent(JobEventID(token, .started), "started", JobStartedDocument(document)))
            if let step = job.progress {
                let id = JobEventID(token, .working, 2 * Int64(step.step))
                events.append(try JobEvent(id, "progress", JobProgressDocument(step)))
            }
            if let preview, preview.leaseToken == token {
                let id = JobEventID(token, .working, 2 * Int64(preview.step) + 1)
                events.append(try JobEvent(id, "preview", JobPreviewDocument(preview)))
            }
        }
        if job.status.isFinal {
            events.append(try JobEvent(JobEventID(token, .ended), job.status.rawValue, document))
        }
        return events.sorted { $0.id < $1.id }
    }
}

extension JobQueuedDocument {
    fileprivate init(_ job: JobDocument) {
        self.init(
            id: job.id, createdAt: job.createdAt, position: job.position, eta: job.position == nil ? nil : job.eta)
    }
}

extension JobStartedDocument {
    fileprivate init(_ job: JobDocument) {
        self.init(id: job.id, attempt: job.attempt ?? 1, startedAt: job.startedAt ?? job.createdAt)
    }
}

extension JobProgressDocument {
    fileprivate init(_ step: StepReport) { self.init(step: step.step, steps: step.steps, stage: step.stage) }
}

extension JobPreviewDocument {
    fileprivate init(_ kept: JobPreviews.Kept) {
        let image = "data:\(kept.preview.mediaType);base64," + Base64.text(kept.preview.bytes)
        self.init(step: kept.step, steps: kept.steps, image: image)
    }
}
