// `limner sketch`: photos into sketches, by a style or a sentence.
import ArgumentParser
import Foundation
import LimnerEngine
import LimnerImaging
import LimnerProtocol
import LimnerServer

struct SketchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sketch", abstract: "Draw photos in a style.",
        discussion: "One photo is written to --output; several into the folder --output, under their own names.")

    @OptionGroup var model: ModelOption
    @OptionGroup var registry: RegistryOption
    @Option(help: "A style of the registry, or a mix such as charcoal:0.7,ink:0.3.") var style: String?
    @Option(help: "A sentence instead of a style, or said beside it.") var text: String?
    @Option(name: .shortAndLong, help: "The sketch's file (.png or .jpg), or a folder.") var output: String
    @Option(help: "Denoising steps (default: the model's).") var steps: Int?
    @Option(help: "How strongly the instruction is followed (default: the style's).") var textGuidance: Float?
    @Option(help: "How strongly the photo is kept (default: the style's).") var imageGuidance: Float?
    @Option(help: "Seed of the noise.") var seed: UInt64 = 0
    @Option(help: "ddim, euler, euler-ancestral, dpmpp-2m, dpmpp-2m-karras or pndm (default: the model's).")
    var sampler: String?
    @Option(help: "Long side in pixels, or 'original' (default: the model's).") var size: SizeArgument?
    @Option(help: "Start from given noise: a safetensors file with 'latents', and 'noise' for ancestral samplers.")
    var latents: String?
    @Argument(help: "The photos: JPEG, PNG or WebP.") var photos: [String]

    func validate() throws {
        guard style != nil || text != nil else { throw ValidationError("Give --style, --text, or both.") }
        guard !photos.isEmpty else { throw ValidationError("Give at least one photo.") }
        if let steps, !OptionLimits.sketchSteps.contains(steps) {
            throw ValidationError("--steps must be in \(OptionLimits.sketchSteps).")
        }
        let guidances = [
            ("--text-guidance", textGuidance, OptionLimits.textGuidance),
            ("--image-guidance", imageGuidance, OptionLimits.imageGuidance),
        ]
        for (name, value, range) in guidances {
            if let value, !range.contains(Double(value)) { throw ValidationError("\(name) must be in \(range).") }
        }
    }

    func run() throws {
        let request = try request()
        let targets = try targets()
        let artist = Artist(model: try model.load())
        for (photo, target) in zip(photos, targets) {
            let bar = ProgressBar(URL(fileURLWithPath: photo).lastPathComponent)
            let drawing = try artist.draw(Raster.read(photo), request) { step, count, _ in bar.show(step, of: count) }
            bar.clear()
            try drawing.picture.write(to: target.path, as: target.format)
            let seconds = drawing.seconds.reduce(0) { $0 + $1.seconds }
            print(
                String(
                    format: "%@: %d×%d, %d steps, %.1f s", target.path, drawing.picture.width, drawing.picture.height,
                    drawing.settings.steps, seconds))
        }
    }

    private func request() throws -> DrawingRequest {
        var request = DrawingRequest(
            text: text, steps: steps, textGuidance: textGuidance, imageGuidance: imageGuidance, size: size?.size,
            noise: .seed(seed))
        if let style {
            guard let mix = StyleMix(style) else { throw StudioError.option(name: "--style", detail: StyleMix.rule) }
            let registry = try registry.open()
            request.styles = try mix.shares.map { share in
                _ = try registry.get(share.name)
                return (try Style(path: registry.styleFile(share.name)), share.weight)
            }
        }
        if let sampler { request.sampler = try SamplerKind(named: sampler) }
        if let latents { request.noise = try NoiseSource(file: latents) }
        return request
    }

    /// Where each photo's sketch goes, settled before anything is drawn.
    private func targets() throws -> [(path: String, format: PictureFormat)] {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: output, isDirectory: &isFolder)
        if photos.count == 1, !(exists && isFolder.boolValue), !output.hasSuffix("/") {
            return [(output, try format(of: output))]
        }
        guard !exists || isFolder.boolValue else {
            throw StudioError.option(name: "--output", detail: "'\(output)' is a file; several photos need a folder")
        }
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        let paths = photos.map { photo in
            let name = URL(fileURLWithPath: photo).deletingPathExtension().lastPathComponent
            return (URL(fileURLWithPath: output).appendingPathComponent(name + ".png").path, PictureFormat.png)
        }
        guard Set(paths.map(\.0)).count == paths.count else {
            throw StudioError.refused("two photos have the same name, so their sketches would overwrite one another")
        }
        return paths
    }

    private func format(of path: String) throws -> PictureFormat {
        switch URL(fileURLWithPath: path).pathExtension.lowercased() {
        case "png": return .png
        case "jpg", "jpeg": return .jpeg
        default: throw StudioError.option(name: "--output", detail: "'\(path)' must end in .png or .jpg")
        }
    }
}
