// The names that weights have in a single-file checkpoint of the original (CompVis) code, turned into those of
// diffusers.
//
// There, one file holds the UNet (`model.diffusion_model.`), the autoencoder (`first_stage_model.`) and the text tower
// (`cond_stage_model.transformer.`), with blocks numbered straight through, so that the configuration is needed to tell
// which block a number means. Source: diffusers, loaders/single_file_utils.py.

/// A component of a model, with what is needed to find its weights in either layout.
package enum ModelPart: Sendable {
    case unet(UNetConfiguration)
    case autoencoder(AutoencoderConfiguration)
    case textEncoder

    /// The component's folder in the layout of diffusers.
    package var folder: String {
        switch self {
        case .unet: "unet"
        case .autoencoder: "vae"
        case .textEncoder: "text_encoder"
        }
    }

    /// What its weight files are called there, without extension.
    package var stem: String {
        if case .textEncoder = self { "model" } else { "diffusion_pytorch_model" }
    }

    /// What some checkpoints write before each of its keys.
    var optionalPrefix: String {
        if case .textEncoder = self { "text_model." } else { "" }
    }

    /// What each of its keys begins with in a single file.
    var singleFilePrefix: String {
        switch self {
        case .unet: "model.diffusion_model."
        case .autoencoder: "first_stage_model."
        case .textEncoder: "cond_stage_model.transformer."
        }
    }
}

/// The renaming of one component's keys.
struct CompVisKeys {
    private enum Module {
        case plain, unetResidual, autoencoderResidual, autoencoderAttention

        /// The names inside the module that differ.
        var names: [String: String] {
            switch self {
            case .plain: [:]
            case .unetResidual:
                [
                    "in_layers.0": "norm1", "in_layers.2": "conv1", "emb_layers.1": "time_emb_proj",
                    "out_layers.0": "norm2", "out_layers.3": "conv2", "skip_connection": "conv_shortcut",
                ]
            case .autoencoderResidual: ["nin_shortcut": "conv_shortcut"]
            case .autoencoderAttention:
                ["norm": "group_norm", "q": "to_q", "k": "to_k", "v": "to_v", "proj_out": "to_out.0"]
            }
        }
    }

    private var modules: [String: (name: String, module: Module)] = [:]
    private let part: ModelPart

    init(_ part: ModelPart) {
        self.part = part
        switch part {
        case .unet(let configuration): addUNet(configuration)
        case .autoencoder(let configuration): addAutoencoder(configuration)
        case .textEncoder: break
        }
    }

    /// The name that diffusers gives the weight `key` of a single file; nil when it belongs to another component. A key
    /// of this component that the configuration has no place for keeps its name, so that it is noticed as left over.
    func name(of key: String) -> String? {
        guard key.hasPrefix(part.singleFilePrefix) else { return nil }
        let inner = String(key.dropFirst(part.singleFilePrefix.count))
        if inner.hasPrefix(part.optionalPrefix), !part.optionalPrefix.isEmpty {
            return String(inner.dropFirst(part.optionalPrefix.count))
        }
        let words = inner.split(separator: ".").map(String.init)
        for count in stride(from: words.count - 1, to: 0, by: -1) {
            guard let (name, module) = modules[words[..<count].joined(separator: ".")] else { continue }
            let place = words[count..<(words.count - 1)].joined(separator: ".")
            return ([name, module.names[place] ?? place, words[words.count - 1]]).filter { !$0.isEmpty }
                .joined(separator: ".")
        }
        return inner
    }

    private mutating func add(_ old: String, _ new: String, _ module: Module = .plain) { modules[old] = (new, module) }

    private mutating func addUNet(_ configuration: UNetConfiguration) {
        add("time_embed.0", "time_embedding.linear_1")
        add("time_embed.2", "time_embedding.linear_2")
        add("input_blocks.0.0", "conv_in")
        add("out.0", "conv_norm_out")
        add("out.2", "conv_out")
        add("middle_block.0", "mid_block.resnets.0", .unetResidual)
        add("middle_block.1", "mid_block.attentions.0")
        add("middle_block.2", "mid_block.resnets.1", .unetResidual)
        let last = configuration.blockOutChannels.count - 1
        var number = 1
        for (block, type) in configuration.downBlockTypes.enumerated() {
            for layer in 0..<configuration.layersPerBlock[block] {
                add("input_blocks.\(number).0", "down_blocks.\(block).resnets.\(layer)", .unetResidual)
                if type == .crossAttention {
                    add("input_blocks.\(number).1", "down_blocks.\(block).attentions.\(layer)")
                }
                number += 1
            }
            guard block < last else { continue }
            add("input_blocks.\(number).0.op", "down_blocks.\(block).downsamplers.0.conv")
            number += 1
        }
        number = 0
        for (block, type) in configuration.upBlockTypes.enumerated() {
            let layers = configuration.layersPerBlock[last - block] + 1
            for layer in 0..<layers {
                add("output_blocks.\(number).0", "up_blocks.\(block).resnets.\(layer)", .unetResidual)
                if type == .crossAttention {
                    add("output_blocks.\(number).1", "up_blocks.\(block).attentions.\(layer)")
                }
                if layer == layers - 1, block < last {
                    let place = type == .crossAttention ? 2 : 1
                    add("output_blocks.\(number).\(place).conv", "up_blocks.\(block).upsamplers.0.conv")
                }
                number += 1
            }
        }
    }

    private mutating func addAutoencoder(_ configuration: AutoencoderConfiguration) {
        add("quant_conv", "quant_conv")
        add("post_quant_conv", "post_quant_conv")
        for half in ["encoder", "decoder"] {
            add("\(half).conv_in", "\(half).conv_in")
            add("\(half).conv_out", "\(half).conv_out")
            add("\(half).norm_out", "\(half).conv_norm_out")
            add("\(half).mid.block_1", "\(half).mid_block.resnets.0", .autoencoderResidual)
            add("\(half).mid.block_2", "\(half).mid_block.resnets.1", .autoencoderResidual)
            add("\(half).mid.attn_1", "\(half).mid_block.attentions.0", .autoencoderAttention)
        }
        let last = configuration.blockOutChannels.count - 1
        for block in 0...last {
            let (down, up) = ("encoder.down_blocks.\(block)", "decoder.up_blocks.\(block)")
            for layer in 0..<configuration.layersPerBlock {
                add("encoder.down.\(block).block.\(layer)", "\(down).resnets.\(layer)", .autoencoderResidual)
            }
            for layer in 0...configuration.layersPerBlock {
                add("decoder.up.\(last - block).block.\(layer)", "\(up).resnets.\(layer)", .autoencoderResidual)
            }
            add("encoder.down.\(block).downsample.conv", "\(down).downsamplers.0.conv")
            add("decoder.up.\(last - block).upsample.conv", "\(up).upsamplers.0.conv")
        }
    }
}
