// The engine behind the server's `Painter`: orders in, files out, every error in the server's words.
import Foundation
package import LimnerEngine
import LimnerImaging
import LimnerProtocol
package import LimnerServer

/// Paints with one loaded model.
package struct EnginePainter: Painter {
    private let artist: Artist

    package init(model: DiffusionModel) { artist = Artist(model: model) }

    package var identity: PainterIdentity {
        PainterIdentity(
            modelName: artist.model.name, modelHash: artist.model.hash, defaultSampler: artist.model.samplerName,
            samplers: SamplerKind.allCases.map(\.rawValue))
    }

    package func examine(photoAt path: String) throws(PainterError) -> PictureSize {
        do {
            // the whole picture: a file that is cut short is refused now, not when its turn has come
            let picture = try Raster.decode(contentsOf: path)
            return PictureSize(width: picture.width, height: picture.height)
        } catch {
            throw Self.painterError(error)
        }
    }

    package func sketch(_ order: SketchOrder, report: (StepReport) throws -> Void) throws -> SketchOutcome {
        do {
            return try paint(order, report: report)
        } catch let interruption as JobInterruption {
            throw interruption
        } catch {
            throw Self.painterError(error)
        }
    }

    package func tune(_ order: TuneOrder, report: (StepReport) throws -> Void) throws -> TuneOutcome {
        do {
            return try learn(order, report: report)
        } catch let interruption as JobInterruption {
            throw interruption
        } catch {
            throw Self.painterError(error)
        }
    }

    package func inspectStyle(at folder: String) throws -> StyleSummary {
        try StyleSummary(Style(path: folder + "/" + StyleRegistry.styleFileName))
    }

    private func paint(_ order: SketchOrder, report: (StepReport) throws -> Void) throws -> SketchOutcome {
        var request = DrawingRequest(
            text: order.text, steps: order.steps, textGuidance: order.textGuidance.map(Float.init),
            imageGuidance: order.imageGuidance.map(Float.init), size: order.size, noise: .seed(order.seed))
        request.styles = try order.styles.map { (try Self.style($0), $0.weight) }
        if let name = order.sampler { request.sampler = try SamplerKind(named: name) }
        let given = try Picture.decode(contentsOf: order.photo)
        let drawing = try artist.draw(given.raster, request) { step, count, preview in
            let shown = Self.isPreviewed(step, of: count) ? Self.shown(preview) : nil
            try report(StepReport(step: step, of: count, stage: "drawing", preview: shown))
        }
        try write(drawing, order)
        var outcome = outcome(drawing, order)
        outcome.warnings = (given.warnings + [given.raster.faceWarning].compactMap { $0 }).map(\.description)
        return outcome
    }

    /// Previews of a drawing, at most; one of fewer steps than half as many is over before they would help.
    private static let previews = 8

    /// Whether a step is worth a look: some, evenly, and never the last.
    private static func isPreviewed(_ step: Int, of count: Int) -> Bool {
        count >= previews / 2 && step < count && step % ((count + previews - 1) / previews) == 0
    }

    /// A preview that cannot be made is left out; whether the drawing itself comes out is said at its end.
    private static func shown(_ preview: () throws -> Raster) -> Preview? {
        guard let bytes = try? preview().encoded(as: .jpeg) else { return nil }
        return Preview(mediaType: ResultFormat.jpeg.mediaType, bytes: bytes)
    }

    private func outcome(_ drawing: Drawing, _ order: SketchOrder) -> SketchOutcome {
        SketchOutcome(
            width: drawing.picture.width, height: drawing.picture.height, steps: drawing.settings.steps,
            textGuidance: Double(drawing.settings.guidance.text),
            imageGuidance: Double(drawing.settings.guidance.image),
            seed: order.seed, sampler: drawing.settings.sampler?.rawValue ?? artist.model.samplerName,
            modelHash: artist.model.hash,
            timings: drawing.seconds.map { PhaseTiming($0.phase, seconds: $0.seconds) })
    }

    /// Writes the picture with its provenance in its text.
    private func write(_ drawing: Drawing, _ order: SketchOrder) throws {
        let texts = [
            PictureText("Software", "limner"), PictureText("limner:model", artist.model.hash),
            PictureText("limner:style", Self.described(order.styles)), PictureText("limner:text", order.text ?? ""),
            PictureText("limner:seed", "\(order.seed)"), PictureText("limner:steps", "\(drawing.settings.steps)"),
            PictureText("limner:text-guidance", "\(drawing.settings.guidance.text)"),
            PictureText("limner:image-guidance", "\(drawing.settings.guidance.image)"),
            PictureText("limner:sampler", drawing.settings.sampler?.rawValue ?? artist.model.samplerName),
        ].filter { !$0.value.isEmpty }
        try drawing.picture.write(to: order.result, as: order.format.pictureFormat, texts: texts)
    }

    /// Hashes, of a mix with their weights.
    private static func described(_ styles: [StyleReference]) -> String {
        styles.map { styles.count > 1 ? "\($0.hash):\($0.weight)" : $0.hash }.joined(separator: ",")
    }

    private func learn(_ order: TuneOrder, report: (StepReport) throws -> Void) throws -> TuneOutcome {
        var request = LessonRequest(name: order.name, photo: order.photo, sketch: order.sketch)
        (request.text, request.steps, request.seed) = (order.text, order.steps, order.seed)
        request.checkpoint = order.checkpoint
        let lesson = try artist.learn(request) { step, count, _ in
            try report(StepReport(step: step, of: count, stage: "tuning"))
        }
        try lesson.write(to: order.stagingFolder)
        let best = lesson.style.origin.best
        return TuneOutcome(
            width: lesson.canvas.width, height: lesson.canvas.height, steps: lesson.steps, bestStep: best?.step ?? 0,
            bestLoss: best?.loss ?? 0, seed: order.seed, text: lesson.style.origin.settings.sentence,
            modelHash: artist.model.hash,
            timings: lesson.seconds.map { PhaseTiming($0.phase, seconds: $0.seconds) }, warnings: lesson.warnings)
    }

    private static func style(_ reference: StyleReference) throws(PainterError) -> Style {
        do {
            return try Style(path: reference.file)
        } catch {
            throw .styleUnusable("\(error)".replacing(reference.folder + "/", with: ""))
        }
    }

    private static func painterError(_ error: any Error) -> PainterError {
        switch error {
        case let error as PainterError: error
        case ImagingError.tooLarge, ImagingError.tooManyBytes: .tooLarge("\(error)")
        case let error as ImagingError: .unreadable("\(error)")
        case EngineError.setting(let name, let detail) where name == "style": .styleUnusable(detail)
        case EngineError.setting(let name, let detail): .unsuitable(field: name, detail: detail)
        case EngineError.notFinite: .unsuitable(field: "guidance", detail: "\(error)")
        case StudioError.option(let name, let detail): .unsuitable(field: name, detail: detail)
        default: .failed("\(error)")
        }
    }
}
