// softmax(Q·Kᵀ/√d)·V for every head, on the rows as they lie: a head is a span of channels, so no transposition is
// needed. Scores exist only for a tile of queries at a time; the adjoint makes them again rather than keep them.
// BlockwiseAttention does it on CPUs with AVX2, AVX-512 or NEON; the matrix products below do it on all others, and are
// what it is compared with.
import CKernels

extension Pass {
    /// queries [batch, n, heads·d], keys and values [batch, m, heads·d] → [batch, n, heads·d].
    /// All three, and the result, are held alike.
    /// - Parameter causal: query i sees keys 0...i only.
    package func attention(_ queries: Tensor, _ keys: Tensor, _ values: Tensor, heads: Int, causal: Bool = false)
        -> Tensor
    {
        precondition(
            queries.width % heads == 0 && keys.width == queries.width && values.shape == keys.shape
                && keys.shape[0] == queries.shape[0], "attention shapes differ")
        precondition(
            keys.element == queries.element && values.element == queries.element, "attention precisions differ")
        let times = timing(.attention)
        defer { times?.end() }
        if let kernels = blockwiseKernels(for: queries.element) {
            return BlockwiseAttention(self, kernels, queries, keys, values, heads: heads, causal: causal).recorded()
        }
        guard queries.element == .f32 else {
            return narrowed(
                attention(widened(queries), widened(keys), widened(values), heads: heads, causal: causal))
        }
        let plan = MatrixAttention(self, queries, keys, values, heads: heads, causal: causal)
        let y = plan.forward()
        return recorded(y, from: queries, keys, values) { dy, gradients in
            let shares = plan.adjoint(dy)
            gradients.add(shares.queries, to: queries)
            gradients.add(shares.keys, to: keys)
            gradients.add(shares.values, to: values)
        }
    }
}

/// The sizes and tiles of one attention.
private struct MatrixAttention {
    let pass: Pass
    let queries: Tensor
    let keys: Tensor
    let values: Tensor
    let heads: Int
    let causal: Bool
    let width: Int
    let headWidth: Int
    let count: Int
    let seen: Int

    /// Scores of one tile: 2¹⁷ values, half a core's second-level cache.
    private static let scoresPerTile = 1 << 17
    /// Queries of one tile at least: each product packs all the keys anew, which fewer rows would not pay for.
    private static let smallestTile = 64

    init(_ pass: Pass, _ queries: Tensor, _ keys: Tensor, _ values: Tensor, heads: Int, causal: Bool) {
        (self.pass, self.queries, self.keys, self.values) = (pass, queries, keys, values)
        (self.heads, self.causal) = (heads, causal)
        width = queries.width
        headWidth = width / heads
        count = queries.shape[1]
        seen = keys.shape[1]
    }

    private var batch: Int { queries.shape[0] }
    private var scale: Float { 1 / Float(headWidth).squareRoot() }
    private var tile: Int { min(count, max(Self.smallestTile, Self.scoresPerTile / seen)) }
    private var tiles: Int { (count + tile - 1) / tile }

    /// The head `head` of image `image` in a tensor of `rows` rows per image.
    private func head(_ x: Tensor, _ rows: Int, _ image: Int, _ head: Int, row: Int = 0) -> UnsafeMutablePointer<Float>
    {
        x.pointer + (image * rows + row) * width + head * headWidth
    }

    /// P = softmax(Q·Kᵀ/√d) of the queries `rows` into `scores`.
    private func probabilities(_ image: Int, _ index: Int, _ rows: Range<Int>, _ scores: UnsafeMutablePointer<Float>) {
        multiply(
            Matrix(pointer: head(queries, count, image, index, row: rows.lowerBound), stride: width),
            Matrix(pointer: head(keys, seen, image, index), stride: width, transposed: true), into: scores,
            stride: seen, rows: rows.count, inner: headWidth, columns: seen)
        pass.kernels.softmax(scores, rows.count, seen, scale, causal ? rows.lowerBound + 1 : -1)
    }

    func forward() -> Tensor {
        let y = pass.tensor(queries.shape)
        pass.parallel(batch * heads * tiles, grain: 1) { task in
            let (image, index) = (task.lowerBound / tiles / heads, task.lowerBound / tiles % heads)
            let first = task.lowerBound % tiles * tile
            let rows = first..<min(first + tile, count)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count * seen) { scores in
                probabilities(image, index, rows, scores.baseAddress!)
                multiply(
                    Matrix(pointer: scores.baseAddress!, stride: seen),
                    Matrix(pointer: head(values, seen, image, index), stride: width),
                    into: head(y, count, image, index, row: first), stride: width, rows: rows.count, inner: seen,
                    columns: headWidth)
            }
        }
        return y
    }

    /// y = P·V, P = softmax(S), S = Q·Kᵀ/√d  ⇒  dV = Pᵀ·dy, dP = dy·Vᵀ, dS = P∘(dP − Σ P∘dP), dQ = dS·K/√d, dK = dSᵀ·Q/√d.
    func adjoint(_ dy: Tensor) -> (queries: Tensor, keys: Tensor, values: Tensor) {
        let dq = pass.tensor(queries.shape)
        let dk = Tensor(repeating: 0, shape: keys.shape)
        let dv = Tensor(repeating: 0, shape: values.shape)
        pass.parallel(batch * heads, grain: 1) { task in
            let (image, index) = (task.lowerBound / heads, task.lowerBound % heads)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * tile * seen) { scratch in
                let (p, ds) = (scratch.baseAddress!, scratch.baseAddress! + tile * seen)
                for first in stride(from: 0, to: count, by: tile) {
                    let rows = first..<min(first + tile, count)
                    probabilities(image, index, rows, p)
                    accumulate(dy, (dq, dk, dv), image, index, rows, p, ds)
                }
            }
        }
        return (dq, dk, dv)
    }

    private func accumulate(
        _ dy: Tensor, _ shares: (dq: Tensor, dk: Tensor, dv: Tensor), _ image: Int, _ index: Int, _ rows: Range<Int>,
        _ p: UnsafeMutablePointer<Float>, _ ds: UnsafeMutablePointer<Float>
    ) {
        let first = rows.lowerBound
        let upstream = Matrix(pointer: head(dy, count, image, index, row: first), stride: width)
        multiply(
            Matrix(pointer: p, stride: seen, transposed: true), upstream, into: head(shares.dv, seen, image, index),
            stride: width, rows: seen, inner: rows.count, columns: headWidth, beta: 1)
        multiply(
            upstream, Matrix(pointer: head(values, seen, image, index), stride: width, transposed: true), into: ds,
            stride: seen, rows: rows.count, inner: headWidth, columns: seen)
        pass.kernels.softmax_adjoint(p, ds, rows.count, seen, scale)
        multiply(
            Matrix(pointer: ds, stride: seen), Matrix(pointer: head(keys, seen, image, index), stride: width),
            into: head(shares.dq, count, image, index, row: first), stride: width, rows: rows.count, inner: seen,
            columns: headWidth)
        multiply(
            Matrix(pointer: ds, stride: seen, transposed: true),
            Matrix(pointer: head(queries, count, image, index, row: first), stride: width),
            into: head(shares.dk, seen, image, index), stride: width, rows: seen, inner: rows.count,
            columns: headWidth, beta: 1)
    }
}
