// Between the vocabularies of the modules that only Studio sees together.
import Foundation
import LimnerEngine
import LimnerImaging
import LimnerProtocol
import LimnerServer

extension ResultFormat {
    var pictureFormat: PictureFormat {
        switch self {
        case .png: .png
        case .jpeg: .jpeg
        }
    }
}

extension SamplerKind {
    init(named name: String) throws(StudioError) {
        guard let kind = SamplerKind(rawValue: name) else {
            let names = SamplerKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .option(name: "sampler", detail: "'\(name)' is none of \(names)")
        }
        self = kind
    }
}

extension StyleSummary {
    /// What the registry keeps of a style file.
    init(_ style: Style) {
        let (origin, shape) = (style.origin, style.instruction.rows.shape)
        self.init(
            name: origin.name, modelName: origin.modelName, modelHash: origin.modelHash, text: origin.settings.sentence,
            tokens: shape[0], width: shape[1], seed: origin.settings.seed, steps: origin.curve.last?.step,
            bestStep: origin.best?.step, bestLoss: origin.best?.loss,
            probe: origin.curve.map { LimnerProtocol.ProbePoint(step: $0.step, loss: $0.loss) })
    }
}

extension Raster {
    /// Decodes the file a person named, and names it when it is no picture.
    static func read(_ path: String) throws(StudioError) -> Raster {
        do throws(ImagingError) {
            return try decode(contentsOf: path)
        } catch {
            throw .file(path: path, detail: "\(error)")
        }
    }

    /// Writes the picture's file.
    func write(to path: String, as format: PictureFormat, texts: [PictureText] = []) throws {
        let bytes = try encoded(as: format, texts: texts)
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw StudioError.file(path: path, detail: "cannot be written: \(error.localizedDescription)")
        }
    }
}

extension Lesson {
    /// Writes what the registry expects of a style's folder.
    func write(to folder: String) throws {
        try style.write(to: folder + "/" + StyleRegistry.styleFileName)
        try thumbnail.write(to: folder + "/" + StyleRegistry.thumbnailFileName, as: .png)
    }
}
