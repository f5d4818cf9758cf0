// A style: a tuned instruction and where it came from, as one safetensors file that is safe to share. The metadata is
// JSON under one key, so that any safetensors reader shows it.
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
    public let origin: StyleOrigin

    /// The version of the file's layout.
    public static let formatVersion = 1
    private static let format = "limner-style"

    public init(instruction: Instruction, origin: StyleOrigin) {
        self.instruction = instruction
        self.origin = origin
    }

    /// Reads and checks a style file: its format, its origin, a finite [tokens, width] instruction.
    public init(path: String) throws(EngineError) {
        let file = try SafetensorsFile(path: path)
        guard file.metadata["format"] == Self.format else {
            throw .malformed(file: path, detail: "is a safetensors file, but not a style")
        }
        guard file.metadata["version"] == "\(Self.formatVersion)" else {
            throw .malformed(
                file: path,
                detail:
                    "is a style of version \(file.metadata["version"] ?? "?"); this build reads \(Self.formatVersion)")
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
        try SafetensorsFile.write(
            [("instruction", instruction.rows.shape, instruction.rows.values)],
            metadata: ["format": Self.format, "version": "\(Self.formatVersion)", "origin": text], to: path)
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
