// What the model is told to do: the text tower's last hidden state, from a sentence or tuned by gradient descent.

/// The conditioning of one edit, [tokens, width]; any sentence or tuned style of one model has the same shape.
public struct Instruction: Sendable {
    /// [tokens, width].
    public let rows: Tensor
    /// How many rows lie strictly between the begin and end tokens of the sentence it started from.
    public let wordCount: Int

    public init(rows: Tensor, wordCount: Int) {
        precondition(rows.shape.count == 2, "an instruction is [tokens, width], not \(rows.shape)")
        self.rows = rows
        self.wordCount = wordCount
    }

    /// As a batch of one, [1, tokens, width].
    var batched: Tensor { rows.reshaped([1] + rows.shape) }
}
