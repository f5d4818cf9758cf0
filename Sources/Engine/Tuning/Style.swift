// A style: a tuned instruction, the tones of its example and where it came from, as one safetensors file that is safe to
// share. The metadata is JSON under one key, so that any safetensors reader shows it.
import Foundation

/// Where a style came from.
public struct StyleOrigin: Sendable, Equatable, Codable {
    /// The name the style was given.
    public var name: String
    /// The model's name as people know it.
    public var modelName: String
    /// SHA-256 of the model it was tuned for.
    public var modelHash: String
    public var settings: TuningSettings
    /// Rows 1...freeRows were tuned.
    public var freeRows: Int
    /// SHA-256 of the photo's and the sketch's files.
    public var photoHash: String
    public var sketchHash: String
    /// The fixed probe's loss, the untuned start first.
    public var curve: [ProbePoint]

    public init(
        name: String, modelName: String, modelHash: String, settings: TuningSettings, freeRows: Int,
        photoHash: String, sketchHash: String, curve: [ProbePoint]
    ) {
        self.name = name
        self.modelName = modelName
        self.modelHash = modelHash
        self.settings = settings
        self.freeRows = freeRows
        self.photoHash = photoHash
        self.sketchHash = sketchHash
        self.curve = curve
    }

    /// The point of the curve whose state was kept.
    public var best: ProbePoint? { curve.min { $0.loss < $1.loss } }
}

/// A tuned instruction with its origin.
public struct Style: Sendable {
    public let instruction: Instruction
    /// What is done to the tones of what is drawn with it; nil leaves them as they are.
    public let toneCurves: ToneCurves?
    public let origin: StyleOrigin

    /// The newest version of the layout: 1 has no tone curves, 2 has a channel's at its own level, 3 says what they are of.
    public static let formatVersion = 3
    private static let format = "limner-style"
    private static let toneCurvesKey = "tone_curves"
    private static let toneSourceKey = "tone_source"

    public init(instruction: Instruction, toneCurves: ToneCurves? = nil, origin: StyleOrigin) {
        self.instruction = instruction
        self.toneCurves = toneCurves
        self.origin = origin
    }

    /// Reads and checks a style file: its format, its origin, a finite [tokens, width] instruction, and tone curves if
    /// it has any.
    public init(path: String) throws(EngineError) {
        let file = try SafetensorsFile(path: path)
        guard file.metadata["format"] == Self.format else {
            throw .malformed(file: path, detail: "is a safetensors file, but not a style")
        }
        let version = file.metadata["version"].flatMap { Int($0) }
        guard let version, (1...Self.formatVersion).contains(version) else {
            throw .malformed(
                file: path,
                detail:
                    "is a style of version \(file.metadata["version"] ?? "?"); this build reads 1 to \(Self.formatVersion)"
            )
        }
        do {
            origin = try JSONDecoder().decode(StyleOrigin.self, from: Data((file.metadata["origin"] ?? "").utf8))
        } catch {
            throw .malformed(file: path, detail: "its origin cannot be read: \(error)")
        }
        let values = try file.floats("instruction")
        guard let shape = file.tensors["instruction"]?.shape, shape.count == 2, values.allSatisfy(\.isFinite) else {
            throw .tensor(file: path, key: "instruction", detail: "must be a matrix of finite numbers")
        }
        instruction = Instruction(rows: Tensor(values, shape: shape), wordCount: origin.freeRows)
        let source = version == 2 ? ToneCurves.Source.channels.rawValue : file.metadata[Self.toneSourceKey] ?? ""
        toneCurves = version == 1 ? nil : try Self.toneCurves(in: file, of: source, path)
    }

    private static func toneCurves(
        in file: SafetensorsFile, of source: String, _ path: String
    ) throws(EngineError) -> ToneCurves {
        guard let source = ToneCurves.Source(rawValue: source) else {
            throw .malformed(file: path, detail: "its tone curves are of \"\(source)\", which this build does not know")
        }
        let values = try file.floats(toneCurvesKey)
        guard file.tensors[toneCurvesKey]?.shape == ToneCurves.shape else {
            throw .tensor(file: path, key: toneCurvesKey, detail: "must be of shape \(ToneCurves.shape)")
        }
        do throws(EngineError) {
            return try ToneCurves(values, of: source)
        } catch {
            throw .tensor(file: path, key: toneCurvesKey, detail: "\(error)")
        }
    }

    /// Writes the style: the whole file or nothing.
    public func write(to path: String) throws(EngineError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text: String
        do {
            text = String(decoding: try encoder.encode(origin), as: UTF8.self)
        } catch {
            throw .setting(name: "style", detail: "its origin cannot be written: \(error)")
        }
        var tensors = [("instruction", instruction.rows.shape, instruction.rows.values)]
        var metadata = ["format": Self.format, "version": "1", "origin": text]
        if let toneCurves {
            tensors.append((Self.toneCurvesKey, ToneCurves.shape, toneCurves.values))
            metadata["version"] = "\(Self.formatVersion)"
            metadata[Self.toneSourceKey] = toneCurves.source.rawValue
        }
        try SafetensorsFile.write(tensors, metadata: metadata, to: path)
    }
}

extension DiffusionModel {
    /// The style's instruction, if it was tuned for this very model.
    public func instruction(of style: Style) throws(EngineError) -> Instruction {
        guard style.origin.modelHash == hash else {
            throw .setting(
                name: "style",
                detail:
                    "was tuned for the model \(style.origin.modelHash.prefix(12))…, but this one is \(hash.prefix(12))…; "
                    + "tune it again, or use the model it was made with")
        }
        let expected = [tokenCount, textEncoder.configuration.width]
        guard style.instruction.rows.shape == expected else {
            throw .setting(
                name: "style",
                detail: "its instruction is \(style.instruction.rows.shape), but this model takes \(expected)")
        }
        return style.instruction
    }
}
