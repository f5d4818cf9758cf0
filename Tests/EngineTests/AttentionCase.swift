// One head of attention for the kernels' tests: inputs that BF16 holds exactly, the same in double by plain loops, and
// what a table of kernels makes of them.
import CKernels
import Glibc
import Testing

import LimnerEngine

/// A table of attention kernels that this CPU can run.
struct AttentionTable: CustomTestStringConvertible, Sendable {
    private let index: Int

    static let all = (0..<limner_attention_count()).filter { limner_attention_at($0) != nil }.map(AttentionTable.init)

    var kernels: limner_attention { limner_attention_at(index)!.pointee }
    var precision: Precision { kernels.element_bytes == Precision.f32.width ? .f32 : .bf16 }
    var testDescription: String { String(cString: kernels.name) }

    /// Errors relative to the largest value. F32: sums of up to 512 products in some order. BF16: weights, results and
    /// the score's gradients are rounded to 8 bits, 2⁻⁹ each; gradients also cancel.
    var valueTolerance: Double { precision == .f32 ? 2e-6 : 6e-3 }
    var gradientTolerance: Double { precision == .f32 ? 4e-6 : 2.5e-2 }
    /// Absolute, of logarithms; relative to the largest score where that is above 1.
    var logarithmTolerance: Double { precision == .f32 ? 2e-6 : 1e-5 }
}

/// Sizes of one head.
struct AttentionSizes: CustomTestStringConvertible, Sendable {
    let queries: Int
    let keys: Int
    let width: Int
    var causal = false

    var testDescription: String { "\(queries)×\(keys), width \(width)\(causal ? ", causal" : "")" }

    /// The models' widths, and tails of every kind: of lanes, of blocks, of channel groups and of pairs.
    static let all = [
        Self(queries: 1, keys: 1, width: 8), Self(queries: 1, keys: 77, width: 40),
        Self(queries: 33, keys: 77, width: 40), Self(queries: 77, keys: 77, width: 64, causal: true),
        Self(queries: 7, keys: 5, width: 6), Self(queries: 64, keys: 64, width: 160),
        Self(queries: 100, keys: 131, width: 80), Self(queries: 100, keys: 131, width: 80, causal: true),
        Self(queries: 65, keys: 200, width: 7), Self(queries: 50, keys: 79, width: 33, causal: true),
        Self(queries: 200, keys: 90, width: 24, causal: true), Self(queries: 96, keys: 157, width: 512),
        Self(queries: 31, keys: 156, width: 10), Self(queries: 3, keys: 2, width: 2),
    ]
}

/// 64-byte aligned memory of one test.
final class AlignedMemory {
    let start: UnsafeMutableRawPointer
    let bytes: Int

    /// - Parameter fill: every byte's value before.
    init(_ bytes: Int, fill: UInt8 = 0xA5) {
        self.bytes = bytes
        start = .allocate(byteCount: max(bytes, 1), alignment: 64)
        start.initializeMemory(as: UInt8.self, repeating: fill, count: bytes)
    }

    deinit { start.deallocate() }
}

/// Rows of one head within rows that hold more, as elements of a table.
struct HeadRows {
    let memory: AlignedMemory
    let bytes: Int
    let rows: Int
    let width: Int
    let stride: Int

    /// The head lies behind as many channels as its own, with some more after it.
    init(_ values: [Float]? = nil, rows: Int, width: Int, bytes: Int) {
        (self.rows, self.width, self.bytes, stride) = (rows, width, bytes, 2 * width + 3)
        memory = AlignedMemory(rows * stride * bytes)
        for (i, value) in (values ?? []).enumerated() {
            let at = start + (i / width * stride + i % width) * bytes
            if bytes == 4 {
                at.storeBytes(of: value, as: Float.self)
            } else {
                at.storeBytes(of: UInt16(value.bitPattern >> 16), as: UInt16.self)
            }
        }
    }

    var start: UnsafeMutableRawPointer { memory.start + width * bytes }
    var floats: UnsafeMutablePointer<Float> { start.assumingMemoryBound(to: Float.self) }

    var values: [Float] {
        (0..<rows * width).map { i in
            let at = start + (i / width * stride + i % width) * bytes
            return bytes == 4
                ? at.loadUnaligned(as: Float.self)
                : Float(bitPattern: UInt32(at.loadUnaligned(as: UInt16.self)) << 16)
        }
    }

    /// Whether every byte outside the head is as it was.
    var neighboursAreUntouched: Bool {
        (0..<rows * stride).allSatisfy { i in
            (width..<2 * width).contains(i % stride)
                || (0..<bytes).allSatisfy { memory.start.load(fromByteOffset: i * bytes + $0, as: UInt8.self) == 0xA5 }
        }
    }
}

/// Inputs of one head and what plain loops in double make of them.
struct AttentionCase {
    let sizes: AttentionSizes
    let scale: Float
    let queries, keys, values, upstream: [Float]
    var y, logarithms, dq, dk, dv: [Double]

