// diffusers' TextTimeEmbedding: the whole instruction pooled into one row that joins the time embedding, so that it
// reaches every residual block. The pooling is one attention of a class token, the rows' mean, over itself and the rows.

/// `add_embedding` of a UNet with `addition_embed_type: "text"`.
struct InstructionPooling {
    private let norm1, norm2: LayerNormLayer
    private let query, key, value, projection: LinearLayer
    private let position: Tensor
    private let heads: Int

    init(_ reader: WeightReader, _ width: Int, _ outputs: Int, heads: Int) throws(EngineError) {
        norm1 = try LayerNormLayer(reader["norm1"], width)
        position = try reader["pool"].tensor("positional_embedding", [1, width])
        query = try LinearLayer(reader["pool.q_proj"], width, width)
        key = try LinearLayer(reader["pool.k_proj"], width, width)
        value = try LinearLayer(reader["pool.v_proj"], width, width)
        projection = try LinearLayer(reader["proj"], width, outputs)
        norm2 = try LayerNormLayer(reader["norm2"], outputs)
        self.heads = heads
    }

    /// instruction [batch, tokens, width] → [batch, outputs].
    func callAsFunction(_ instruction: Tensor, _ pass: Pass) -> Tensor {
        let rows = pass.prependMean(norm1(instruction, pass), plus: position)
        let token = pass.firstRow(rows).reshaped([rows.shape[0], 1, rows.width])
        let seen = pass.attention(query(token, pass), key(rows, pass), value(rows, pass), heads: heads)
        return norm2(projection(seen.reshaped([rows.shape[0], rows.width]), pass), pass)
    }
}
