// One pass through a model: the kernels it uses, the memory of its tensors, the tape it records on (if any) and who
// watches its activations.
// The ops are extensions of `Pass`, one file each, every adjoint beside its forward.
package import CKernels
import COpenBLAS
import Dispatch
import Synchronization

/// What an op needs besides its tensors.
package struct Pass {
    let kernels: limner_kernels
    /// Whether those are the best this CPU has.
    let usesBestKernels: Bool
    package let options: EngineOptions
    package let tape: Tape?
    /// Where the tensors of this pass live; kept from pass to pass of one run.
    let memory: RunMemory?
    /// What the passes of a run share besides: they all have the same instruction. nil where they have not.
    let memo: RunMemo?
    /// The part that this pass computes for the first or second time; nil where nothing is computed twice.
    let recomputation: Recomputation?
    /// Called with a module's diffusers name and its output, for tests and inspection.
    let observe: ((_ name: String, _ activation: Tensor) -> Void)?

    /// - Parameters:
    ///   - options: of the model whose weights are used.
    ///   - tape: records the pass for a gradient; nil records nothing.
    ///   - memory: of the run; nil takes it from the system.
    ///   - memo: of a run whose passes have one instruction.
    ///   - kernels: a table of CKernels; nil takes the best this CPU has.
    ///   - observe: sees every named module's output.
    package init(
        _ options: EngineOptions = EngineOptions(), tape: Tape? = nil, memory: RunMemory? = nil, memo: RunMemo? = nil,
        kernels: UnsafePointer<limner_kernels>? = nil, observe: ((String, Tensor) -> Void)? = nil
    ) {
        self.init(options, tape, memory, memo, nil, kernels, observe)
    }

    private init(
        _ options: EngineOptions, _ tape: Tape?, _ memory: RunMemory?, _ memo: RunMemo?,
        _ recomputation: Recomputation?, _ kernels: UnsafePointer<limner_kernels>?,
        _ observe: ((String, Tensor) -> Void)?
    ) {
        self.options = options
        self.recomputation = recomputation
        self.tape = tape
        self.memory = memory
        self.memo = memo
        let best = limner_kernels_best()!
        self.kernels = (kernels ?? best).pointee
        usesBestKernels = kernels == nil || kernels == best
        self.observe = observe
        openblas_set_num_threads(1)  // ops share the work out themselves, in chunks
        if let tape {
            let untaped = taped(nil)
            tape.adds { untaped.add($0, $1) }
        }
    }

    /// A tensor of this run whose values are not set yet.
    func tensor(_ shape: [Int], _ element: Precision = .f32) -> Tensor {
        Tensor(uninitialized: shape, element, arena: memory?.arena)
    }

    /// Room for `count` values during `body`, from the memory of the run.
    func withScratch<Value: BitwiseCopyable>(
        of type: Value.Type, _ count: Int, _ body: (UnsafeMutablePointer<Value>) -> Void
    ) {
        let scratch = tensor([(count * MemoryLayout<Value>.stride + 3) / 4])
        withExtendedLifetime(scratch) {
            body(scratch.memory.bindMemory(to: type, capacity: max(count, 1)))
        }
    }

    /// What the inputs of products are held in.
    package var precision: Precision { options.precision }

    /// `y`, on the tape when one of the inputs is tracked.
    func recorded(_ y: Tensor, from inputs: Tensor?..., adjoint: @escaping Tape.Adjoint) -> Tensor {
        recorded(y, from: inputs.compactMap { $0 }, adjoint: adjoint)
    }

    /// The same pass, recording elsewhere or nowhere.
    func taped(_ tape: Tape?, _ recomputation: Recomputation? = nil) -> Pass {
        withUnsafePointer(to: kernels) {
            Pass(options, tape, memory, nil, recomputation, usesBestKernels ? nil : $0, nil)
        }
    }

    /// `y`, on the tape when one of the inputs is tracked.
    func recorded(_ y: Tensor, from inputs: [Tensor], adjoint: @escaping Tape.Adjoint) -> Tensor {
        guard let tape, inputs.contains(where: { $0.node != nil }) else { return y }
        guard let times = options.times, let kind = times.current else { return tape.record(y, adjoint: adjoint) }
        return tape.record(y) { dy, gradients in
            times.begin(kind)
            defer { times.end() }
            adjoint(dy, &gradients)
        }
    }

    /// Begins the time of an op of this kind; its first line is `let times = timing(kind); defer { times?.end() }`.
    func timing(_ kind: OpKind) -> OpTimes? {
        options.times?.begin(kind)
        return options.times
    }

    /// `activation`, shown to the observer under `name`.
    func named(_ name: String, _ activation: Tensor) -> Tensor {
        observe?(name, activation)
        return activation
    }

    /// Runs `body` over 0..<count in chunks of at most `grain`, each chunk once: every thread takes the next one that is
    /// left, so a core that is busy elsewhere takes fewer.
    func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
        let grain = max(grain, 1)
        let chunks = (count + grain - 1) / grain
        guard chunks > 1 else { return count > 0 ? body(0..<count) : () }
        let run = { (chunk: Int) in body(chunk * grain..<min((chunk + 1) * grain, count)) }
        if options.team.perform(chunks, threads: min(options.threads, chunks), run) { return }
        withoutActuallyEscaping(run) { run in
            let work = Chunks(run: run)
            let next = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: min(options.threads, chunks)) { _ in
                while true {
                    let chunk = next.add(1, ordering: .relaxed).oldValue
                    guard chunk < chunks else { return }
                    work.run(chunk)
                }
            }
        }
    }

    /// A chunk size that gives each core several chunks, of at least `smallest`.
    func grain(_ count: Int, smallest: Int) -> Int { max(smallest, (count + Self.chunks - 1) / Self.chunks) }

    private static let chunks = 16

    /// Elementwise work in pieces of this many values: large against a dispatch, small against a core's cache.
    static let elementwiseGrain = 1 << 15
}

/// Lets a chunk body cross to Dispatch's threads: chunks write disjoint ranges.
private struct Chunks: @unchecked Sendable {
    let run: (Int) -> Void
}
