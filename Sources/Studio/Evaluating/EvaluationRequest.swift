// What a person asks of `limner evaluate`, and the same in words, for the journal and the report.
import LimnerEngine
package import LimnerEvaluation
package import LimnerProtocol

/// What is evaluated and how; what is nil is the model's or the data's own choice.
package struct EvaluationRequest: Sendable {
    /// The folder of the data and the one that everything is written to.
    package var data: String
    package var out: String
    /// Pairs tuned on in each family.
    package var pairs = 3
    /// Test photos in each family; nil takes all pairs but the tuned one.
    package var photos: Int?
    package var seeds = SeedRange(first: 0, count: 1)
    package var drawsBaselines = true
    /// Whether truths are prepared as OS-Sketch prepares them.
    package var preparesTruths: Bool?
    package var text: String?
    package var size: SketchSize?
    package var steps: Int?
    package var tuneSteps: Int?
    package var learningRate: Float?
    package var freeRows: Int?
    package var matchesTones: Bool?

    package init(data: String, out: String) {
        self.data = data
        self.out = out
    }

    /// The rows of the table that this model can have.
    func methods(_ model: DiffusionModel) -> [SketchMethod] {
        SketchMethod.allCases.filter { method in
            method == .predicted ? model.proposesInstructions : drawsBaselines || !method.isBaseline
        }
    }

    /// Everything that a number may depend on, by the names it is asked for with.
    func header(_ model: DiffusionModel, _ data: DataFolder) -> Header {
        let (defaults, tuning) = (model.defaults, model.defaults.tuning)
        let pairCount = data.set.families.reduce(0) { $0 + $1.pairs.count }
        return Header(facts: [
            "model": model.name, "model hash": model.hash,
            "data":
                "\(data.name), \(pairCount) pairs, \(data.set.families.count) families, layout \(data.set.layout.rawValue)",
            "data hash": data.hash,
            "truths": data.preparesTruths ? "gray, contrast 1.5 about the rounded mean (OS-Sketch)" : "gray",
            "pairs": "\(pairs)", "photos": photos.map { "\($0)" } ?? "all but the tuned pair's",
            "seed": "\(seeds.first)", "seeds": "\(seeds.count)", "baselines": drawsBaselines ? "yes" : "no",
            "tuning starts from": model.proposesInstructions && text == nil ? "what is predicted" : "the sentence",
            "text": text ?? tuning.text, "size": Self.words(size ?? .longSide(defaults.size)),
            "steps": "\(steps ?? defaults.steps)", "tune steps": "\(tuneSteps ?? tuning.steps)",
            "learning rate": "\(learningRate ?? tuning.learningRate)",
            "free rows": (freeRows ?? tuning.freeRows).map { "\($0)" } ?? "the start's",
            "tones": matchesTones ?? tuning.matchesTones ? "matched to the pair's sketch" : "as drawn",
            "objective": tuning.objective.rawValue, "gradients": tuning.unitGradients ? "of length 1" : "as they are",
            "first timestep": "\(tuning.firstTimestep)",
            "guidance": "text \(defaults.textGuidance), image \(defaults.imageGuidance)",
        ])
    }

    private static func words(_ size: SketchSize) -> String {
        switch size {
        case .original: "the photo's own"
        case .longSide(let side): "long side \(side)"
        }
    }
}
