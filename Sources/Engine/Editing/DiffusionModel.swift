// A model folder in diffusers' layout, loaded: the four networks and what stands around them. Immutable once loaded and
// shared by all who draw with it; a style is an input, so one loaded model serves every style.
import Foundation

/// An InstructPix2Pix checkpoint ready to draw and to be tuned for.
public final class DiffusionModel: Sendable {
    /// The folder it was read from.
    public let folder: String
    /// The folder's own defaults.
    public let defaults: ModelDefaults
    /// SHA-256 over every file that decides what this model computes, hexadecimal.
    public let hash: String
    /// How it computes.
    public let options: EngineOptions
    private let arenas: ArenaPool
    /// The file of packed weights, where there is one.
    private let panels: PanelCache?
    package let tokenizer: CLIPTokenizer
    package let textEncoder: TextEncoder
    package let unet: UNet
    package let autoencoder: Autoencoder
    package let scheduler: SchedulerConfiguration
    /// Proposes an instruction for a pair, where the folder has such a component.
    package let instructionEncoder: InstructionEncoder?

    /// Reads a folder; every weight is used exactly once or the error names it.
    public init(folder: String, options: EngineOptions = EngineOptions()) throws(EngineError) {
        self.folder = folder
        self.options = options
        let files = try ModelFiles(folder: folder)
        defaults = try ModelDefaults(folder: folder)
        scheduler = try files.scheduler()
        tokenizer = try CLIPTokenizer(folder: files.folder("tokenizer"))
        hash = try files.hash()
        let cache = try files.panelCache(options, hash: hash)
        panels = cache
        arenas = ArenaPool(keeps: cache == nil)
        let packed = { part in cache.map { PackedPart(cache: $0, part: part) } }
        textEncoder = try TextEncoder(
            files.weights(.textEncoder), files.textEncoder(), options, packed: packed(Part.textEncoder.rawValue))
        let unet = try files.unet()
        self.unet = try UNet(files.weights(.unet(unet)), unet, options, packed: packed(Part.unet.rawValue))
        let autoencoder = try files.autoencoder()
        self.autoencoder = try Autoencoder(
            files.weights(.autoencoder(autoencoder)), autoencoder, options, packed: packed(Part.autoencoder.rawValue))
        instructionEncoder = try files.instructionEncoder(options)
        try Self.checkAgreement(unet, autoencoder, textEncoder.configuration, folder)
        try Self.checkAgreement(instructionEncoder, unet, tokenizer, folder)
        try Self.checkAgreement(tokenizer, textEncoder.configuration, folder)
        cache?.finish()
    }

    /// The parts that have packed weights.
    package enum Part: String {
        case textEncoder = "text_encoder"
        case unet
        case autoencoder = "vae"
    }

    /// Lets go of the memory of a part that a run is done with for now, where it can be had again from a file: the parts
    /// are used one after the other.
    package func rest(_ part: Part) { panels?.rest(part.rawValue + "/") }

    /// Memory for a run with this model.
    package func runMemory() -> RunMemory { RunMemory(from: arenas) }

    /// A pass through this model, in memory of its own unless it is one of a run.
    package func pass(tape: Tape? = nil, memory: RunMemory? = nil, memo: RunMemo? = nil) -> Pass {
        Pass(options, tape: tape, memory: memory ?? runMemory(), memo: memo)
    }

    /// The folder's own name, for people.
    public var name: String { URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent }

    /// Pixels per latent: a picture's sides must be multiples of it.
    public var stride: Int { autoencoder.configuration.stride }

    /// The sampler the folder asks for.
    public var samplerName: String { scheduler.kind.rawValue }

    /// Token positions of an instruction.
    public var tokenCount: Int { tokenizer.maximumLength }

    /// The instruction a sentence stands for; "" is the empty instruction of guidance. A sentence longer than the text
    /// tower's positions is cut, as CLIP's tokenizer does.
    public func instruction(_ text: String) -> Instruction {
        let ids = tokenizer.encode(text)
        let rows = textEncoder(ids, pass())
        rest(.textEncoder)
        let words = min(tokenizer.tokens(text).count, ids.count - 2)
        return Instruction(rows: rows.reshaped(Array(rows.shape.dropFirst())), wordCount: words)
    }

    /// Whether the model proposes an instruction for a pair.
    public var proposesInstructions: Bool { instructionEncoder != nil }

