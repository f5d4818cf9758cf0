// The spatial transformer of the UNet: self-attention over pixels, cross-attention to the instruction, a gated
// feed-forward layer. The instruction enters the model here and nowhere else.

/// Multi-head attention with its projections, as diffusers' `Attention`.
struct AttentionLayer {
    private let query, key, value, output: LinearLayer
    private let heads: Int

    /// - Parameter contextWidth: the width of what is attended to.
    init(_ reader: WeightReader, _ width: Int, contextWidth: Int, heads: Int) throws(EngineError) {
        query = try LinearLayer(reader["to_q"], width, width, bias: false)
        key = try LinearLayer(reader["to_k"], contextWidth, width, bias: false)
        value = try LinearLayer(reader["to_v"], contextWidth, width, bias: false)
        output = try LinearLayer(reader["to_out", 0], width, width)
        self.heads = heads
    }

    /// x [batch, n, width], context [batch, m, contextWidth]; `residual` is added to the result.
    /// - Parameter contextIsFixed: whether it is the same in all passes of a run.
    func callAsFunction(
        _ x: Tensor, context: Tensor, contextIsFixed: Bool = false, adding residual: Tensor, _ pass: Pass
    ) -> Tensor {
        let held = pass.precision
        let project = { (layer: LinearLayer) in
            let make = { layer(context, pass, as: held) }
            guard contextIsFixed, let memo = pass.memo, let owner = layer.weight.identity else { return make() }
            return memo.tensor(for: owner, make: make)
        }
        let seen = pass.attention(query(x, pass, as: held), project(key), project(value), heads: heads)
        return output(seen, pass, adding: residual)
    }
}

/// diffusers' `BasicTransformerBlock`.
struct TransformerBlock {
    private let norm1, norm2, norm3: LayerNormLayer
    private let selfAttention, crossAttention: AttentionLayer
    private let gate: GatedLayer
    private let output: LinearLayer
    private let attendsToContextOnly: Bool

    init(
        _ reader: WeightReader, _ width: Int, contextWidth: Int, heads: Int, onlyCrossAttention: Bool
    ) throws(EngineError) {
        norm1 = try LayerNormLayer(reader["norm1"], width)
        selfAttention = try AttentionLayer(
            reader["attn1"], width, contextWidth: onlyCrossAttention ? contextWidth : width, heads: heads)
        norm2 = try LayerNormLayer(reader["norm2"], width)
        crossAttention = try AttentionLayer(reader["attn2"], width, contextWidth: contextWidth, heads: heads)
        norm3 = try LayerNormLayer(reader["norm3"], width)
        let inner = 4 * width
        gate = try GatedLayer(reader["ff"]["net.0.proj"], width, inner)
        output = try LinearLayer(reader["ff"]["net.2"], inner, width)
        attendsToContextOnly = onlyCrossAttention
    }

    func callAsFunction(_ x: Tensor, instruction: Instructions, _ pass: Pass) -> Tensor {
        let held = pass.precision
        let first = norm1(x, pass, as: held)
        let given = attendsToContextOnly ? instruction.spread(first, pass) : first
        var h = selfAttention(
            given, context: attendsToContextOnly ? instruction.rows : first,
            adding: attendsToContextOnly ? instruction.spread(x, pass) : x, pass)
        h = instruction.spread(h, pass)
        h = crossAttention(norm2(h, pass, as: held), context: instruction.rows, contextIsFixed: true, adding: h, pass)
        let gated = gate(norm3(h, pass, as: held), pass)
        return output(gated, pass, adding: h, isResult: true, gradient: held)
    }
}

/// diffusers' `Transformer2DModel` on a feature map.
struct SpatialTransformer {
    private let norm: GroupNormLayer
    private let input, output: LinearLayer
    private let blocks: [TransformerBlock]

    /// Values of a map from which a block on a tape is computed again rather than kept: it would keep ten times as many.
    private static let largestKept = 1 << 20

    /// The group norm's ε here is fixed in diffusers, whatever the UNet's is.
    private static let normEpsilon: Float = 1e-6

    init(
        _ reader: WeightReader, _ channels: Int, layers: Int, heads: Int, onlyCrossAttention: Bool,
        configuration: UNetConfiguration
    ) throws(EngineError) {
        norm = try GroupNormLayer(
            reader["norm"], channels, groups: configuration.normGroups, epsilon: Self.normEpsilon)
        input = try LinearLayer(reader["proj_in"], channels, channels)
        var blocks: [TransformerBlock] = []
        for index in 0..<layers {
            blocks.append(
                try TransformerBlock(
                    reader["transformer_blocks", index], channels, contextWidth: configuration.crossAttentionWidth,
                    heads: heads, onlyCrossAttention: onlyCrossAttention))
        }
        self.blocks = blocks
        output = try LinearLayer(reader["proj_out"], channels, channels)
    }

    /// x [images, height, width, channels] → [results, height, width, channels].
    func callAsFunction(_ x: Tensor, instruction: Instructions, _ pass: Pass) -> Tensor {
        let rows = [x.shape[0], x.shape[1] * x.shape[2], x.shape[3]]
        var h = input(norm(x, pass, as: pass.precision), pass).reshaped(rows)
        for block in blocks {
            h =
                pass.tape != nil && h.count > Self.largestKept
                ? pass.recomputed([h, instruction.rows]) {
                    block($1[0], instruction: Instructions(rows: $1[1], images: instruction.images), $0)
                }
                : block(h, instruction: instruction, pass)
        }
        let residual = instruction.spread(x, pass)
        return output(h, pass, adding: residual.reshaped(h.shape)).reshaped(residual.shape)
    }
}
