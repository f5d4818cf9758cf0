// What a model folder holds, from its configurations and headers alone: no weight is read, so a folder of many
// gigabytes is described in a moment.

/// A model folder described.
public struct ModelInformation: Sendable, Equatable {
    /// One network of the model.
    public struct Component: Sendable, Equatable {
        public let name: String
        /// diffusers' or transformers' class.
        public let className: String
        public let parameters: Int
        /// The stored types, such as F16.
        public let elementTypes: [String]
    }

    public let components: [Component]
    public let samplerName: String
    public let predictionType: String
    /// Pixels per latent.
    public let stride: Int
    /// Token positions and width of an instruction.
    public let instructionShape: [Int]
    public let defaults: ModelDefaults

    /// Describes the model in `folder`.
    public init(folder: String) throws(EngineError) {
        let files = try ModelFiles(folder: folder)
        let (autoencoder, text) = try (files.autoencoder(), files.textEncoder())
        let parts: [(ModelPart, String)] = try [
            (.unet(files.unet()), "unet"), (.autoencoder(autoencoder), "vae"), (.textEncoder, "text_encoder"),
        ]
        var components = try parts.map { part, name throws(EngineError) in
            try Component(name, files.index.classes[name] ?? "", files.weights(part))
        }
        if let weights = try files.instructionEncoderWeights() {
            components.append(Component("instruction_encoder", InstructionEncoderConfiguration.className, weights))
        }
        self.components = components
        let scheduler = try files.scheduler()
        samplerName = scheduler.kind.rawValue
        predictionType = scheduler.predictionType.rawValue
        stride = autoencoder.stride
        instructionShape = [text.positions, text.width]
        defaults = try ModelDefaults(folder: folder)
    }
}

extension ModelInformation.Component {
    init(_ name: String, _ className: String, _ weights: Weights) {
        self.init(
            name: name, className: className, parameters: weights.parameterCount,
            elementTypes: weights.elementTypes.sorted())
    }
}
