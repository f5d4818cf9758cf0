// Every limit of the engine, once: what files may claim and what callers may ask for.

/// The ranges the engine accepts.
public enum Limits {
    // Files.

    /// Bytes of a safetensors header, as the format's own library has it.
    package static let safetensorsHeaderBytes = 100_000_000
    /// Axes of one tensor.
    package static let tensorRank = 8
    /// Files one component's weights may be split into.
    package static let shards = 1000
    /// Bytes of a JSON file.
    package static let jsonFileBytes = 64 << 20
    /// Nesting of JSON.
    package static let jsonDepth = 64
    /// Any count or size in a configuration.
    package static let configurationNumber = 1 << 24
    /// Blocks of a network.
    package static let blocks = 16

    /// Training timesteps of a noise schedule.
    package static let trainingTimesteps = 100_000
    /// Ids that a prompt is padded or cut to.
    package static let promptTokens = 4096

    // Settings.

    /// Steps of gradient descent for one style.
    public static let maximumTuningSteps = 20_000
    /// (timestep, noise) pairs in one tuning step.
    public static let maximumTuningBatch = 16
    /// (timestep, noise) pairs of one tuning run, and of its probe.
    public static let maximumTuningSamples = 1000
}
