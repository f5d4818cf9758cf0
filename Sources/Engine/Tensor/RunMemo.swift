// What does not change from step to step of a run: keys and values of the instruction, which every cross-attention would
// otherwise compute anew from the same rows.
import Synchronization

/// Tensors that a run computes once, by who computes them.
package final class RunMemo: Sendable {
    private let kept = Mutex<[ObjectIdentifier: Tensor]>([:])

    package init() {}

    /// The tensor kept for `owner`, made by `make` the first time.
    func tensor(for owner: ObjectIdentifier, make: () -> Tensor) -> Tensor {
        if let tensor = kept.withLock({ $0[owner] }) { return tensor }
        let made = make()
        kept.withLock { $0[owner] = made }
        return made
    }
}
