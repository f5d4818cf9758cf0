// Instructions made of others: styles mixed row by row, and a sentence said after a tuned instruction, the hybrid of
// Nguyen et al., "Visual Instruction Inversion" (NeurIPS 2023), §3.4.

extension Instruction {
    /// The weighted sum of instructions of one shape, row by row.
    /// - Parameter parts: at least one; weights that sum to 1 keep the instructions' scale.
    public static func mixed(
        _ parts: [(instruction: Instruction, weight: Float)]
    ) throws(EngineError) -> Instruction {
        precondition(!parts.isEmpty, "a mix has parts")
        let shape = parts[0].instruction.rows.shape
        var sum = [Float](repeating: 0, count: parts[0].instruction.rows.count)
        for (instruction, weight) in parts {
            guard instruction.rows.shape == shape else {
                throw .setting(
                    name: "style", detail: "\(shape) and \(instruction.rows.shape) rows and columns cannot be mixed")
            }
            for (index, value) in instruction.rows.values.enumerated() { sum[index] += weight * value }
        }
        let words = parts.map(\.instruction.wordCount).max() ?? 0
        return Instruction(rows: Tensor(sum, shape: shape), wordCount: words)
    }

    /// This instruction with a sentence's words said after its own: begin token, own words, the sentence's words, and
    /// then this instruction's rows from its end token on, as many as there are positions left.
    public func followed(by sentence: Instruction) throws(EngineError) -> Instruction {
        precondition(sentence.rows.shape == rows.shape, "instructions of one model have one shape")
        let (positions, width) = (rows.shape[0], rows.shape[1])
        let (own, more) = (1 + wordCount, sentence.wordCount)
        guard own + more < positions else {
            throw .setting(
                name: "text",
                detail:
                    "\(more) tokens do not fit behind the style's \(wordCount) rows: between begin and end there is "
                    + "room for \(positions - 2) in all, so use a shorter sentence")
        }
        let (mine, said) = (rows.values, sentence.rows.values)
        let values =
            mine[..<(own * width)] + said[width..<((1 + more) * width)]
            + mine[(own * width)..<((positions - more) * width)]
        return Instruction(rows: Tensor(Array(values), shape: rows.shape), wordCount: wordCount + more)
    }
}
