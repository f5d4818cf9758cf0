// y = x·Wᵀ + b over the last axis, for any number of rows. Work is split over rows, or over outputs when the rows are
// few (a time embedding, one token sequence).

extension Pass {
    /// x [.., inputs] → [.., outputs]; weight [outputs, inputs]; bias [outputs] or none.
    package func linear(_ x: Tensor, weight: Tensor, bias: Tensor?) -> Tensor {
        let (rows, inputs, outputs) = (x.rows, x.width, weight.shape[0])
        precondition(weight.width == inputs, "a linear layer of \(weight.shape) got rows of \(inputs)")
        let y = tensor(x.shape.dropLast() + [outputs])
        product(x, Matrix(pointer: weight.pointer, stride: inputs, transposed: true), y, (rows, inputs, outputs), bias)
        return recorded(y, from: x) { dy, gradients in
            // y = x·Wᵀ + b  ⇒  dx = dy·W
            let dx = tensor(x.shape)
            product(dy, Matrix(pointer: weight.pointer, stride: inputs), dx, (rows, outputs, inputs), nil)
            gradients.add(dx, to: x)
        }
    }

    /// y [rows, columns] = x [rows, inner] · matrix + bias, shared out over the cores.
    private func product(
        _ x: Tensor, _ matrix: Matrix, _ y: Tensor, _ size: (rows: Int, inner: Int, columns: Int), _ bias: Tensor?
    ) {
        if size.rows >= 2 * Self.rowGrain {
            parallel(size.rows, grain: grain(size.rows, smallest: Self.rowGrain)) { rows in
                part(x, matrix, y, size, bias, rows: rows, columns: 0..<size.columns)
            }
        } else {
            parallel(size.columns, grain: grain(size.columns, smallest: Self.columnGrain)) { columns in
                part(x, matrix, y, size, bias, rows: 0..<size.rows, columns: columns)
            }
        }
    }

    private func part(
        _ x: Tensor, _ matrix: Matrix, _ y: Tensor, _ size: (rows: Int, inner: Int, columns: Int), _ bias: Tensor?,
        rows: Range<Int>, columns: Range<Int>
    ) {
        let target = y.pointer + rows.lowerBound * size.columns + columns.lowerBound
        if let bias {
            for row in 0..<rows.count {
                (target + row * size.columns).update(from: bias.pointer + columns.lowerBound, count: columns.count)
            }
        }
        let start = matrix.pointer + columns.lowerBound * (matrix.transposed ? matrix.stride : 1)
        multiply(
            Matrix(pointer: x.pointer + rows.lowerBound * size.inner, stride: size.inner),
            Matrix(pointer: start, stride: matrix.stride, transposed: matrix.transposed), into: target,
            stride: size.columns, rows: rows.count, inner: size.inner, columns: columns.count,
            beta: bias == nil ? 0 : 1)
    }

    private static let rowGrain = 64
    private static let columnGrain = 64
}
