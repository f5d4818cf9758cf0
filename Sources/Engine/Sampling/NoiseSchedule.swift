// How much noise each training timestep holds: β_t, and ᾱ_t = Π (1 − β_s).
//
// Follows the constructors of diffusers' schedulers, in the same precision: betas in Float, products accumulated in
// Double and rounded to Float, as torch's `cumprod` does on a CPU.

import Foundation

/// The noise levels of a model's training timesteps.
public struct NoiseSchedule: Equatable, Sendable {
    /// β_t, one per training timestep.
    public let betas: [Float]
    /// ᾱ_t, one per training timestep, falling from almost 1.
    public let alphasCumprod: [Float]
    /// Whether the betas were rescaled so that the last ᾱ is 0.
    public let endsInPureNoise: Bool

    /// The schedule that `configuration` describes, rescaled to zero terminal SNR when it says so and its class can.
    public init(_ configuration: SchedulerConfiguration) {
        self.init(configuration, rescaling: configuration.kind != .pndm && configuration.rescalesToZeroSNR)
    }

    init(_ configuration: SchedulerConfiguration, rescaling: Bool) {
        let betas = Self.betas(configuration)
        self.betas = rescaling ? Self.rescaled(betas) : betas
        alphasCumprod = Self.cumulativeProduct(self.betas.map { 1 - $0 })
        endsInPureNoise = rescaling
    }

    /// σ_t = √((1 − ᾱ_t) / ᾱ_t). Where the last ᾱ is 0, the schedulers that work with σ take 2⁻²⁴ for it.
    ///
    /// That last σ is 4095.99988, halfway between two Floats; torch rounds it up, and so does this: a step down from
    /// there subtracts numbers of that size, so that the choice is visible in the latents.
    var sigmas: [Float] {
        var sigmas = alphasCumprod.map { ((1 - $0) / $0).squareRoot() }
        if endsInPureNoise { sigmas[sigmas.count - 1] = 4096 }
        return sigmas
    }

    private static func betas(_ configuration: SchedulerConfiguration) -> [Float] {
        if let betas = configuration.trainedBetas { return betas.map(Float.init) }
        let (start, end, count) = (configuration.betaStart, configuration.betaEnd, configuration.trainingTimesteps)
        switch configuration.betaSchedule {
        case .linear: return evenlySpaced(Float(start), Float(end), count: count)
        case .scaledLinear:
            return evenlySpaced(Float(start.squareRoot()), Float(end.squareRoot()), count: count).map { $0 * $0 }
        case .squaredCosine: return squaredCosine(count: count)
        }
    }

    /// torch.linspace in Float: steps count from the nearer end.
    static func evenlySpaced(_ start: Float, _ end: Float, count: Int) -> [Float] {
        let step = (end - start) / Float(count - 1)
        return (0..<count).map { $0 < count / 2 ? start + step * Float($0) : end - step * Float(count - 1 - $0) }
    }

    /// `betas_for_alpha_bar`: 1 − ᾱ(t₂)/ᾱ(t₁), at most 0.999, for ᾱ(t) = cos²((t + 0.008) / 1.008 · π/2).
    private static func squaredCosine(count: Int) -> [Float] {
        func alphaBar(_ time: Double) -> Double {
            let cosine = cos((time + 0.008) / 1.008 * .pi / 2)
            return cosine * cosine
        }
        return (0..<count).map {
            Float(min(1 - alphaBar(Double($0 + 1) / Double(count)) / alphaBar(Double($0) / Double(count)), 0.999))
        }
    }

    private static func cumulativeProduct(_ factors: [Float]) -> [Float] {
        var product = 1.0
        return factors.map {
            product *= Double($0)
            return Float(product)
        }
    }

    /// Algorithm 1 of arXiv 2305.08891: √ᾱ shifted so that the last is 0 and scaled so that the first stays.
    private static func rescaled(_ betas: [Float]) -> [Float] {
        let roots = cumulativeProduct(betas.map { 1 - $0 }).map { $0.squareRoot() }
        let (first, last) = (roots[0], roots[roots.count - 1])
        let scale = first / (first - last)
        let alphas = roots.map { (($0 - last) * scale) * (($0 - last) * scale) }
        return alphas.indices.map { 1 - ($0 == 0 ? alphas[0] : alphas[$0] / alphas[$0 - 1]) }
    }
}
