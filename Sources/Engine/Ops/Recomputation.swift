// Memory for time: a part of the network keeps little but its inputs for the gradient, and is computed once more when its
// adjoint runs.

extension Pass {
    /// What `body` makes of `inputs`, on the tape as one op. The product that ends the body may be marked as its result
    /// (`ProductEnd.isResult`): its values are not made again.
    package func recomputed(_ inputs: [Tensor], _ body: @escaping (Pass, [Tensor]) -> Tensor) -> Tensor {
        guard tape != nil, inputs.contains(where: { $0.node != nil }) else { return body(self, inputs) }
        let recomputation = Recomputation()
        let y = body(taped(nil, recomputation), inputs.map(\.detached))
        // Kept as the inputs of products are held.
        let kept = inputs.map { precision == .bf16 ? narrowed($0.detached) : $0.detached }
        let (places, elements) = (inputs.map(\.place), inputs.map(\.element))
        return recorded(y, from: inputs) { dy, gradients in
            recomputation.isAgain = true
            let tape = Tape()
            let again = kept.indices.map { index in
                let input = elements[index] == .f32 ? widened(kept[index]) : kept[index]
                return places[index].node == nil ? input : tape.watch(input)
            }
            let output = body(taped(tape, recomputation), again)
            let tracked = places.indices.filter { places[$0].node != nil }
            let shares = tape.gradients(of: output, seed: dy, withRespectTo: tracked.map { again[$0] })
            for (index, share) in zip(tracked, shares) { gradients.add(share, to: places[index]) }
        }
    }
}

/// One part that is computed twice: how often so far, and what it keeps after all, being small against its arithmetic.
final class Recomputation {
    /// Whether this is the second time.
    fileprivate(set) var isAgain = false
    private var kept: [[Tensor]] = []

    /// What `make` gives: made and kept the first time, given back the second, when the same is asked for in the same order.
    func kept(_ make: () -> [Tensor]) -> [Tensor] {
        if isAgain { return kept.removeFirst() }
        kept.append(make())
        return kept[kept.count - 1]
    }
}
