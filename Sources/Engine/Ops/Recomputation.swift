// Memory for time: a part of the network keeps nothing but its inputs for the gradient, and is computed once more when its
// adjoint runs.

extension Pass {
    /// What `body` makes of `inputs`, on the tape as one op.
    package func recomputed(_ inputs: [Tensor], _ body: @escaping (Pass, [Tensor]) -> Tensor) -> Tensor {
        guard tape != nil, inputs.contains(where: { $0.node != nil }) else { return body(self, inputs) }
        let y = body(taped(nil), inputs.map(\.detached))
        return recorded(y, from: inputs) { dy, gradients in
            let tape = Tape()
            let again = inputs.map { $0.node == nil ? $0 : tape.watch($0.detached) }
            let output = body(taped(tape), again)
            let tracked = inputs.indices.filter { again[$0].node != nil }
            let shares = tape.gradients(of: output, seed: dy, withRespectTo: tracked.map { again[$0] })
            for (index, share) in zip(tracked, shares) { gradients.add(share, to: inputs[index]) }
        }
    }
}
