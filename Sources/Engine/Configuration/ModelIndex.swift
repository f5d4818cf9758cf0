// What `model_index.json` says: which parts the model folder has and which class each is.
//
// Only the InstructPix2Pix pipeline is accepted, because another pipeline's UNet takes other inputs.

/// The table of contents of a model folder in diffusers layout.
public struct ModelIndex: Equatable, Sendable {
    /// The class of each part, such as `unet: UNet2DConditionModel`. Parts that are null are left out.
    public var classes: [String: String]

    private static let pipeline = "StableDiffusionInstructPix2PixPipeline"
    private static let needed = [
        "unet": ["UNet2DConditionModel"], "vae": ["AutoencoderKL"], "text_encoder": ["CLIPTextModel"],
        "tokenizer": ["CLIPTokenizer", "CLIPTokenizerFast"],
    ]

    /// Reads `model_index.json` at `path`.
    ///
    /// - Throws: `EngineError.configuration` when the pipeline or one of its parts is of a class not implemented.
    public init(contentsOf path: String) throws(EngineError) {
        try self.init(JSONFile(contentsOf: path))
    }

    package init(_ file: JSONFile) throws(EngineError) {
        guard file.present("_class_name")?.string == Self.pipeline else {
            throw file.fault("_class_name", "only \(Self.pipeline) is implemented")
        }
        classes = file.members.compactMapValues { $0.array?.last?.string }
        for (part, names) in Self.needed.sorted(by: { $0.key < $1.key }) {
            guard let name = classes[part], names.contains(name) else {
                throw file.fault(part, "\(names.joined(separator: " or ")) is needed")
            }
        }
        guard classes["scheduler"] != nil else { throw file.fault("scheduler", "a scheduler is needed") }
    }
}
