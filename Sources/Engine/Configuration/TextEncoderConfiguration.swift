// What `text_encoder/config.json` says of the text tower.
//
// Keys and defaults are those of `CLIPTextConfig` in transformers (models/clip/configuration_clip.py). The file of a
// whole CLIP model, which holds the text tower's keys under `text_config`, is accepted too.

/// The shape of a CLIPTextModel.
public struct TextEncoderConfiguration: Equatable, Sendable {
    public enum Activation: String, CaseIterable, Sendable {
        /// x · σ(1.702 x)
        case quickGELU = "quick_gelu"
        /// x · Φ(x), by the error function
        case gelu
    }

    public var vocabularySize: Int
    /// Width of a token's row.
    public var width: Int
    /// Width inside the feed-forward layers.
    public var feedForwardWidth: Int
    public var layers: Int
    public var heads: Int
    /// Rows of the position table: the longest prompt in tokens.
    public var positions: Int
    public var activation: Activation
    public var normEpsilon: Float

    /// Reads `config.json` at `path`.
    ///
    /// - Throws: `EngineError.configuration` naming file, key and value.
    public init(contentsOf path: String) throws(EngineError) {
        try self.init(JSONFile(contentsOf: path))
    }

    package init(_ whole: JSONFile) throws(EngineError) {
        let file = JSONFile(path: whole.path, members: whole.present("text_config")?.object ?? whole.members)
        vocabularySize = try file.size("vocab_size", default: 49408)
        width = try file.size("hidden_size", default: 512)
        feedForwardWidth = try file.size("intermediate_size", default: 2048)
        layers = try file.size("num_hidden_layers", default: 12)
        heads = try file.size("num_attention_heads", default: 8)
        positions = try file.size("max_position_embeddings", default: 77)
        activation = try file.choice("hidden_act", default: .quickGELU)
        normEpsilon = Float(try file.finite("layer_norm_eps", default: 1e-5))
        guard width.isMultiple(of: heads) else {
            throw file.fault("num_attention_heads", "the width \(width) is not a multiple of it")
        }
        guard normEpsilon > 0 else { throw file.fault("layer_norm_eps", "it must be positive") }
    }
}
