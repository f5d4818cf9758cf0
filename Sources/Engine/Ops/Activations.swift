// Activations and sums: one value in, one value out, shared out over the cores in cache-sized pieces.
import CKernels

extension Pass {
    /// a + b, of one shape.
    package func add(_ a: Tensor, _ b: Tensor) -> Tensor {
        let times = timing(.elementwise)
        defer { times?.end() }
        precondition(a.count == b.count, "\(a.shape) and \(b.shape) cannot be added")
        let y = elementwise(a) { kernels.add(a.pointer + $0, b.pointer + $0, $1, $2) }
        return recorded(y, from: a, b) { [a = a.place, b = b.place] dy, gradients in
            gradients.add(dy, to: a)
            gradients.add(dy, to: b)
        }
    }

    /// x · factor.
    package func scale(_ x: Tensor, by factor: Float) -> Tensor {
        let times = timing(.elementwise)
        defer { times?.end() }
        let y = elementwise(x) { kernels.scale(x.pointer + $0, factor, $1, $2) }
        return recorded(y, from: x) { [x = x.place] dy, gradients in
            gradients.add(scale(dy, by: factor), to: x)
        }
    }

    /// x · sigmoid(x).
    package func silu(_ x: Tensor) -> Tensor { activation(x, kernels.silu, kernels.silu_adjoint) }

    /// x · sigmoid(1.702 x), as CLIP has it.
    package func quickGELU(_ x: Tensor) -> Tensor { activation(x, kernels.quick_gelu, kernels.quick_gelu_adjoint) }

    /// ½ x (1 + erf(x/√2)).
    package func gelu(_ x: Tensor) -> Tensor { activation(x, kernels.gelu, kernels.gelu_adjoint) }

    /// x [.., 2·width] = spans of (a | b) → a · gelu(b), [.., width], held as x is.
    /// - Parameters:
    ///   - span: values of a before those of b that gate them; nil takes all of a first.
    ///   - overwrites: whether the adjoint may leave its gradient where x was: nobody else may need x's values then.
    package func geglu(_ x: Tensor, span: Int? = nil, overwrites: Bool = false) -> Tensor {
        let times = timing(.elementwise)
        defer { times?.end() }
        let width = x.width / 2
        let span = span ?? width
        precondition(width % span == 0, "\(width) values do not split into spans of \(span)")
        let y = tensor(x.shape.dropLast() + [width], x.element)
        parallel(x.rows, grain: rowsPerPiece(width)) { rows in
            let start = rows.lowerBound * width
            switch x.element {
            case .f32: kernels.geglu(x.pointer + 2 * start, y.pointer + start, rows.count, width, span)
            case .bf16: kernels.geglu_bf16(x.halves + 2 * start, y.halves + start, rows.count, width, span)
            }
        }
        return recorded(y, from: x) { dy, gradients in
            // the largest map of a block: its gradient, which a product takes, is held as x is
            let dx = overwrites ? x : tensor(x.shape, x.element)
            let dy = x.element == .bf16 ? narrowed(dy) : dy
            parallel(x.rows, grain: rowsPerPiece(width)) { rows in
                let (start, count) = (rows.lowerBound * width, rows.count)
                switch x.element {
                case .f32:
                    kernels.geglu_adjoint(
                        x.pointer + 2 * start, dy.pointer + start, dx.pointer + 2 * start, count, width, span)
                case .bf16:
                    kernels.geglu_bf16_adjoint(
                        x.halves + 2 * start, dy.halves + start, dx.halves + 2 * start, count, width, span)
                }
            }
            gradients.add(dx, to: x)
        }
    }

    /// The values of a BF16 tensor in F32; an F32 one as it is.
    package func widened(_ x: Tensor) -> Tensor {
        let times = timing(.elementwise)
        defer { times?.end() }
        guard x.element == .bf16 else { return x }
        let y = tensor(x.shape)
        parallel(x.count, grain: Self.elementwiseGrain) { piece in
            kernels.widen(x.halves + piece.lowerBound, y.pointer + piece.lowerBound, piece.count)
        }
        return recorded(y, from: x) { [x = x.place] dy, gradients in gradients.add(dy, to: x) }
    }

    /// The values of an F32 tensor rounded to BF16; a BF16 one as it is.
    package func narrowed(_ x: Tensor) -> Tensor {
        let times = timing(.elementwise)
        defer { times?.end() }
        guard x.element == .f32 else { return x }
        let y = tensor(x.shape, .bf16)
        parallel(x.count, grain: Self.elementwiseGrain) { piece in
            kernels.narrow(x.pointer + piece.lowerBound, y.halves + piece.lowerBound, piece.count)
        }
        return recorded(y, from: x) { [x = x.place] dy, gradients in gradients.add(dy, to: x) }
    }

    /// x [batch, .., channels] + row [batch, channels] at every position (the time embedding).
    package func addPerImage(_ x: Tensor, _ row: Tensor) -> Tensor {
        let times = timing(.elementwise)
        defer { times?.end() }
        let (batch, width) = (x.shape[0], x.width)
        let rows = x.rows / batch
        precondition(row.shape == [batch, width], "\(row.shape) is no row per image of \(x.shape)")
        let y = tensor(x.shape)
        for image in 0..<batch {
            parallel(rows, grain: rowsPerPiece(width)) { part in
                let start = (image * rows + part.lowerBound) * width
                kernels.add_row(x.pointer + start, row.pointer + image * width, y.pointer + start, part.count, width)
            }
        }
        return recorded(y, from: x, row) { [x = x.place, row = row.place] dy, gradients in
            gradients.add(dy, to: x)
            gradients.add(sumPerImage(dy), to: row)
        }
    }

    /// Σ over positions, [batch, channels]: the adjoint of a row added everywhere.
    func sumPerImage(_ dy: Tensor) -> Tensor {
        let (batch, width) = (dy.shape[0], dy.width)
        let rows = dy.rows / batch
        let sums = Tensor(repeating: 0, shape: [batch, width])
        for row in 0..<batch * rows {
            let target = sums.pointer + row / rows * width
            kernels.add(target, dy.pointer + row * width, target, width)
        }
        return sums
    }

    private typealias Kernel = @convention(c) (UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int) -> Void
    private typealias AdjointKernel =
        @convention(c) (
            UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int
        ) -> Void

    private func activation(_ x: Tensor, _ forward: @escaping Kernel, _ adjoint: @escaping AdjointKernel) -> Tensor {
        let times = timing(.elementwise)
        defer { times?.end() }
        let y = elementwise(x) { forward(x.pointer + $0, $1, $2) }
        return recorded(y, from: x) { dy, gradients in
            gradients.add(elementwise(x) { adjoint(x.pointer + $0, dy.pointer + $0, $1, $2) }, to: x)
        }
    }

    /// A tensor shaped as `x`, filled piece by piece: `body(offset, target, count)`.
    private func elementwise(_ x: Tensor, _ body: (Int, UnsafeMutablePointer<Float>, Int) -> Void) -> Tensor {
        let y = tensor(x.shape)
        parallel(x.count, grain: Self.elementwiseGrain) { piece in
            body(piece.lowerBound, y.pointer + piece.lowerBound, piece.count)
        }
        return y
    }

    /// Rows of `width` values in one elementwise piece.
    func rowsPerPiece(_ width: Int) -> Int { max(1, Self.elementwiseGrain / max(width, 1)) }
}
