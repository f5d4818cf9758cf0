// What a model folder says of how it likes to be used: an optional `limner.json` beside model_index.json, which
// diffusers ignores. A folder without it gets InstructPix2Pix's own defaults.
import Foundation

/// Defaults of one model; every one can be overridden by whoever asks.
public struct ModelDefaults: Sendable, Equatable, Codable {
    /// Denoising steps.
    public var steps = 20
    /// s_T, how strongly the instruction is followed.
    public var textGuidance: Float = 7.5
    /// s_I, how strongly the photo is kept.
    public var imageGuidance: Float = 1.5
    /// The long side of a picture in pixels.
    public var size = 512
    /// How this model is tuned.
    public var tuning = Tuning()

    /// Defaults of tuning, the recipe derived from VISII.
    public struct Tuning: Sendable, Equatable, Codable {
        /// Steps of gradient descent at most.
        public var steps = 200
        /// AdamW's learning rate.
        public var learningRate: Float = 1e-3
        /// What tuning walks down.
        public var objective = TuningObjective.prediction
        /// Whether every step's gradient is brought to length 1 (`TuningSettings.unitGradients`).
        public var unitGradients = false
        /// Rows that are tuned; nil takes those of the sentence.
        public var freeRows: Int?
        /// (timestep, noise) pairs looked at in one step.
        public var batch = 1
        /// (timestep, noise) pairs in all, gone through again and again; nil leaves that to the steps and the guidance.
        public var samples: Int?
        /// The sentence it starts from.
        public var text = "turn it into a pencil sketch"
        /// The earliest timestep looked at: a model drawn with in few steps is tuned where those steps are.
        public var firstTimestep = 0
        /// Whether a style brings the tones of what it draws to those of its example (`ToneCurves`).
        public var matchesTones = false

        public init() {}

        enum CodingKeys: String, CodingKey {
            case steps, batch, samples, text, objective
            case learningRate = "learning_rate"
            case unitGradients = "unit_gradients"
            case firstTimestep = "first_timestep"
            case freeRows = "free_rows"
            case matchesTones = "match_tones"
        }

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            steps = try values.decodeIfPresent(Int.self, forKey: .steps) ?? steps
            learningRate = try values.decodeIfPresent(Float.self, forKey: .learningRate) ?? learningRate
            objective = try values.decodeIfPresent(TuningObjective.self, forKey: .objective) ?? objective
            unitGradients = try values.decodeIfPresent(Bool.self, forKey: .unitGradients) ?? unitGradients
            freeRows = try values.decodeIfPresent(Int.self, forKey: .freeRows)
            batch = try values.decodeIfPresent(Int.self, forKey: .batch) ?? batch
            samples = try values.decodeIfPresent(Int.self, forKey: .samples)
            text = try values.decodeIfPresent(String.self, forKey: .text) ?? text
            firstTimestep = try values.decodeIfPresent(Int.self, forKey: .firstTimestep) ?? firstTimestep
            matchesTones = try values.decodeIfPresent(Bool.self, forKey: .matchesTones) ?? matchesTones
        }
    }

    public init() {}

    enum CodingKeys: String, CodingKey {
        case steps, size, tuning
        case textGuidance = "text_guidance"
        case imageGuidance = "image_guidance"
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        steps = try values.decodeIfPresent(Int.self, forKey: .steps) ?? steps
        textGuidance = try values.decodeIfPresent(Float.self, forKey: .textGuidance) ?? textGuidance
        imageGuidance = try values.decodeIfPresent(Float.self, forKey: .imageGuidance) ?? imageGuidance
        size = try values.decodeIfPresent(Int.self, forKey: .size) ?? size
        tuning = try values.decodeIfPresent(Tuning.self, forKey: .tuning) ?? tuning
    }

    /// Reads `limner.json` of a model folder, or gives the family's defaults when there is none.
    init(folder: String) throws(EngineError) {
        let path = folder + "/limner.json"
        guard FileManager.default.fileExists(atPath: path) else {
            self.init()
            return
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw .malformed(file: path, detail: "\(error)")
        }
    }
}
