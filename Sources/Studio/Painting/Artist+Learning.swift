// Learning a style: the pair on one canvas, gradient descent on the instruction, the sketch's tones, and the style file
// with where it came from.
import Foundation
import LimnerEngine
import LimnerEvaluation
import LimnerImaging
import LimnerProtocol

/// What a style is learned from, and how; what is nil is the model's own choice.
struct LessonRequest {
    var name: String
    var photo: String
    var sketch: String
    var text: String?
    var steps: Int?
    var learningRate: Float?
    var freeRows: Int?
    /// Whether what the style draws is brought to the tones of `sketch`.
    var matchesTones: Bool?
    var size: SketchSize?
    var seed: UInt64 = 0
    /// Where the state is kept between attempts.
    var checkpoint: String?
}

/// A learned style.
struct Lesson {
    let style: Style
    let thumbnail: Raster
    let canvas: Canvas
    let steps: Int
    let warnings: [String]
    let seconds: [(phase: String, seconds: Double)]
}

extension Artist {
    /// How far two aspects may differ, as a factor, before a person is warned that the pair may not fit.
    private static let aspectTolerance = 1.02

    /// Learns a style from one pair.
    /// - Parameter progress: told steps done, steps in all, and the probe's loss when it was looked at.
    func learn(
        _ request: LessonRequest, progress: (_ step: Int, _ count: Int, _ probe: Double?) throws -> Void
    ) throws -> Lesson {
        let given = (photo: try decode(request.photo, as: "photo"), sketch: try decode(request.sketch, as: "sketch"))
        let pair = AlignedPair(photo: given.photo.raster, sketch: given.sketch.raster)
        let photo = pair.photo
        let size = request.size ?? .longSide(model.defaults.size)
        let canvas = try Canvas(width: photo.width, height: photo.height, size: size, stride: model.stride)
        let (sketch, cuts) = fitted(pair.sketch, to: photo)
        let seen = given.photo.warnings + [given.photo.raster.faceWarning].compactMap { $0 }
        var warnings = seen.map { "photo: \($0)" } + given.sketch.warnings.map { "sketch: \($0)" }
        warnings += [pair.warning].compactMap { $0 } + cuts
        let settings = settings(request)
        var stopwatch = Stopwatch()
        let tuner = try Tuner(
            model, photo: canvas.tensor(photo), sketch: canvas.tensor(sketch), settings: settings)
        if let path = request.checkpoint, FileManager.default.fileExists(atPath: path) {
            do {
                try tuner.resume(from: path)
            } catch {
                warnings.append("tuning began anew, because its checkpoint could not be read: \(error)")
            }
        }
        stopwatch.lap("prepare")
        var steps = 0
        for step in tuner {
            steps = step.number
            if step.probe != nil, let path = request.checkpoint { try tuner.checkpoint(to: path) }
            try progress(step.number, step.count, step.probe)
        }
        stopwatch.lap("tune")
        let origin = StyleOrigin(
            name: request.name, modelName: model.name, modelHash: model.hash, settings: settings,
            freeRows: tuner.freeRows, photoHash: try hash(request.photo), sketchHash: try hash(request.sketch),
            curve: tuner.curve)
        var style = Style(instruction: tuner.best, origin: origin)
        if request.matchesTones ?? model.defaults.tuning.matchesTones {
            let done = tuner.curve.last?.step ?? 0
            style = try matchingTones(style, photo: photo, sketch: sketch, request) { try progress(done, done, nil) }
            stopwatch.lap("match tones")
        }
        return Lesson(
            style: style,
            thumbnail: ContactSheet.pair(photo: photo, sketch: sketch), canvas: canvas, steps: steps,
            warnings: warnings, seconds: stopwatch.laps)
    }

    /// The picture that plays `part` in the pair; an error says which of the two it was.
    private func decode(_ path: String, as part: String) throws(StudioError) -> Picture {
        do throws(ImagingError) {
            return try Picture.decode(contentsOf: path)
        } catch {
            throw .option(name: part, detail: "\(error)")
        }
    }

    /// The style with curves that bring the pair's photo, as the style draws it, nearer to the sketch's tones.
    private func matchingTones(
        _ style: Style, photo: Raster, sketch: Raster, _ request: LessonRequest, beat: () throws -> Void
    ) throws -> Style {
        let drawing = DrawingRequest(styles: [(style, 1)], size: request.size, noise: .seed(request.seed))
        let drawn = try draw(photo, drawing) { _, _, _ in try beat() }.picture
        let wanted = sketch.resized(width: drawn.width, height: drawn.height)
        let curves = try ToneCurves(from: drawn, to: wanted)
        return Style(instruction: style.instruction, toneCurves: curves, origin: style.origin)
    }

    private func settings(_ request: LessonRequest) -> TuningSettings {
        var settings = TuningSettings(
            model.defaults, start: model.proposesInstructions ? .pair : .sentence, seed: request.seed)
        if let text = request.text { (settings.start, settings.text) = (.sentence, text) }
        if let steps = request.steps { settings.steps = steps }
        if let rate = request.learningRate { settings.learningRate = rate }
        if let rows = request.freeRows { settings.freeRows = rows }
        return settings
    }

    /// The sketch on the photo's field: cut around its middle when its aspect is another, with a warning when that is
    /// more than a rounding.
    private func fitted(_ sketch: Raster, to photo: Raster) -> (Raster, [String]) {
        let wanted = Double(photo.width) / Double(photo.height)
        let given = Double(sketch.width) / Double(sketch.height)
        var (width, height) = (sketch.width, sketch.height)
        if given > wanted { width = max(1, Int((Double(height) * wanted).rounded())) }
        if given < wanted { height = max(1, Int((Double(width) / wanted).rounded())) }
        let cut = sketch.cropped(
            x: (sketch.width - width) / 2, y: (sketch.height - height) / 2, width: width, height: height)
        guard max(given / wanted, wanted / given) > Self.aspectTolerance else { return (cut, []) }
        return (
            cut,
            [
                "the sketch is \(sketch.width)×\(sketch.height) and the photo \(photo.width)×\(photo.height): the sketch was "
                    + "cut to the photo's aspect around its middle; a pair that lies exactly over one another is learned best"
            ]
        )
    }

    private func hash(_ path: String) throws -> String {
        do {
            var digest = SHA256()
            digest.update(try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped))
            return digest.finish()
        } catch {
            throw StudioError.file(path: path, detail: "cannot be read: \(error)")
        }
    }
}
