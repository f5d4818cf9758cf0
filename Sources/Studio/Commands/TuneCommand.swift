// `limner tune`: a style from one pair, into the registry.
import ArgumentParser
import Foundation
import LimnerEngine
import LimnerProtocol
import LimnerServer

struct TuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune", abstract: "Learn a style from one photo and its sketch.",
        discussion: "Photo and sketch must lie over one another: the same framing, the same person, any size.")

    @OptionGroup var model: ModelOption
    @OptionGroup var registry: RegistryOption
    @Option(help: "The photo: JPEG, PNG or WebP.") var photo: String
    @Option(help: "The same picture, drawn.") var sketch: String
    @Option(help: "The style's name: a-z, 0-9, '.', '_', '-'.") var name: String
    @Option(help: "The sentence tuning starts from (default: what the model proposes for the pair, or its sentence).")
    var text: String?
    @Option(help: "Steps at most (default: the model's).") var steps: Int?
    @Option(help: "Seed of the noise.") var seed: UInt64 = 0
    @Option(help: "The pair's long side in pixels, or 'original' (default: the model's).") var size: SizeArgument?
    @Option(help: "AdamW's learning rate (default: the model's).") var learningRate: Float?
    @Option(help: "Instruction rows that are tuned (default: the model's).") var freeRows: Int?
    @Flag(inversion: .prefixedNo, help: "Bring what is drawn to the sketch's tones (default: the model's choice).")
    var matchTones: Bool?

    func run() throws {
        let registry = try registry.open()
        guard StyleName.isValid(name) else {
            throw StudioError.option(name: "--name", detail: "\(ServerError.invalidName)")
        }
        if (try? registry.get(name)) != nil { throw ServerError.styleTaken(name) }
        var request = LessonRequest(name: name, photo: photo, sketch: sketch)
        (request.text, request.steps, request.seed, request.size) = (text, steps, seed, size?.size)
        (request.learningRate, request.freeRows, request.matchesTones) = (learningRate, freeRows, matchTones)
        let bar = ProgressBar("tuning")
        var shown = ""
        let lesson = try Artist(model: model.load()).learn(request) { step, count, probe in
            if let probe { shown = String(format: "probe %.4f", probe) }
            bar.show(step, of: count, note: shown)
        }
        bar.clear()
        try keep(lesson, registry)
        report(lesson)
    }

    private func keep(_ lesson: Lesson, _ registry: StyleRegistry) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("limner-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try lesson.write(to: folder.path)
        try registry.add(from: folder.path, as: name)
    }

    private func report(_ lesson: Lesson) {
        for warning in lesson.warnings { print("warning: \(warning)") }
        let curve = lesson.style.origin.curve
        let (first, best) = (curve.first?.loss ?? 0, lesson.style.origin.best)
        let seconds = lesson.seconds.reduce(0) { $0 + $1.seconds }
        print(
            String(
                format: "style '%@': %d steps in %.1f s, probe %.4f → %.4f at step %d", name, lesson.steps, seconds,
                first, best?.loss ?? 0, best?.step ?? 0))
    }
}

/// `N` or `original`.
struct SizeArgument: ExpressibleByArgument {
    let size: SketchSize

    init?(argument: String) {
        if argument == "original" {
            size = .original
        } else if let side = Int(argument), OptionLimits.size.contains(side) {
            size = .longSide(side)
        } else {
            return nil
        }
    }
}
