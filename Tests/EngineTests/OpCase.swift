// What the op tests share: every kernel set this CPU can run, reproducible inputs, and the comparison of an adjoint
// with a central difference.
import CKernels
import Testing

import LimnerEngine

/// A kernel set by name, so that a failing test says which.
struct KernelSet: CustomTestStringConvertible, Sendable {
    let index: Int

    var testDescription: String { String(cString: limner_kernels_at(index)!.pointee.name) }

    func pass(_ tape: Tape? = nil) -> Pass { Pass(tape: tape, kernels: limner_kernels_at(index)) }

    /// Those this CPU can run; the plain one always.
    static let all = (0..<limner_kernels_count()).filter { limner_kernels_at($0) != nil }.map(KernelSet.init)
}

/// Normal draws, the same in every run.
func random(_ shape: [Int], seed: UInt64, scale: Float = 1) -> Tensor {
    var generator = GaussianNoise(seed: seed)
    let tensor = generator.tensor(shape)
    return Tensor(tensor.values.map { $0 * scale }, shape: shape)
}

func dot(_ a: Tensor, _ b: Tensor) -> Double {
    zip(a.values, b.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

/// Compares the tape's gradient of Σ y·seed along a random direction with a central difference, for each input.
///
/// - Parameters:
///   - step: of the difference; its error is of order step², F32's rounding of order 1e-7/step.
///   - tolerance: relative to the size of gradient and direction.
func expectAdjoint(
    of inputs: [Tensor], kernels: KernelSet, step: Float = 1e-2, tolerance: Double = 2e-3,
    sourceLocation: SourceLocation = #_sourceLocation, _ op: (Pass, [Tensor]) -> Tensor
) {
    let seed = random(op(kernels.pass(), inputs).shape, seed: 99)
    for index in inputs.indices {
        let tape = Tape()
        var watched = inputs
        watched[index] = tape.watch(inputs[index])
        let y = op(kernels.pass(tape), watched)
        let gradient = tape.gradient(of: y, seed: seed, withRespectTo: watched[index])
        let direction = random(inputs[index].shape, seed: 100 + UInt64(index))
        let moved = [step, -step].map { amount in
            var inputs = inputs
            let values = zip(inputs[index].values, direction.values).map { $0 + amount * $1 }
            inputs[index] = Tensor(values, shape: direction.shape)
            return dot(op(kernels.pass(), inputs), seed)
        }
        let difference = (moved[0] - moved[1]) / (2 * Double(step))
        let size = (dot(gradient, gradient) * dot(direction, direction) / Double(direction.count)).squareRoot()
        #expect(size > 0, "no gradient reached input \(index)", sourceLocation: sourceLocation)
        #expect(
            abs(dot(gradient, direction) - difference) <= tolerance * size, "input \(index)",
            sourceLocation: sourceLocation)
    }
}

/// Compares with values computed by a plain loop, relative to the largest.
func expectEqual(
    _ a: [Float], _ b: [Double], tolerance: Double = 1e-5, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(a.count == b.count, sourceLocation: sourceLocation)
    let largest = b.reduce(1e-30) { max($0, abs($1)) }
    let error = zip(a, b).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    #expect(error <= tolerance * largest, sourceLocation: sourceLocation)
}