    /// The instruction that the model's instruction encoder proposes for a pair, nil when the model has none: the empty
    /// sentence's rows with the proposed ones after the begin token.
    /// - Parameters: photo, sketch: [1, height, width, 3] in −1...1, of one size, sides multiples of `stride`.
    public func instruction(forPhoto photo: Tensor, sketch: Tensor) -> Instruction? {
        instructionEncoder.map { encoder in
            let proposed = encoder(photo: photoLatent(photo), sketch: targetLatent(sketch), pass()).values
            let rows = instruction("").rows
            var values = rows.values
            values.replaceSubrange(rows.width..<rows.width + proposed.count, with: proposed)
            return Instruction(
                rows: Tensor(values, shape: rows.shape), wordCount: encoder.configuration.rows)
        }
    }

    /// The photo's latent: the posterior's mode, not scaled. `picture` is [1, height, width, 3] in −1...1.
    package func photoLatent(_ picture: Tensor) -> Tensor {
        defer { rest(.autoencoder) }
        return autoencoder.mode(picture, pass())
    }

    /// The latent that is drawn: the mode times the scaling factor.
    package func targetLatent(_ picture: Tensor) -> Tensor {
        pass().scale(photoLatent(picture), by: autoencoder.configuration.scalingFactor)
    }

    /// A drawn latent as a picture [1, height, width, 3], clamped to −1...1.
    /// - Throws: `EngineError.notFinite` when there is nothing to show.
    public func picture(_ latents: Tensor) throws(EngineError) -> Tensor {
        rest(.unet)
        let pass = pass()
        let unscaled = pass.scale(latents, by: 1 / autoencoder.configuration.scalingFactor)
        let picture = autoencoder.decode(unscaled, pass)
        rest(.autoencoder)
        for i in 0..<picture.count {
            guard picture.pointer[i].isFinite else { throw .notFinite(what: "the drawing") }
            picture.pointer[i] = min(max(picture.pointer[i], -1), 1)
        }
        return picture
    }

    /// The parts must fit one another before anything is drawn with them.
    private static func checkAgreement(
        _ unet: UNetConfiguration, _ autoencoder: AutoencoderConfiguration, _ text: TextEncoderConfiguration,
        _ folder: String
    ) throws(EngineError) {
        let (latent, width) = (autoencoder.latentChannels, text.width)
        guard unet.inChannels == 2 * latent, unet.outChannels == latent else {
            throw .configuration(
                file: folder + "/unet/config.json", key: "in_channels", value: "\(unet.inChannels)",
                detail:
                    "an InstructPix2Pix UNet takes twice the autoencoder's \(latent) latent channels and gives \(latent)"
            )
        }
        guard unet.crossAttentionWidth == width else {
            throw .configuration(
                file: folder + "/unet/config.json", key: "cross_attention_dim",
                value: "\(unet.crossAttentionWidth)", detail: "but the text encoder is \(width) wide")
        }
        guard autoencoder.inChannels == 3, autoencoder.outChannels == 3 else {
            throw .configuration(
                file: folder + "/vae/config.json", key: "in_channels", value: "\(autoencoder.inChannels)",
                detail: "pictures have three channels, so in_channels and out_channels must be 3")
        }
    }

    /// The rows that are proposed must fit between the begin and end tokens of an instruction of this model.
    private static func checkAgreement(
        _ encoder: InstructionEncoder?, _ unet: UNetConfiguration, _ tokenizer: CLIPTokenizer, _ folder: String
    ) throws(EngineError) {
        guard let shape = encoder?.configuration else { return }
        let file = folder + "/instruction_encoder/config.json"
        guard shape.width == unet.crossAttentionWidth, shape.latentChannels == unet.outChannels else {
            throw .configuration(
                file: file, key: "width", value: "\(shape.width)",
                detail: "the UNet takes instructions \(unet.crossAttentionWidth) wide and \(unet.outChannels) latent "
                    + "channels, so width and latent_channels must be those")
        }
        guard (1...tokenizer.maximumLength - 2).contains(shape.rows) else {
            throw .configuration(
                file: file, key: "rows", value: "\(shape.rows)",
                detail: "must be 1 to \(tokenizer.maximumLength - 2), the rows between begin and end token")
        }
    }

    /// Every id the tokenizer can give must have a row in the text tower's tables.
    private static func checkAgreement(
        _ tokenizer: CLIPTokenizer, _ text: TextEncoderConfiguration, _ folder: String
    ) throws(EngineError) {
        let file = folder + "/text_encoder/config.json"
        guard tokenizer.largestID < text.vocabularySize else {
            throw .configuration(
                file: file, key: "vocab_size", value: "\(text.vocabularySize)",
                detail: "but the tokenizer gives ids up to \(tokenizer.largestID)")
        }
        guard tokenizer.maximumLength <= text.positions else {
            throw .configuration(
                file: file, key: "max_position_embeddings", value: "\(text.positions)",
                detail: "but the tokenizer gives \(tokenizer.maximumLength) tokens")
        }
    }
}
