// The memory of a run: what is given back is handed out again, lowest first, and spans that touch become one.
import Testing

import LimnerEngine

@Suite("The arena of a run")
struct ArenaTests {
    private func pass(_ arena: Arena) -> Pass { Pass(memory: RunMemory(arena)) }

    @Test("a loop holds what one of its steps does")
    func loop() {
        let arena = Arena()
        let x = random([64, 64], seed: 1)
        var marks: [Int] = []
        for _ in 0..<5 {
            _ = pass(arena).add(pass(arena).silu(x), pass(arena).scale(x, by: 2))
            marks.append(arena.highWater)
        }
        #expect(marks[0] >= 3 * 64 * 64 * 4)
        #expect(marks.allSatisfy { $0 == marks[0] })
    }

    @Test("neighbours that are free serve a larger tensor")
    func merging() {
        let arena = Arena()
        let x = random([32, 32], seed: 2)
        do {
            let parts = (0..<4).map { pass(arena).scale(x, by: Float($0)) }
            #expect(parts[3].values[0] == 3 * x.values[0])
        }
        let mark = arena.highWater
        let joined = pass(arena).concatenate(random([32, 64], seed: 3), random([32, 64], seed: 4))
        #expect(joined.count == 4 * x.count)
        #expect(arena.highWater == mark)
    }

    @Test("tensors outlive their arena's last pass")
    func outliving() {
        let y = Pass(memory: RunMemory()).scale(random([8], seed: 5), by: 1)
        #expect(y.values == random([8], seed: 5).values)
    }

    @Test("a run finds the memory of the run before it, and leaves alone what that run has handed out")
    func lending() {
        let pool = ArenaPool(keeps: true)
        var (kept, first): (Tensor?, ObjectIdentifier?)
        do {
            let memory = RunMemory(from: pool)
            kept = Pass(memory: memory).scale(random([16, 16], seed: 6), by: 2)
            first = ObjectIdentifier(memory.arena)
        }
        let (second, third) = (RunMemory(from: pool), RunMemory(from: pool))
        #expect(ObjectIdentifier(second.arena) == first)
        #expect(ObjectIdentifier(third.arena) != first)
        _ = Pass(memory: second).scale(random([64, 64], seed: 7), by: 3)
        #expect(kept?.values == random([16, 16], seed: 6, scale: 2).values)
    }
}
