// A job: what was asked, and where it stands.
//
//     queued ──claim──▶ running ──finish──▶ succeeded
//        ▲                 │ ├─────finish──▶ failed      (also: attempts used up)
//        │                 │ └─────finish──▶ canceled    (cancelled at a step)
//        ├── hand back ────┤
//        └── lease lost ───┘
//     queued ──cancel──▶ canceled
//
// An ended job never changes again, except that its files and settings may be purged.

package import LimnerProtocol

/// The settings a job was accepted with. No paths: files lie under fixed names in the job's own folder.
package struct JobSettings: Sendable, Equatable, Codable {
    /// `sketch`: the style to draw in; `tune`: the name the new style gets.
    package var style: String?
    package var styleHash: String?
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

    package var size: SketchSize? {
        isOriginalSize ? .original : longSide.map { .longSide($0) }
    }
}

/// What is handed to a store to be accepted.
package struct JobDraft: Sendable {
    package var id: String
    package var kind: JobKind
    package var settings: JobSettings
    /// The name of the key it was handed in with.
    package var owner: String?
    /// Most jobs of that owner that may be queued or running, this one included.
    package var ownersJobs: Int?

    package init(id: String, kind: JobKind, settings: JobSettings, owner: String? = nil, ownersJobs: Int? = nil) {
        self.id = id
        self.kind = kind
        self.settings = settings
        self.owner = owner
        self.ownersJobs = ownersJobs
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
    /// Grows with each accepted job: the order of the queue and of lists.
    package var sequence: Int64
    /// Wall times, seconds since 1970.
    package var created: Double
    package var started: Double?
    package var finished: Double?
    package var progress: StepReport?
    /// How often it has been claimed, not counting attempts handed back.
    package var attempt: Int
    package var cancelRequested: Bool
    package var product: JobProduct?
    package var failure: JobFailure?
    /// Its files and settings have been removed.
    package var isPurged: Bool
}

/// One attempt's hold on a job. Every write names the token, so only the newest claim can write.
package struct Claim: Sendable, Equatable {
    package var job: Job
    package var worker: String
    package var leaseToken: Int64
}
