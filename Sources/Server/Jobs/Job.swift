// A job: what was asked, and where it stands.
//
//     queued ──claim──▶ running ──finish──▶ succeeded
//        ▲                 │ ├─────finish──▶ failed      (also: attempts used up)
//        │                 │ └─────finish──▶ canceled    (cancelled at a step)
//        ├── hand back ────┤
//        └── lease lost ───┘
//     queued ──cancel──▶ canceled
//     failed, canceled ──reopen──▶ queued
//
// An ended job changes no more by itself; its files and settings are purged when asked or when its time is over.

package import LimnerProtocol

/// A style's share in what a sketch is drawn by.
package struct StyleShare: Sendable, Equatable, Codable {
    package var name: String
    /// SHA-256 of the style's file.
    package var hash: String
    /// The shares of a sketch sum to 1.
    package var weight: Double

    package init(name: String, hash: String, weight: Double) {
        self.name = name
        self.hash = hash
        self.weight = weight
    }
}

/// The settings a job was accepted with. No paths: files lie under fixed names in the job's own folder.
package struct JobSettings: Sendable, Equatable, Codable {
    /// `sketch`: the style to draw in, or the mix as its client wrote it; `tune`: the name the new style gets.
    package var style: String?
    /// The style's hash; of a mix, those of its styles joined by commas.
    package var styleHash: String?
    /// The styles of a mix.
    package var mix: [StyleShare]?
    /// Which of the request's photos is drawn, from 1; when there were several.
    package var photo: Int?
    package var text: String?
    package var steps: Int?
    package var textGuidance: Double?
    package var imageGuidance: Double?
    package var seed: UInt64
    package var sampler: String?
    /// Pixels of the long side; ``isOriginalSize`` wins.
    package var longSide: Int?
    package var isOriginalSize: Bool
    package var format: ResultFormat

    package init(
        style: String? = nil, styleHash: String? = nil, text: String? = nil, steps: Int? = nil,
        textGuidance: Double? = nil, imageGuidance: Double? = nil, seed: UInt64, sampler: String? = nil,
        size: SketchSize? = nil, format: ResultFormat = .png
    ) {
        self.style = style
        self.styleHash = styleHash
        self.text = text
        self.steps = steps
        self.textGuidance = textGuidance
        self.imageGuidance = imageGuidance
        self.seed = seed
        self.sampler = sampler
        if case .longSide(let pixels) = size { longSide = pixels }
        isOriginalSize = size == .original
        self.format = format
    }

    /// What a sketch is drawn in, the share of a single style being 1.
    package var styles: [StyleShare] {
        if let mix { return mix }
        guard let style, let styleHash else { return [] }
        return [StyleShare(name: style, hash: styleHash, weight: 1)]
    }

    package var size: SketchSize? {
        isOriginalSize ? .original : longSide.map { .longSide($0) }
    }
}

/// What is handed to a store to be accepted.
package struct JobDraft: Sendable {
    package var id: String
    package var kind: JobKind
    package var settings: JobSettings
    /// The group it belongs to, when one request makes several jobs.
    package var group: String?
    /// The name of the key it was handed in with.
    package var owner: String?
    /// Most jobs of that owner that may be queued or running, this one included.
    package var ownersJobs: Int?

    package init(
        id: String, kind: JobKind, settings: JobSettings, group: String? = nil, owner: String? = nil,
        ownersJobs: Int? = nil
    ) {
        self.id = id
        self.kind = kind
        self.settings = settings
        self.group = group
        self.owner = owner
        self.ownersJobs = ownersJobs
    }
}

/// What tells a request that made jobs from a repetition of it. Kept with the jobs and forgotten with them.
package struct RequestMark: Sendable, Equatable {
    /// A digest of the key the client gave, if it gave one.
    package var key: String?
    /// A digest of options and files.
    package var fingerprint: String?

    package init(key: String? = nil, fingerprint: String? = nil) {
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// A result file in the job's folder.
package struct ResultFile: Sendable, Equatable, Codable {
    package var name: String
    /// SHA-256, lower-case hexadecimal.
    package var hash: String
    package var bytes: Int

    package init(name: String, hash: String, bytes: Int) {
        self.name = name
        self.hash = hash
        self.bytes = bytes
    }
}

/// What a job that succeeded made.
package enum JobProduct: Sendable, Equatable, Codable {
    case picture(SketchOutcome, ResultFile)
    case style(TuneOutcome, hash: String)
}

/// Why a job failed.
package struct JobFailure: Sendable, Equatable, Codable {
    /// A stable word for programs: `unreadable`, `too-large`, `unsuitable`, `style`, `resources`, `engine`, `attempts`.
    package var reason: String
    /// A sentence for people.
    package var detail: String

    package init(reason: String, detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

/// How a job ends.
package enum JobEnding: Sendable, Equatable {
    case succeeded(JobProduct)
    case failed(JobFailure)
    case canceled
}

package struct Job: Sendable, Equatable {
    package var id: String
    package var kind: JobKind
    package var status: JobStatus
    package var settings: JobSettings
    /// The name of the key it was handed in with; nil where none was needed.
    package var owner: String?
    package var group: String?
    /// Digest of the request that made it.
    package var fingerprint: String?
    /// Grows with each accepted job: the order of the queue and of lists.
    package var sequence: Int64
    /// Wall times, seconds since 1970.
    package var created: Double
    package var started: Double?
    package var finished: Double?
    /// When its files and settings are removed; once it has ended.
    package var expires: Double?
    package var progress: StepReport?
    /// Grows with every claim and every reopening: events are numbered by it.
    package var leaseToken: Int64
    /// How often it has been claimed, not counting attempts handed back.
    package var attempt: Int
    package var cancelRequested: Bool
    package var product: JobProduct?
    package var failure: JobFailure?
    /// Its files and settings have been removed.
    package var isPurged: Bool

    /// Whether nobody is to see it any more, removed already or not.
    func isGone(at now: Double) -> Bool { isPurged || expires.map { $0 <= now } ?? false }
}

/// One attempt's hold on a job. Every write names the token, so only the newest claim can write.
package struct Claim: Sendable, Equatable {
    package var job: Job
    package var worker: String
    package var leaseToken: Int64
}