    /// - Parameter spread: of the queries; scores are about as large.
    init(_ sizes: AttentionSizes, spread: Float = 1) {
        let (n, m, d) = (sizes.queries, sizes.keys, sizes.width)
        self.sizes = sizes
        scale = 1 / Float(d).squareRoot()
        func exact(_ rows: Int, _ seed: UInt64, _ spread: Float = 1) -> [Float] {
            random([rows, d], seed: seed, scale: spread).values.map { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) }
        }
        (queries, keys) = (exact(n, 1, spread), exact(m, 2))
        (values, upstream) = (exact(m, 3), exact(n, 4))
        (y, dq) = ([Double](repeating: 0, count: n * d), [Double](repeating: 0, count: n * d))
        (dk, dv) = ([Double](repeating: 0, count: m * d), [Double](repeating: 0, count: m * d))
        logarithms = []
        for row in 0..<n { add(row) }
    }

    private func dot(_ a: [Float], _ i: Int, _ b: [Float], _ j: Int) -> Double {
        let d = sizes.width
        return (0..<d).reduce(0) { $0 + Double(a[i * d + $1]) * Double(b[j * d + $1]) }
    }

    /// The part of query `row`.
    private mutating func add(_ row: Int) {
        let (d, seen) = (sizes.width, sizes.causal ? min(row + 1, sizes.keys) : sizes.keys)
        let scores = (0..<seen).map { Double(scale) * dot(queries, row, keys, $0) }
        let largest = scores.max()!
        let logarithm = largest + log(scores.reduce(0) { $0 + exp($1 - largest) })
        logarithms.append(logarithm)
        let weights = scores.map { exp($0 - logarithm) }
        let products = (0..<seen).map { dot(upstream, row, values, $0) }
        let mean = zip(weights, products).reduce(0) { $0 + $1.0 * $1.1 }
        for key in 0..<seen {
            let ds = weights[key] * (products[key] - mean) * Double(scale)
            for c in 0..<d {
                y[row * d + c] += weights[key] * Double(values[key * d + c])
                dv[key * d + c] += weights[key] * Double(upstream[row * d + c])
                dq[row * d + c] += ds * Double(keys[key * d + c])
                dk[key * d + c] += ds * Double(queries[row * d + c])
            }
        }
    }
}

/// What a table makes of a case: results of `attend`, and on demand those of `adjoint`.
struct AttentionRun {
    let table: AttentionTable
    let input: AttentionCase
    let queries, keys, values, upstream, y: HeadRows
    var logarithms: [Float]
    private var shape: limner_attention_shape

    /// - Parameter span: queries of one call.
    init(_ table: AttentionTable, _ input: AttentionCase, span: Int? = nil) {
        let (sizes, kernels) = (input.sizes, table.kernels)
        let (n, m, d, bytes) = (sizes.queries, sizes.keys, sizes.width, kernels.element_bytes)
        (self.table, self.input) = (table, input)
        queries = HeadRows(input.queries, rows: n, width: d, bytes: bytes)
        keys = HeadRows(input.keys, rows: m, width: d, bytes: bytes)
        values = HeadRows(input.values, rows: m, width: d, bytes: bytes)
        upstream = HeadRows(input.upstream, rows: n, width: d, bytes: 4)
        y = HeadRows(rows: n, width: d, bytes: bytes)
        shape = limner_attention_shape(
            queries: n, keys: m, width: d, query_stride: queries.stride, key_stride: keys.stride,
            output_stride: y.stride, scale: input.scale, causal: sizes.causal ? 1 : 0)
        logarithms = [Float](repeating: .nan, count: n)
        let packed = AlignedMemory(kernels.packed_bytes(&shape), fill: 0xFF)
        let scratch = AlignedMemory(kernels.attend_bytes(&shape), fill: 0xFF)
        for first in stride(from: 0, to: m, by: kernels.block) {
            kernels.pack(&shape, keys.start, values.start, first, min(kernels.block, m - first), packed.start)
        }
        let span = span ?? n
        for first in stride(from: 0, to: n, by: span) {
            kernels.attend(
                &shape, queries.start, packed.start, first, min(span, n - first), y.start, &logarithms, scratch.start)
        }
    }

    /// dq, dk and dv through keys `first`..<`first + count` (all, unless given).
    func adjoint(first: Int = 0, count: Int? = nil) -> (dq: HeadRows, dk: HeadRows, dv: HeadRows) {
        let (sizes, kernels) = (input.sizes, table.kernels)
        var shape = shape
        let dq = HeadRows(rows: sizes.queries, width: sizes.width, bytes: 4)
        let dk = HeadRows(rows: sizes.keys, width: sizes.width, bytes: 4)
        let dv = HeadRows(rows: sizes.keys, width: sizes.width, bytes: 4)
        let scratch = AlignedMemory(kernels.adjoint_bytes(&shape), fill: 0xFF)
        logarithms.withUnsafeBufferPointer { logarithms in
            var tensors = limner_attention_adjoint(
                queries: queries.start, keys: keys.start, values: values.start, output: y.start,
                upstream: upstream.floats, logarithms: logarithms.baseAddress!, dq: dq.floats, dk: dk.floats,
                dv: dv.floats)
            kernels.adjoint(&shape, &tensors, first, count ?? sizes.keys, scratch.start)
        }
        return (dq, dk, dv)
    }
}
