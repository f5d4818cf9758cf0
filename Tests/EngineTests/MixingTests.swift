// Instructions made of others, value by value.
import LimnerEngine
import Testing

@Suite("Instructions made of others")
struct MixingTests {
    /// Five rows of two, row r being (10·r + base, −(10·r + base)).
    private func instruction(_ base: Float, words: Int) -> Instruction {
        let values = (0..<5).flatMap { row in [10 * Float(row) + base, -10 * Float(row) - base] }
        return Instruction(rows: Tensor(values, shape: [5, 2]), wordCount: words)
    }

    private func firstColumn(_ instruction: Instruction) -> [Float] {
        stride(from: 0, to: 10, by: 2).map { instruction.rows.values[$0] }
    }

    @Test("a mix is the weighted sum of the rows")
    func mixes() throws {
        let mix = try Instruction.mixed([(instruction(1, words: 1), 0.75), (instruction(5, words: 3), 0.25)])
        #expect(firstColumn(mix) == [2, 12, 22, 32, 42] && mix.wordCount == 3)
        #expect(mix.rows.values[1] == -2)
    }

    @Test("an instruction mixed with nothing is itself")
    func mixesOne() throws {
        let one = instruction(3, words: 2)
        #expect(try Instruction.mixed([(one, 1)]).rows.values == one.rows.values)
    }

    @Test("instructions of different shapes are refused")
    func refusesShapes() {
        let other = Instruction(rows: Tensor([1, 2], shape: [1, 2]), wordCount: 0)
        #expect(throws: EngineError.self) { try Instruction.mixed([(instruction(1, words: 1), 0.5), (other, 0.5)]) }
    }

    @Test("a sentence's words stand behind the instruction's own, before its end")
    func follows() throws {
        let both = try instruction(1, words: 2).followed(by: instruction(5, words: 1))
        // begin, two own words, one word of the sentence, the own end
        #expect(firstColumn(both) == [1, 11, 21, 15, 31] && both.wordCount == 3)
    }

    @Test("a sentence without words changes nothing")
    func followsNothing() throws {
        let own = instruction(1, words: 2)
        #expect(try own.followed(by: instruction(5, words: 0)).rows.values == own.rows.values)
    }

    @Test("a sentence that does not fit is refused")
    func refusesLength() {
        #expect(throws: EngineError.self) { try instruction(1, words: 2).followed(by: instruction(5, words: 2)) }
    }
}
