internal import LimnerProtocol

/// One attempt at a job: order → painter → product, as a value. Nothing here writes to the store.
///
/// - `ended`: the job is over, one way or another.
/// - `again`: it failed in a way another attempt may not.
/// - `interrupted`: it was stopped; who stopped it has seen to the store, except for a cancellation.
enum AttemptOutcome: Sendable, Equatable {
    case ended(JobEnding)
    case again(JobFailure)
    case interrupted(JobInterruption)
}

struct Attempt {
    let hold: Hold
    let painter: any Painter
    let registry: StyleRegistry
    let folders: JobFolders

    private var claim: Claim { hold.claim }
    private var job: Job { hold.claim.job }

    func perform() -> AttemptOutcome {
        do {
            try folders.clearAttempts(job.id)
            switch job.kind {
            case .sketch: return .ended(.succeeded(try sketch()))
            case .tune: return .ended(.succeeded(try tune()))
            }
        } catch {
            return outcome(of: error)
        }
    }

    // MARK: Sketching

    private func sketch() throws -> JobProduct {
        let name = folders.resultName(claim)
        let path = folders.file(job.id, name)
        let outcome = try painter.sketch(sketchOrder(result: path), report: hold.report)
        try Disk.synchroniseFile(path)
        try Disk.synchroniseFolder(folders.folder(job.id))
        let content = try Disk.hash(path)
        return .picture(outcome, ResultFile(name: name, hash: content.hash, bytes: content.bytes))
    }

    private func sketchOrder(result: String) -> SketchOrder {
        let settings = job.settings
        let styles = settings.styles.enumerated().map { place, share in
            StyleReference(
                name: share.name, folder: folders.style(job.id, place), hash: share.hash, weight: share.weight)
        }
        return SketchOrder(
            photo: folders.photo(job.id), styles: styles, text: settings.text, steps: settings.steps,
            textGuidance: settings.textGuidance, imageGuidance: settings.imageGuidance, seed: settings.seed,
            sampler: settings.sampler, size: settings.size, format: settings.format, result: result)
    }

    // MARK: Tuning

    private func tune() throws -> JobProduct {
        let staging = folders.tuningFolder(claim)
        try Disk.makeFolder(staging)
        let name = job.settings.style ?? ""
        let outcome = try painter.tune(
            TuneOrder(
                photo: folders.photo(job.id), sketch: folders.sketch(job.id), name: name, text: job.settings.text,
                steps: job.settings.steps, seed: job.settings.seed, stagingFolder: staging,
                checkpoint: folders.checkpoint(job.id)),
            report: hold.report)
        // The registry knows no leases: ask once more before the style shows.
        hold.renew()
        if let interruption = hold.interruption { throw interruption }
        let record = try registry.add(from: staging, as: name, job: job.id)
        try Disk.remove(staging)
        return .style(outcome, hash: record.hash)
    }

    // MARK: Failing

    private func outcome(of error: any Error) -> AttemptOutcome {
        if let interruption = (error as? JobInterruption) ?? hold.interruption { return .interrupted(interruption) }
        switch error {
        case let error as PainterError:
            let failure = JobFailure(reason: error.reason, detail: error.description)
            return error.isWorthRetrying ? .again(failure) : .ended(.failed(failure))
        case let error as ServerError:
            let failure = JobFailure(reason: error.reason, detail: error.publicDetail)
            return error.reason == "style" ? .ended(.failed(failure)) : .again(failure)
        default:
            return .again(JobFailure(reason: "engine", detail: String(describing: error)))
        }
    }
}

extension PainterError {
    /// The stable word of a ``JobFailure``.
    var reason: String {
        switch self {
        case .unreadable: "unreadable"
        case .tooLarge: "too-large"
        case .unsuitable: "unsuitable"
        case .styleUnusable: "style"
        case .outOfResources: "resources"
        case .failed: "engine"
        }
    }
}

extension ServerError {
    /// The stable word of a ``JobFailure``.
    fileprivate var reason: String {
        switch self {
        case .invalidName, .unknownStyle, .styleTaken, .damagedStyle: "style"
        case .requestTaken, .file, .store, .storeReadOnly, .dataFolderInUse, .cannotListen, .certificate, .keys,
            .tooManyJobs, .publicWithoutKeys, .setting:
            "resources"
        }
    }
}
