// CLIP's text tower: token and position embeddings, causal transformer layers, a final layer norm. The engine uses its
// last hidden state; the instruction that is tuned is this output, so no gradient has to pass through here.

/// CLIPTextModel.
package struct TextEncoder {
    private let tokens: StoredRows
    private let positions: Tensor
    private let layers: [Layer]
    private let finalNorm: LayerNormLayer
    package let configuration: TextEncoderConfiguration

    package init(
        _ weights: Weights, _ configuration: TextEncoderConfiguration, _ options: EngineOptions = EngineOptions(),
        packed: PackedPart? = nil
    ) throws(EngineError) {
        let reader = WeightReader(weights, options, packed)
        let width = configuration.width
        tokens = try weights.rows("embeddings.token_embedding.weight", shape: [configuration.vocabularySize, width])
        positions = try reader["embeddings.position_embedding"].tensor(
            "weight", [configuration.positions, width])
        var layers: [Layer] = []
        for index in 0..<configuration.layers {
            layers.append(try Layer(reader["encoder.layers", index], configuration))
        }
        self.layers = layers
        finalNorm = try LayerNormLayer(reader["final_layer_norm"], width, epsilon: configuration.normEpsilon)
        self.configuration = configuration
        try weights.finish()
    }

    /// Token ids of one sentence → its last hidden state, [1, tokens, width].
    package func callAsFunction(_ ids: [Int32], _ pass: Pass) -> Tensor {
        let width = configuration.width
        var x = Tensor(uninitialized: [1, ids.count, width])
        for (position, id) in ids.enumerated() {
            let token = tokens[Int(id)]
            for channel in 0..<width {
                x.pointer[position * width + channel] = token[channel] + positions.pointer[position * width + channel]
            }
        }
        for layer in layers { x = layer(x, pass) }
        return finalNorm(x, pass)
    }

    private struct Layer {
        let norm1, norm2: LayerNormLayer
        let query, key, value, output, wide, narrow: LinearLayer
        let heads: Int
        let quick: Bool

        init(_ reader: WeightReader, _ configuration: TextEncoderConfiguration) throws(EngineError) {
            let width = configuration.width
            norm1 = try LayerNormLayer(reader["layer_norm1"], width, epsilon: configuration.normEpsilon)
            query = try LinearLayer(reader["self_attn.q_proj"], width, width)
            key = try LinearLayer(reader["self_attn.k_proj"], width, width)
            value = try LinearLayer(reader["self_attn.v_proj"], width, width)
            output = try LinearLayer(reader["self_attn.out_proj"], width, width)
            norm2 = try LayerNormLayer(reader["layer_norm2"], width, epsilon: configuration.normEpsilon)
            wide = try LinearLayer(reader["mlp.fc1"], width, configuration.feedForwardWidth)
            narrow = try LinearLayer(reader["mlp.fc2"], configuration.feedForwardWidth, width)
            heads = configuration.heads
            quick = configuration.activation == .quickGELU
        }

        func callAsFunction(_ x: Tensor, _ pass: Pass) -> Tensor {
            let held = pass.precision
            let n = norm1(x, pass, as: held)
            let seen = pass.attention(
                query(n, pass, as: held), key(n, pass, as: held), value(n, pass, as: held), heads: heads, causal: true)
            let h = output(seen, pass, adding: x)
            let inner = wide(norm2(h, pass, as: held), pass)
            return narrow(quick ? pass.quickGELU(inner) : pass.gelu(inner), pass, adding: h)
        }
    }
}
