// What this machine can do at most, timed: multiply-adds in F32 and in BF16, and reading memory. A measured speed says
// little until it is a share of these.
import CKernels
import Dispatch

/// The measured limits of this machine with some threads at once.
public struct MachinePeak: Sendable, Equatable {
    public let threads: Int
    /// F32 multiply-adds, 10⁹ operations per second.
    public let gigaflopsF32: Double
    /// BF16 products summed in F32, 10⁹ operations per second; nil where this CPU has no instruction for them.
    public let gigaflopsBF16: Double?
    /// Reading memory that no cache holds, 10⁹ bytes per second.
    public let gigabytesRead: Double

    /// The widest instructions that are timed: plain, avx2, avx512 or avx512bf16.
    public static var instructions: String { String(cString: limner_peak_best().pointee.name) }

    /// Times every limit with `threads` threads; the best of a few runs each, about a second in all.
    public static func measure(threads: Int) -> MachinePeak {
        let loops = limner_peak_best().pointee
        let (multiplyAdd, read) = (loops.f32!, loops.read!)
        let f32 = best(threads, operations: loops.f32_operations) { _ = multiplyAdd($0, 0.999, 1e-3) }
        let bf16 = loops.bf16.map { bf16 in best(threads, operations: loops.bf16_operations) { _ = bf16($0, 0.5) } }
        let memory = Tensor(repeating: 1, shape: [threads, valuesRead])
        let reading = fastest(threads) { _ = read(memory.pointer + $0 * valuesRead, valuesRead) }
        let bytes = Double(memory.count * MemoryLayout<Float>.stride)
        return MachinePeak(
            threads: threads, gigaflopsF32: f32, gigaflopsBF16: bf16, gigabytesRead: bytes / reading / 1e9)
    }

    private static let runs = 5
    /// Operations of one thread in one run: some 50 ms at 100 GFLOP/s.
    private static let operationsPerRun = 5_000_000_000
    /// F32 values that each thread reads: 128 MiB, several times the largest cache.
    private static let valuesRead = 32 << 20

    private static func best(_ threads: Int, operations: Int, _ loop: @Sendable (_ rounds: Int) -> Void) -> Double {
        let rounds = operationsPerRun / operations
        return Double(threads * rounds * operations) / fastest(threads) { _ in loop(rounds) } / 1e9
    }

    /// Seconds of the fastest of some runs of `body` on each of `threads` threads at once.
    private static func fastest(_ threads: Int, _ body: @Sendable (_ thread: Int) -> Void) -> Double {
        let clock = ContinuousClock()
        return (0..<runs).map { _ in
            clock.measure { DispatchQueue.concurrentPerform(iterations: threads, execute: body) } / .seconds(1)
        }.min()!
    }
}
