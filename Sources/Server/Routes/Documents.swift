internal import LimnerProtocol

/// Jobs and styles as wire documents.
extension JobDocument {
    /// All but place and forecast, which need the other jobs.
    init(_ job: Job) {
        self.init(id: job.id, kind: job.kind, status: job.status, createdAt: Timestamp(job.created))
        step = job.progress?.step
        steps = job.progress?.steps ?? job.settings.steps
        attempt = job.attempt > 0 ? job.attempt : nil
        startedAt = job.started.map { Timestamp($0) }
        finishedAt = job.finished.map { Timestamp($0) }
        expiresAt = job.expires.map { Timestamp($0) }
        seed = job.settings.seed
        style = job.settings.style
        group = job.group
        photo = job.settings.photo
        error = job.failure.map { failure in
            Problem(failure.status, detail: failure.detail, instance: ResourcePath.job(job.id))
        }
        switch job.product {
        case .picture(let outcome, let file):
            result = JobResult(
                url: ResourcePath.result(job.id), sha256: file.hash, width: outcome.width, height: outcome.height,
                format: job.settings.format)
            warnings = outcome.warnings
        case .style(let outcome, _): warnings = outcome.warnings
        case nil: break
        }
    }
}

extension StyleDocument {
    init(_ record: StyleRecord, withProbe: Bool) {
        let summary = record.summary
        self.init(
            name: record.name, createdAt: Timestamp(record.added), text: summary.text ?? "",
            modelHash: summary.modelHash, hash: record.hash, rows: summary.tokens, steps: summary.steps ?? 0)
        description = record.description
        if let first = summary.probe.first, let best = summary.bestLoss {
            loss = StyleLoss(first: first.loss, best: best)
        }
        if withProbe, !summary.probe.isEmpty { probe = summary.probe }
        if record.hasThumbnail { thumbnail = ResourcePath.thumbnail(record.name) }
    }
}

extension EntityTag {
    /// A tag of a document's content.
    static func weak(_ document: some Encodable) throws -> EntityTag {
        let text = String(decoding: try WireJSON.encode(document), as: UTF8.self)
        return EntityTag(String(Digest.of([text]).prefix(32)), isWeak: true)
    }
}

extension Timestamp {
    init(_ seconds: Double) { self.init(milliseconds: Int64(seconds * 1000)) }
}
