// The benchmark's protocol: tune on one pair, sketch the test photos, measure; the same for every pair, method and
// family. Each unit is kept when it is finished, and one that fails is kept with its reason and stops nothing.
import Foundation
package import LimnerEngine
package import LimnerEvaluation
import LimnerImaging

/// Evaluates one model on one data set.
package final class Evaluator {
    let artist: Artist
    let request: EvaluationRequest
    let data: DataFolder
    let plans: [Plan]
    let folder: EvaluationFolder
    let methods: [SketchMethod]
    /// What the model proposed for a pair, by the pair's photo.
    var proposals: [String: Style] = [:]
    /// Photos in gray and in their drawing size, for likeness.
    var grayPhotos: [String: GrayPhoto] = [:]
    private let header: Header
    private let clock: () -> Double

    /// Told before each unit: units finished, units in all, and what comes now. What it throws ends the run, which can
    /// then be gone on with.
    package typealias Progress = (_ done: Int, _ count: Int, _ note: String) throws -> Void

    /// Chooses who teaches and who is drawn, and opens the folder.
    /// - Parameter clock: seconds since any moment.
    package init(
        _ model: DiffusionModel, _ request: EvaluationRequest, clock: @escaping () -> Double = monotonicSeconds
    ) throws {
        artist = Artist(model: model)
        data = try DataFolder(request.data, preparesTruths: request.preparesTruths)
        self.request = request
        methods = request.methods(model)
        plans = data.set.families.map {
            Plan($0, pairs: request.pairs, photos: request.photos, seed: request.seeds.first)
        }
        guard plans.contains(where: { !$0.assignments.isEmpty }) else {
            throw EvaluationError.setting(
                name: "--pairs",
                detail: "with \(request.pairs) to tune on, no family has a pair left to test; ask for fewer")
        }
        header = request.header(model, data)
        folder = try EvaluationFolder(request.out, header)
        self.clock = clock
    }

    /// Makes every unit that is not finished and writes the report.
    package func run(progress: @escaping Progress) throws -> Report {
        let pulse = Pulse(count: plans.reduce(0) { $0 + unitCount($1) }, progress)
        for plan in plans {
            for (index, assignment) in plan.assignments.enumerated() {
                try evaluate(plan.family, assignment, pulse)
                if index == 0 { try repeatSeeds(plan.family, assignment, pulse) }
            }
        }
        let short = plans.filter { $0.assignments.count < request.pairs }.map {
            Rejection($0.family, "has \($0.assignments.count) pairs to tune on, not \(request.pairs)")
        }
        let report = Report(
            header: header, plans: plans, records: folder.records, seeds: request.seeds,
            rejected: data.set.rejected + short)
        try write(report)
        return report
    }

    private func evaluate(_ family: String, _ assignment: Assignment, _ pulse: Pulse) throws {
        let base = request.seeds.base
        try learn(LessonUnit(family: family, pair: assignment.pair.name, seed: base.tuning), assignment, pulse)
        if methods.contains(.filter) { try fit(family, assignment, pulse) }
        for method in methods { try draw(family, assignment, method, base, pulse) }
    }

    /// The pair again with every further noise and every further tuning.
    private func repeatSeeds(_ family: String, _ assignment: Assignment, _ pulse: Pulse) throws {
        for seeds in request.seeds.noises.dropFirst() { try draw(family, assignment, .tuned, seeds, pulse) }
        for seeds in request.seeds.tunings.dropFirst() {
            try learn(LessonUnit(family: family, pair: assignment.pair.name, seed: seeds.tuning), assignment, pulse)
            try draw(family, assignment, .tuned, seeds, pulse)
        }
    }

    private func unitCount(_ plan: Plan) -> Int {
        guard let first = plan.assignments.first else { return 0 }
        let lessons = methods.contains(.filter) ? 2 : 1
        let base = plan.assignments.reduce(0) { $0 + lessons + methods.count * $1.tests.count }
        return base + (request.seeds.count - 1) * (1 + 2 * first.tests.count)
    }

    private func learn(_ unit: LessonUnit, _ assignment: Assignment, _ pulse: Pulse) throws {
        try pulse.begin("\(unit.family)/\(unit.pair) tuning")
        let known = folder.records.lessons[unit]
        if known?.failure != nil || known != nil && folder.has(styleName(unit)) { return }
        let ending = try ending {
            let start = clock()
            let lesson = try tune(unit, assignment.pair) { try pulse.beat() }
            return TunedLesson(
                seconds: clock() - start, steps: lesson.steps,
                curve: lesson.style.origin.curve.map { CurvePoint(step: $0.step, loss: $0.loss) },
                warnings: lesson.warnings)
        }
        try folder.finish(.lesson(Record(unit, ending)))
    }

    private func fit(_ family: String, _ assignment: Assignment, _ pulse: Pulse) throws {
        let unit = FilterUnit(family: family, pair: assignment.pair.name)
        try pulse.begin("\(family)/\(unit.pair) fitting a filter")
        let lesson = LessonUnit(family: family, pair: unit.pair, seed: request.seeds.base.tuning)
        guard folder.records.filters[unit] == nil, let seconds = folder.records.lessons[lesson]?.product?.seconds
        else { return }
        let ending = try ending {
            let (photo, sketch) = try sized(assignment.pair)
            let fit = try fitFilter(
                photo: GrayImage(photo), sketch: GrayImage(sketch), atLeast: seconds, seed: request.seeds.first,
                clock: clock)
            return FilterFit(filter: fit.filter, trials: fit.trials, seconds: fit.seconds)
        }
        try folder.finish(.filter(Record(unit, ending)))
    }

    private func draw(
        _ family: String, _ assignment: Assignment, _ method: SketchMethod, _ seeds: Seeds, _ pulse: Pulse
    ) throws {
        for test in assignment.tests {
            let unit = SketchUnit(
                family: family, pair: assignment.pair.name, method: method, photo: test.name, seeds: seeds)
            try pulse.begin("\(family)/\(unit.pair) \(method.title)")
            guard folder.records.sketches[unit] == nil, canDraw(unit) else { continue }
            let ending = try ending {
                let sketch = try picture(unit, assignment, test) { try pulse.beat() }
                return try measure(sketch, unit, assignment, test)
            }
            try folder.finish(.sketch(Record(unit, ending)))
        }
    }

    private func measure(
        _ sketch: Raster, _ unit: SketchUnit, _ assignment: Assignment, _ test: Pair
    ) throws -> ScoredSketch {
        let truth = try data.sketch(test)
        let counts = unit.method == .tuned && unit.seeds == request.seeds.base
        return ScoredSketch(
            score: try Score(sketch, truth: truth), size: sketch.extent, truthSize: truth.extent,
            likeness: counts ? try likeness(sketch, test, among: assignment.tests) : nil)
    }

    /// What `make` makes, or why it failed, if that is the unit's own fault: an interruption or a full disk is not.
    private func ending<Product>(_ make: () throws -> Product) throws -> Ending<Product> {
        do {
            return .done(try make())
        } catch {
            switch error {
            case EvaluationError.unwritable, EngineError.unwritable: throw error
            case is EvaluationError, is EngineError, is ImagingError, is StudioError: return .failed("\(error)")
            default: throw error
            }
        }
    }
}

/// Counts units, and lets an interruption in between their steps.
private final class Pulse {
    private let count: Int
    private let progress: Evaluator.Progress
    private var done = -1
    private var note = ""

    init(count: Int, _ progress: @escaping Evaluator.Progress) {
        self.count = count
        self.progress = progress
    }

    func begin(_ note: String) throws {
        done += 1
        self.note = note
        try beat()
    }

    func beat() throws { try progress(done, count, note) }
}
