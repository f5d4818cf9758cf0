// What the engine multiplies in, and with how many threads: chosen once, when a model is loaded.
import Foundation

/// How numbers that are multiplied are held; sums are F32 in either.
public enum Precision: String, Sendable, Codable, CaseIterable {
    /// The reference.
    case f32
    /// bfloat16 weights and inputs of products; the rest, with every sum and every residual, stays F32.
    case bf16

    /// Bytes of one value.
    package var width: Int { self == .f32 ? 4 : 2 }
}

/// Kernels of products with packed weights; without them, F32 is left to OpenBLAS.
package enum PanelKernels: Sendable, Equatable {
    /// The best that this CPU has for the precision.
    case best
    /// Those of this name, if the CPU has them.
    case named(String)
    case none
}

/// How a model computes.
public struct EngineOptions: Sendable, Equatable {
    public var precision: Precision
    /// Threads that share an op's work, at least 1.
    public var threads: Int
    /// The kernels that weights are packed for.
    package var panels = PanelKernels.best
    /// Who shares that work with the thread that asks.
    package let team = ThreadTeam()
    /// Told where the time of this model's passes goes.
    package var times: OpTimes?

    /// - Parameter threads: nil takes one for each core.
    public init(precision: Precision = .f32, threads: Int? = nil) {
        self.precision = precision
        self.threads = max(threads ?? ProcessInfo.processInfo.activeProcessorCount, 1)
    }
}
