// AdamW (Loshchilov and Hutter 2019, algorithm 2) as torch.optim.AdamW computes it.
import Glibc

/// The optimiser of the free rows, with its two moments.
package struct AdamW: Sendable, Equatable {
    package var learningRate: Float
    package var beta1: Float = 0.9
    package var beta2: Float = 0.999
    package var epsilon: Float = 1e-8
    package var weightDecay: Float = 1e-2
    package internal(set) var first: [Float]
    package internal(set) var second: [Float]
    package internal(set) var steps = 0

    /// - Parameter count: the number of values that are optimised.
    package init(count: Int, learningRate: Float) {
        self.learningRate = learningRate
        first = [Float](repeating: 0, count: count)
        second = first
    }

    /// One step: θ ← θ·(1 − lr·λ) − lr·m̂/(√v̂ + ε).
    package mutating func update(_ values: inout [Float], gradient: [Float]) {
        precondition(values.count == first.count && gradient.count == first.count, "AdamW was made for another count")
        steps += 1
        let correction1 = 1 - Float(pow(Double(beta1), Double(steps)))
        let correction2 = Float((1 - pow(Double(beta2), Double(steps))).squareRoot())
        for i in values.indices {
            first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
            second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] * gradient[i]
            let denominator = second[i].squareRoot() / correction2 + epsilon
            values[i] =
                values[i] * (1 - learningRate * weightDecay) - learningRate / correction1 * first[i] / denominator
        }
    }
}
