// The engine, used: draws a photo by a sentence or a style, and learns a style from a pair. The service's painter and
// the command line are both a few lines around this.
import Foundation
import LimnerEngine
import LimnerImaging
import LimnerProtocol

/// How one photo is drawn; what is nil is the style's or the model's own choice.
struct DrawingRequest {
    /// Mixed by weight; weights sum to 1.
    var styles: [(style: Style, weight: Double)] = []
    /// The instruction, or what is said after the styles'.
    var text: String?
    var steps: Int?
    var textGuidance: Float?
    var imageGuidance: Float?
    var sampler: SamplerKind?
    var size: SketchSize?
    var noise = NoiseSource.seed(0)
}

/// A drawn photo and how it was drawn.
struct Drawing {
    let picture: Raster
    let settings: EditSettings
    let seconds: [(phase: String, seconds: Double)]
}

/// Draws and learns with one model.
struct Artist {
    let model: DiffusionModel

    /// Told after each step: steps done, steps in all, and how to see what the picture looks like so far.
    typealias Progress = (_ step: Int, _ count: Int, _ preview: () throws -> Raster) throws -> Void

    /// The instruction and the settings a request amounts to.
    func settings(_ request: DrawingRequest) throws -> (instruction: Instruction, settings: EditSettings) {
        let tuned = request.styles.max { $0.weight < $1.weight }?.style.origin.settings
        let guidance = Guidance(
            text: request.textGuidance ?? tuned?.textGuidance ?? model.defaults.textGuidance,
            image: request.imageGuidance ?? tuned?.imageGuidance ?? model.defaults.imageGuidance)
        let settings = EditSettings(
            steps: request.steps ?? model.defaults.steps, guidance: guidance, sampler: request.sampler)
        return (try instruction(request), settings)
    }

    private func instruction(_ request: DrawingRequest) throws -> Instruction {
        guard !request.styles.isEmpty else {
            return model.instruction(request.text ?? model.defaults.tuning.text)
        }
        let parts = try request.styles.map { (try model.instruction(of: $0.style), Float($0.weight)) }
        let mix = try Instruction.mixed(parts)
        return try request.text.map { try mix.followed(by: model.instruction($0)) } ?? mix
    }

    /// The picture with the tones of the request's styles.
    private func toned(_ picture: Raster, _ request: DrawingRequest) -> Raster {
        picture.toned(request.styles.map { ($0.style.toneCurves, Float($0.weight)) })
    }

    /// Draws one photo.
    func draw(_ photo: Raster, _ request: DrawingRequest, progress: Progress) throws -> Drawing {
        let (instruction, settings) = try settings(request)
        let size = request.size ?? .longSide(model.defaults.size)
        let canvas = try Canvas(width: photo.width, height: photo.height, size: size, stride: model.stride)
        var stopwatch = Stopwatch()
        let editor = try Editor(
            model, photo: canvas.tensor(photo), instruction: instruction, settings: settings, noise: request.noise)
        stopwatch.lap("encode")
        var latents: Tensor?
        for step in editor {
            latents = step.latents
            try progress(step.number, step.count) {
                toned(try preview(of: step.predictedOriginal, on: canvas), request)
            }
        }
        stopwatch.lap("draw")
        guard let latents else { throw StudioError.refused("the sampler made no step") }
        let picture = toned(canvas.raster(try model.picture(latents)), request)
        stopwatch.lap("decode")
        return Drawing(picture: picture, settings: settings, seconds: stopwatch.laps)
    }
}

/// Seconds per phase.
struct Stopwatch {
    private(set) var laps: [(phase: String, seconds: Double)] = []
    private var last = ContinuousClock.now

    mutating func lap(_ phase: String) {
        let now = ContinuousClock.now
        laps.append((phase, (now - last) / .seconds(1)))
        last = now
    }
}
