// `limner bench`: how fast this machine does each piece of the work, and how far that is from what it could.
import ArgumentParser
import Foundation
import LimnerEngine
import LimnerProtocol

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Time each piece of the work on this machine.",
        discussion: """
            Times the UNet, the autoencoder, the text tower, a tuning step, a whole sketch and a whole tuning in this \
            process, beside what the machine does at most, and prints one JSON object. docs/performance.md says what the \
            numbers mean.
            """,
        shouldDisplay: false)

    @OptionGroup var model: ModelOption
    @Option(help: "Both sides of the picture in pixels.") var size = 256
    @Option(help: "Timed repeats of each part.") var `repeat` = 3
    @Option(help: "Parts to time, separated by commas.") var only = BenchParts.all
    @Option(help: "Images at once in UNet, tuning step or sketch (default: three branches, one pair, one photo).")
    var batch: Int?
    @Option(help: "Denoising steps of the whole sketch (default: the model's).") var steps: Int?
    @Option(help: "Steps of the whole tuning (default: the model's, with its early stopping).") var tuneSteps: Int?
    @Flag(help: "Wait for a line on standard input before each repeat and answer it with the repeat; needs one part.")
    var paced = false
    @Flag(help: "Instead, time the UNet over sizes, batches and threads, and fit how it grows.") var growth = false
    @Flag(help: "Instead, do each part once and say where its time goes, by kind of op.") var profile = false
    @Option(help: "Write the JSON to this file and print a Markdown table.") var json: String?

    func validate() throws {
        guard `repeat` > 0, batch ?? 1 > 0 else {
            throw ValidationError("--repeat and --batch must be at least 1.")
        }
        guard OptionLimits.size.contains(size) else {
            throw ValidationError("--size must be in \(OptionLimits.size).")
        }
        if let steps, !OptionLimits.sketchSteps.contains(steps) {
            throw ValidationError("--steps must be in \(OptionLimits.sketchSteps).")
        }
        if let tuneSteps, !OptionLimits.tuneSteps.contains(tuneSteps) {
            throw ValidationError("--tune-steps must be in \(OptionLimits.tuneSteps).")
        }
        if paced, only.parts.count != 1 || only.parts.contains(.start) || growth || profile {
            throw ValidationError("--paced needs --only with one part other than start.")
        }
    }

    func run() throws {
        let engine = BenchEngine(folder: try model.resolved(), precision: model.precision, threads: model.threads)
        let sizes = BenchSizes(side: size, batch: batch, steps: steps, tuneSteps: tuneSteps)
        if growth { return try emit(Growth.measure(engine, log: log)) }
        if profile { return try emit(Profile.measure(engine, sizes: sizes, parts: only.parts, log: log)) }
        var bench = try Benchmark(engine: engine, sizes: sizes, parts: only.parts, log: log)
        for part in BenchPart.allCases where part != .start && only.parts.contains(part) {
            try bench.measure(part, paced ? .onRequest : .repeats(`repeat`))
        }
        try emit(bench.report)
    }

    /// The JSON on standard output, or in its file and the table on standard output.
    private func emit(_ report: some BenchDocument) throws {
        guard let json else { return print(try report.json()) }
        do {
            try Data((try report.json() + "\n").utf8).write(to: URL(fileURLWithPath: json))
        } catch {
            throw StudioError.file(path: json, detail: "cannot be written: \(error)")
        }
        print(report.table())
    }

    private func log(_ line: String) { FileHandle.standardError.write(Data(("bench: " + line + "\n").utf8)) }
}
