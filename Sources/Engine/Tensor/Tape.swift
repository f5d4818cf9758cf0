// Reverse mode: while a pass runs, each op whose input is tracked leaves its adjoint here; `gradients` then runs them
// backwards. Weights are frozen, so only activations have gradients, and ops below the first tracked value record
// nothing. With no tape a pass records nothing at all: the model is written once.

/// The record of one forward pass.
package final class Tape {
    /// Takes the gradient of an op's output and adds its share to the op's inputs.
    typealias Adjoint = (_ dy: Tensor, _ gradients: inout Gradients) -> Void

    private var records: [(output: Int, adjoint: Adjoint)] = []
    private var nodes = 0
    /// Adds two gradients of one value.
    private var sum: (Tensor, Tensor) -> Tensor = { _, _ in preconditionFailure("a tape is used by a pass") }

    package init() {}

    /// Lets gradients be added by `sum`, in the memory and with the threads of the pass that records.
    func adds(by sum: @escaping (Tensor, Tensor) -> Tensor) { self.sum = sum }

    /// `tensor` as a value whose gradient is wanted.
    package func watch(_ tensor: Tensor) -> Tensor {
        var watched = tensor
        watched.node = nodes
        nodes += 1
        return watched
    }

    func record(_ output: Tensor, adjoint: @escaping Adjoint) -> Tensor {
        let tracked = watch(output)
        records.append((nodes - 1, adjoint))
        return tracked
    }

    /// The gradient of `output` · `seed` with respect to `input`, which was watched. Uses the tape up: each record is
    /// freed once it has run.
    package func gradient(of output: Tensor, seed: Tensor, withRespectTo input: Tensor) -> Tensor {
        gradients(of: output, seed: seed, withRespectTo: [input])[0]
    }

    /// The gradients with respect to several inputs.
    func gradients(of output: Tensor, seed: Tensor, withRespectTo inputs: [Tensor]) -> [Tensor] {
        let targets = inputs.map { input in
            guard let node = input.node else { preconditionFailure("the input is not watched by a tape") }
            return node
        }
        var gradients = Gradients(sum: sum)
        gradients.add(seed, to: output)
        while let record = records.popLast() {
            guard let dy = gradients.take(record.output) else { continue }
            record.adjoint(dy, &gradients)
        }
        return zip(targets, inputs).map { gradients.take($0) ?? Tensor(repeating: 0, shape: $1.shape) }
    }
}

/// Where a value stands on a tape, and its shape: all that most adjoints need of an input, so that its memory is free.
struct TapePlace {
    let node: Int?
    let shape: [Int]
}

extension Tensor {
    var place: TapePlace { TapePlace(node: node, shape: shape) }
}

/// The gradients gathered so far, by node.
struct Gradients {
    private var byNode: [Int: Tensor] = [:]
    private let sum: (Tensor, Tensor) -> Tensor

    init(sum: @escaping (Tensor, Tensor) -> Tensor) { self.sum = sum }

    /// Adds `dx` to what `x` has gathered; nothing when `x` is not tracked.
    mutating func add(_ dx: @autoclosure () -> Tensor, to x: Tensor) { add(dx(), to: x.place) }

    /// The same for an input whose values the adjoint does not need.
    mutating func add(_ dx: @autoclosure () -> Tensor, to place: TapePlace?) {
        guard let node = place?.node else { return }
        let share = dx().detached
        byNode[node] = byNode[node].map { sum($0, share) } ?? share
    }

    mutating func take(_ node: Int) -> Tensor? { byNode.removeValue(forKey: node) }
}
