// y = x·Wᵀ + b over the last axis, for any number of rows. With OpenBLAS the work is split over rows, or over outputs when
// the rows are few (a time embedding, one token sequence).

extension Pass {
    /// x [.., inputs] → [.., outputs], with packed weights or plain ones.
    package func linear(_ x: Tensor, _ weights: LayerWeights, _ end: ProductEnd = ProductEnd()) -> Tensor {
        let times = timing(.linear)
        defer { times?.end() }
        guard case .panels(let panels) = weights else {
            guard case .plain(let weight) = weights else { preconditionFailure("there is no third kind") }
            return ended(linear(x, weight: weight, bias: end.sharedBias), end)
        }
        precondition(
            x.width == panels.inputs || x.width == panels.fed(panels.inputs),
            "a linear layer of \(panels.inputs) inputs got rows of \(x.width)")
        let source = fed(x, to: panels)
        precondition(!end.gates || tape == nil || x.node == nil, "a gated product has no adjoint")
        let shape = Array(x.shape.dropLast()) + [end.gates ? panels.outputs / 2 : panels.outputs]
        let y: Tensor
        if end.isResult, recomputation?.isAgain == true {
            // Memory that is never touched, hence not the run's.
            y = Tensor(uninitialized: shape, end.element)
        } else {
            y = tensor(shape, end.element)
            withExtendedLifetime(source) { panelProduct(rows(of: source, for: panels), panels, into: y, end) }
        }
        let (residual, held) = (end.residual?.place, end.gradient)
        return recorded(y, from: x, end.residual) { [x = x.place] dy, gradients in
            // y = x·Wᵀ + b + r  ⇒  dx = dy·W, dr = dy
            gradients.add(linearAdjoint(dy, panels, x.shape, as: held), to: x)
            gradients.add(dy, to: residual)
        }
    }

    private func rows(of x: Tensor, for weights: PanelWeights) -> PixelRows {
        PixelRows(rows: x.rows, base: x.memory, bytes: x.width * x.element.width, zeros: weights.zeros)
    }

    private func linearAdjoint(_ dy: Tensor, _ weights: PanelWeights, _ shape: [Int], as element: Precision) -> Tensor {
        let (upstream, dx) = (fed(dy, to: weights), tensor(shape, element))
        withExtendedLifetime(upstream) { panelAdjoint(rows(of: upstream, for: weights), weights, into: dx) }
        return dx
    }

    /// What of `end` the plain products leave to do.
    func ended(_ y: Tensor, _ end: ProductEnd) -> Tensor {
        var y = y
        if let bias = end.bias, bias.shape.count == 2 { y = addPerImage(y, bias) }
        if let residual = end.residual { y = add(y, residual) }
        return y
    }

    /// x [.., inputs] → [.., outputs] by OpenBLAS; weight [outputs, inputs]; bias [outputs] or none.
    package func linear(_ x: Tensor, weight: Tensor, bias: Tensor?) -> Tensor {
        let times = timing(.linear)
        defer { times?.end() }
        let (rows, inputs, outputs) = (x.rows, x.width, weight.shape[0])
        precondition(weight.width == inputs, "a linear layer of \(weight.shape) got rows of \(inputs)")
        let y = tensor(x.shape.dropLast() + [outputs])
        product(x, Matrix(pointer: weight.pointer, stride: inputs, transposed: true), y, (rows, inputs, outputs), bias)
        return recorded(y, from: x) { [x = x.place] dy, gradients in
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

extension ProductEnd {
    /// The bias when all images share it.
    var sharedBias: Tensor? { bias.flatMap { $0.shape.count == 1 ? $0 : nil } }
}
