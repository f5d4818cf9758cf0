// What a sampler is, which there are, and how one is made from a model's scheduler configuration.
//
// A sampler is pure arithmetic on latents: it draws no random numbers and knows no network. The loop around it scales
// the latents, asks the network for a prediction, and steps, once per timestep and in order.

/// A way from noise to a picture's latent.
public protocol Sampler: Sendable {
    /// What the network is told at each call; one per call. May be fractional.
    var timesteps: [Float] { get }
    /// What unit noise is multiplied by before the first step.
    var initialSigma: Float { get }
    /// Whether `step` wants fresh unit noise each time.
    var needsNoise: Bool { get }
    /// The latents as the network wants to see them at the timestep of that index.
    func scaled(_ latents: [Float], at index: Int) -> [Float]
    /// The latents of the next timestep. Called with index 0, 1, 2, …: samplers with memory rely on the order.
    ///
    /// - Parameter noise: unit noise of the latents' size; needed when `needsNoise`, ignored otherwise.
    mutating func step(_ prediction: [Float], at index: Int, latents: [Float], noise: [Float]?) -> [Float]
    /// The clean latent that a prediction amounts to: for previews. Changes nothing.
    func predictedOriginal(_ prediction: [Float], at index: Int, latents: [Float]) -> [Float]
}

/// The samplers by the names of the command line.
public enum SamplerKind: String, CaseIterable, Sendable {
    case ddim
    case euler
    case eulerAncestral = "euler-ancestral"
    case dpmpp2M = "dpmpp-2m"
    case dpmpp2MKarras = "dpmpp-2m-karras"
    case pndm
}

/// Makes a sampler of `steps` steps.
///
/// - Parameters:
///   - kind: nil for the class that the configuration names; another kind takes from the configuration the keys it
///     knows, as diffusers' `Other.from_config(scheduler.config)` does. `.dpmpp2MKarras` sets `use_karras_sigmas`.
///   - steps: 1 … the configuration's training timesteps.
///   - eta: DDIM's share of fresh noise, 0 … 1; other samplers ignore it.
/// - Throws: `EngineError.setting` when `steps` or `eta` is out of range, `.configuration` when a key that the sampler
///   knows has a value that is not implemented.
public func makeSampler(
    _ configuration: SchedulerConfiguration, kind: SamplerKind?, steps: Int, eta: Float = 0
) throws(EngineError) -> any Sampler {
    guard (1...configuration.trainingTimesteps).contains(steps) else {
        throw EngineError.setting(
            name: "steps", detail: "\(steps) is not between 1 and \(configuration.trainingTimesteps)")
    }
    guard (0...1).contains(eta) else {
        throw EngineError.setting(name: "eta", detail: "\(eta) is not between 0 and 1")
    }
    switch kind ?? configuration.kind {
    case .ddim: return try DDIMSampler(configuration, steps: steps, eta: eta)
    case .euler: return try EulerSampler(configuration, steps: steps)
    case .eulerAncestral: return try EulerAncestralSampler(configuration, steps: steps)
    case .dpmpp2M: return try DPMSolverSampler(configuration, steps: steps)
    case .dpmpp2MKarras:
        let karras = try configuration.replacing("use_karras_sigmas", with: .bool(true))
        return try DPMSolverSampler(karras, steps: steps)
    case .pndm: return try PNDMSampler(configuration, steps: steps)
    }
}
