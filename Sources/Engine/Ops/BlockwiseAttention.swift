// Attention by the kernels of CKernels/Attention.h: the keys and values of every head are packed once, then spans of
// queries are shared out over the cores. The adjoint needs the result and one logarithm per query and head, no scores.
import CKernels

extension Pass {
    /// The blockwise kernels for tensors of `element`, or nil where matrix products do it: on CPUs without their
    /// instructions, and in a pass that was given other kernels than the CPU's best.
    func blockwiseKernels(for element: Precision) -> limner_attention? {
        guard usesBestKernels else { return nil }
        return limner_attention_best(element.width)?.pointee
    }
}

/// The sizes and shares of one attention.
struct BlockwiseAttention {
    let pass: Pass
    let kernels: limner_attention
    let queries: Tensor
    let keys: Tensor
    let values: Tensor
    let heads: Int
    let shape: limner_attention_shape

    /// Queries of one share of work: many against the packing of a head, few against a core's fair part.
    private static let queriesPerShare = 256
    /// Blocks of keys that one share packs, for the same reason.
    private static let blocksPerShare = 8
    /// With so many keys the result is kept where all else is computed again: it costs that many multiply-adds a value.
    private static let fewestKeysKept = 512
    /// Keys of one share of the adjoint at least: each share makes a gradient of all queries.
    private static let smallestSpan = 256

    init(
        _ pass: Pass, _ kernels: limner_attention, _ queries: Tensor, _ keys: Tensor, _ values: Tensor, heads: Int,
        causal: Bool
    ) {
        (self.pass, self.kernels, self.heads) = (pass, kernels, heads)
        (self.queries, self.keys, self.values) = (queries, keys, values)
        let (width, headWidth) = (queries.width, queries.width / heads)
        shape = limner_attention_shape(
            queries: queries.shape[1], keys: keys.shape[1], width: headWidth, query_stride: width, key_stride: width,
            output_stride: width, scale: 1 / Float(headWidth).squareRoot(), causal: causal ? 1 : 0)
    }

    private var batch: Int { queries.shape[0] }

    /// Where head `index` (of all images' heads) begins in a tensor of `rows` rows per image.
    private func head(_ x: Tensor, _ rows: Int, _ index: Int) -> UnsafeMutableRawPointer {
        let first = index / heads * rows * x.width + index % heads * shape.width
        return x.memory + first * x.element.width
    }

    /// The result, on the tape when an input is tracked.
    func recorded() -> Tensor {
        let tracked = pass.tape != nil && [queries, keys, values].contains { $0.node != nil }
        let isKept = pass.recomputation != nil && shape.keys >= Self.fewestKeysKept
        guard tracked || isKept else { return forward(nil) }
        let make = {
            let logarithms = pass.tensor([batch * heads, shape.queries])
            return [forward(logarithms), logarithms]
        }
        let made = isKept ? pass.recomputation!.kept(make) : make()
        let (y, logarithms) = (made[0], made[1])
        return pass.recorded(y, from: queries, keys, values) { dy, gradients in
            let shares = adjoint(y, dy, logarithms)
            gradients.add(shares.queries, to: queries)
            gradients.add(shares.keys, to: keys)
            gradients.add(shares.values, to: values)
        }
    }

    private func forward(_ logarithms: Tensor?) -> Tensor {
        let y = pass.tensor(queries.shape, queries.element)
        let (packed, stride) = packedKeys()
        let spans = ceiling(shape.queries, Self.queriesPerShare)
        pass.parallel(batch * heads * spans, grain: 1) { task in
            let (index, first) = (task.lowerBound / spans, task.lowerBound % spans * Self.queriesPerShare)
            var shape = shape
            let row = logarithms.map { $0.pointer + index * shape.queries }
            pass.withScratch(of: UInt8.self, kernels.attend_bytes(&shape)) { scratch in
                kernels.attend(
                    &shape, head(queries, shape.queries, index), packed.memory + index * stride, first,
                    min(Self.queriesPerShare, shape.queries - first), head(y, shape.queries, index), row, scratch)
            }
        }
        return y
    }

    /// Every head's keys and values as the kernels read them, and the bytes of one head.
    private func packedKeys() -> (Tensor, stride: Int) {
        var shape = shape
        let stride = ceiling(kernels.packed_bytes(&shape), 64) * 64
        let packed = pass.tensor([batch * heads, stride / 4])
        let share = kernels.block * Self.blocksPerShare
        let spans = ceiling(shape.keys, share)
        pass.parallel(batch * heads * spans, grain: 1) { task in
            let (index, first) = (task.lowerBound / spans, task.lowerBound % spans * share)
            var shape = self.shape
            kernels.pack(
                &shape, head(keys, shape.keys, index), head(values, shape.keys, index), first,
                min(share, shape.keys - first), packed.memory + index * stride)
        }
        return (packed, stride)
    }

    /// The gradients, F32. With fewer heads than threads the keys of a head are shared out too, and each share's
    /// gradient of the queries is added up.
    private func adjoint(_ y: Tensor, _ dy: Tensor, _ logarithms: Tensor) -> (
        queries: Tensor, keys: Tensor, values: Tensor
    ) {
        let wanted = min(ceiling(pass.options.threads, batch * heads), ceiling(shape.keys, Self.smallestSpan))
        let share = ceiling(shape.keys, wanted)
        let spans = ceiling(shape.keys, share)
        let parts = (0..<spans).map { _ in pass.tensor(queries.shape) }
        let (dk, dv) = (pass.tensor(keys.shape), pass.tensor(values.shape))
        pass.parallel(batch * heads * spans, grain: 1) { task in
            let (index, span) = (task.lowerBound / spans, task.lowerBound % spans)
            var shape = shape
            var tensors = limner_attention_adjoint(
                queries: head(queries, shape.queries, index), keys: head(keys, shape.keys, index),
                values: head(values, shape.keys, index), output: head(y, shape.queries, index),
                upstream: floats(dy, shape.queries, index), logarithms: logarithms.pointer + index * shape.queries,
                dq: floats(parts[span], shape.queries, index), dk: floats(dk, shape.keys, index),
                dv: floats(dv, shape.keys, index))
            pass.withScratch(of: UInt8.self, kernels.adjoint_bytes(&shape)) { scratch in
                kernels.adjoint(&shape, &tensors, span * share, min(share, shape.keys - span * share), scratch)
            }
        }
        return (parts.dropFirst().reduce(parts[0], pass.add), dk, dv)
    }

    private func floats(_ x: Tensor, _ rows: Int, _ index: Int) -> UnsafeMutablePointer<Float> {
        head(x, rows, index).assumingMemoryBound(to: Float.self)
    }
}

private func ceiling(_ count: Int, _ unit: Int) -> Int { (count + unit - 1) / unit }
