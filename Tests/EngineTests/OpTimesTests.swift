// Times by kind of op: ops inside others are charged once, adjoints to the op they belong to.

import LimnerEngine
import Testing

@Suite("Times of ops")
struct OpTimesTests {
    private let times = OpTimes()

    private func pass(_ tape: Tape? = nil) -> Pass {
        var options = EngineOptions()
        options.times = times
        return Pass(options, tape: tape)
    }

    @Test("an op inside another is charged to its own kind, and nothing twice")
    func nesting() {
        let clock = ContinuousClock()
        let whole = clock.measure {
            times.begin(.convolution)
            times.begin(.copy)
            #expect(times.current == .copy)
            times.end()
            #expect(times.current == .convolution)
            times.end()
        }
        #expect(times.current == nil)
        let seconds = times.take()
        #expect(Set(seconds.keys) == [.convolution, .copy])
        #expect(seconds.values.allSatisfy { $0 >= 0 } && seconds.values.reduce(0, +) <= whole / .seconds(1))
        #expect(times.take().isEmpty)
    }

    @Test("a pass tells the kinds of its ops, and its gradient those of their adjoints")
    func passes() {
        let tape = Tape()
        let x = tape.watch(Tensor([1, -2, 3, 0.5], shape: [2, 2]))
        let weight = Tensor([1, 2, 3, 4], shape: [2, 2])
        let y = pass(tape).linear(pass(tape).silu(x), weight: weight, bias: nil)
        #expect(Set(times.take().keys) == [.linear, .elementwise])
        _ = tape.gradient(of: y, seed: Tensor(repeating: 1, shape: [2, 2]), withRespectTo: x)
        #expect(Set(times.take().keys) == [.linear, .elementwise])
    }
}
