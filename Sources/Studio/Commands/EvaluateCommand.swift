// `limner evaluate`: how well one pair teaches a style, measured on folders of pairs.
import ArgumentParser
import Foundation
import LimnerEngine
import LimnerEvaluation
import LimnerProtocol

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure one-shot sketch synthesis on a folder of pairs.",
        discussion: """
            Tunes on one pair, sketches the photos of others and measures the sketches against theirs, for several pairs \
            of every family. The same command again goes on with what was interrupted. docs/evaluate.md says more.
            """)

    @OptionGroup var model: ModelOption
    @Option(help: "Pairs to tune on in each family, one at a time.") var pairs = 3
    @Option(help: "Test photos in each family, none of a tuned pair (default: all pairs but the tuned one).")
    var photos: Int?
    @Option(help: "Seed of the choice of pairs, of tuning and of the noise.") var seed: UInt64 = 0
    @Option(help: "Seeds that each family's first pair is tuned and drawn with again.") var seeds = 1
    @Flag(inversion: .prefixedNo, help: "Measure the gray photo, the copied sketch and a fitted filter as well.")
    var baselines = true
    @Option(help: "Contrast of the truths: 1, or 1.5 as OS-Sketch prepares them (default: by the data's layout).")
    var contrast: Double?
    @Option(help: "The untuned row's sentence, from which tuning then starts too (default: the model's choice).")
    var text: String?
    @Option(help: "Long side of the sketches in pixels, or 'original' (default: the model's).") var size: SizeArgument?
    @Option(help: "Denoising steps (default: the model's).") var steps: Int?
    @Option(help: "Tuning steps at most (default: the model's).") var tuneSteps: Int?
    @Option(help: "AdamW's learning rate (default: the model's).") var learningRate: Float?
    @Option(help: "Instruction rows that are tuned (default: the model's).") var freeRows: Int?
    @Flag(inversion: .prefixedNo, help: "Bring tuned sketches to the pair's tones (default: the model's choice).")
    var matchTones: Bool?
    @Option(name: .shortAndLong, help: "The folder for sketches and report.") var out = "evaluation"
    @Argument(help: "The data: photos/ and sketches/ with the same names, or a folder of such families.")
    var data: String

    func validate() throws {
        guard pairs > 0, seeds > 0, photos.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--pairs, --photos and --seeds must be at least 1.")
        }
        guard contrast == nil || contrast == 1 || contrast == 1.5 else {
            throw ValidationError("--contrast must be 1, for none, or 1.5.")
        }
        if let steps, !OptionLimits.sketchSteps.contains(steps) {
            throw ValidationError("--steps must be in \(OptionLimits.sketchSteps).")
        }
        if let tuneSteps, !OptionLimits.tuneSteps.contains(tuneSteps) {
            throw ValidationError("--tune-steps must be in \(OptionLimits.tuneSteps).")
        }
    }

    func run() throws {
        let interruption = Interruption()
        let watch = interruption.watch()
        defer { watch.cancel() }
        let evaluator = try Evaluator(model.load(), request())
        let bar = ProgressBar("evaluating")
        defer { bar.clear() }
        do {
            let report = try evaluator.run { done, count, note in
                try interruption.check()
                bar.show(done, of: count, note: note)
            }
            bar.clear()
            print("\(report.summary)\n\nreport: \(out)/report.md")
        } catch is Interrupted {
            bar.clear()
            print("interrupted; the same command goes on from here")
            throw ExitCode(130)
        }
    }

    private func request() -> EvaluationRequest {
        var request = EvaluationRequest(data: data, out: out)
        (request.pairs, request.photos) = (pairs, photos)
        request.seeds = SeedRange(first: seed, count: seeds)
        (request.drawsBaselines, request.preparesTruths) = (baselines, contrast.map { $0 != 1 })
        (request.text, request.size, request.steps) = (text, size?.size, steps)
        (request.tuneSteps, request.learningRate) = (tuneSteps, learningRate)
        (request.freeRows, request.matchesTones) = (freeRows, matchTones)
        return request
    }
}
