// What `scheduler/scheduler_config.json` says: the noise schedule that the model was trained on, and the sampler that
// it is meant to be run with.
//
// The keys that every scheduler class of diffusers shares are read here, with the defaults that all of them share. The
// keys of one class alone are read by that sampler, from `file`: as diffusers' `from_config` does, a sampler takes the
// keys it knows from any scheduler's file, its own defaults for those that are absent, and ignores the rest.

/// How the network's output is to be understood.
public enum PredictionType: String, CaseIterable, Sendable {
    /// The noise ε.
    case epsilon
    /// The velocity v = √ᾱ ε − √(1−ᾱ) x₀ (Salimans and Ho, arXiv 2202.00512).
    case velocity = "v_prediction"
    /// The clean latent x₀.
    case sample
}

/// Where the inference timesteps lie among the training timesteps (arXiv 2305.08891, table 2).
public enum TimestepSpacing: String, CaseIterable, Sendable {
    case linspace, leading, trailing
}

/// A scheduler's configuration.
public struct SchedulerConfiguration: Equatable, Sendable {
    public enum BetaSchedule: String, CaseIterable, Sendable {
        case linear
        case scaledLinear = "scaled_linear"
        case squaredCosine = "squaredcos_cap_v2"
    }

    /// The sampler that the file's class names.
    public var kind: SamplerKind
    public var trainingTimesteps: Int
    public var betaStart: Double
    public var betaEnd: Double
    public var betaSchedule: BetaSchedule
    /// Betas given one by one, instead of a schedule.
    public var trainedBetas: [Double]?
    public var predictionType: PredictionType
    /// Absent where each class has a default of its own.
    public var timestepSpacing: TimestepSpacing?
    public var stepsOffset: Int
    /// Whether the last training step is to be pure noise (arXiv 2305.08891). `PNDMScheduler` does not know it.
    public var rescalesToZeroSNR: Bool
    /// The whole file, for the keys that single samplers read.
    package let file: JSONFile

    /// Reads `scheduler_config.json` at `path`.
    ///
    /// - Parameter className: the scheduler class that `model_index.json` names; where it differs from the file's own
    ///   `_class_name`, it counts, as in diffusers.
    /// - Throws: `EngineError.configuration` naming file, key and value.
    public init(contentsOf path: String, className: String? = nil) throws(EngineError) {
        let file = try JSONFile(contentsOf: path)
        var members = file.members
        if let className { members["_class_name"] = .string(className) }
        try self.init(JSONFile(path: path, members: members))
    }

    package init(_ file: JSONFile) throws(EngineError) {
        self.file = file
        kind = try Self.kind(file)
        let betas = try Self.trainedBetas(file)
        trainedBetas = betas
        if let betas {
            trainingTimesteps = betas.count
        } else {
            trainingTimesteps = try file.size("num_train_timesteps", default: 1000)
        }
        guard (2...Limits.trainingTimesteps).contains(trainingTimesteps) else {
            throw file.fault("num_train_timesteps", "2 to \(Limits.trainingTimesteps) are expected")
        }
        betaStart = try Self.beta(file, "beta_start", default: 0.0001)
        betaEnd = try Self.beta(file, "beta_end", default: 0.02)
        betaSchedule = try file.choice("beta_schedule", default: .linear)
        // Euler's class accepts an older name of `sample`.
        let isOldName = file.present("prediction_type")?.string == "original_sample"
        predictionType = isOldName ? .sample : try file.choice("prediction_type", default: .epsilon)
        timestepSpacing =
            file.present("timestep_spacing") == nil ? nil : try file.choice("timestep_spacing", default: .leading)
        stepsOffset = file.present("steps_offset")?.integer ?? 0
        guard (0..<trainingTimesteps).contains(stepsOffset) else {
            throw file.fault("steps_offset", "0 to \(trainingTimesteps - 1) is expected")
        }
        rescalesToZeroSNR = try file.flag("rescale_betas_zero_snr", default: false)
    }

    /// The same configuration with one key of the file replaced.
    func replacing(_ key: String, with value: JSONValue) throws(EngineError) -> SchedulerConfiguration {
        var members = file.members
        members[key] = value
        return try SchedulerConfiguration(JSONFile(path: file.path, members: members))
    }

    private static func kind(_ file: JSONFile) throws(EngineError) -> SamplerKind {
        switch file.present("_class_name")?.string {
        case "DDIMScheduler": return .ddim
        case "EulerDiscreteScheduler": return .euler
        case "EulerAncestralDiscreteScheduler": return .eulerAncestral
        case "PNDMScheduler": return .pndm
        case "DPMSolverMultistepScheduler":
            return try file.flag("use_karras_sigmas", default: false) ? .dpmpp2MKarras : .dpmpp2M
        default:
            throw file.fault(
                "_class_name",
                "not implemented; implemented: DDIMScheduler, EulerDiscreteScheduler, "
                    + "EulerAncestralDiscreteScheduler, DPMSolverMultistepScheduler, PNDMScheduler")
        }
    }

    private static func beta(_ file: JSONFile, _ key: String, default standard: Double) throws(EngineError) -> Double {
        let beta = try file.finite(key, default: standard)
        guard beta > 0, beta < 1 else { throw file.fault(key, "a number between 0 and 1 is expected") }
        return beta
    }

    private static func trainedBetas(_ file: JSONFile) throws(EngineError) -> [Double]? {
        guard let value = file.present("trained_betas") else { return nil }
        let betas = value.array?.compactMap(\.double) ?? []
        guard !betas.isEmpty, betas.count == value.array?.count, betas.allSatisfy({ $0 > 0 && $0 < 1 }) else {
            throw file.fault("trained_betas", "a list of numbers between 0 and 1 is expected")
        }
        return betas
    }
}
