// Products with packed weights, shared out over the threads in blocks of rows and panels; and the adjoint, which turns a
// panel round as it goes, so that no second copy of the weights is kept.
import CKernels

/// What is added to a product, and what its result is held in.
package struct ProductEnd {
    /// [outputs], or [batch, outputs] for a row of its own for every image.
    package var bias: Tensor?
    /// Shaped as the result.
    package var residual: Tensor?
    package var element = Precision.f32
    /// Whether half of the outputs gate the other half, in turns of half a panel: y = a · gelu(b). With packed weights,
    /// no residual and no tape.
    package var gates = false
    /// Whether the product is the result of its part of the network; recomputing the part leaves its values unset.
    package var isResult = false
    /// What a linear layer's gradient of its input is held in: BF16 only where the op that takes it reads it so.
    package var gradient = Precision.f32

    package init(
        bias: Tensor? = nil, residual: Tensor? = nil, as element: Precision = .f32, gates: Bool = false,
        isResult: Bool = false, gradient: Precision = .f32
    ) {
        (self.bias, self.residual, self.element) = (bias, residual, element)
        (self.gates, self.isResult, self.gradient) = (gates, isResult, gradient)
    }
}

extension Pass {
    /// x as the products of this precision read it: `weights.fed(width)` values in a row.
    func fed(_ x: Tensor, to weights: PanelWeights) -> Tensor {
        let width = weights.fed(x.width)
        if x.element == weights.element, width == x.width { return x }
        let y = tensor(x.shape.dropLast() + [width], weights.element)
        let source = x.pointer
        parallel(x.rows, grain: rowsPerPiece(width)) { rows in
            weights.table.narrow(
                source + rows.lowerBound * x.width, y.memory + rows.lowerBound * width * weights.element.width,
                rows.count, x.width, width)
        }
        return y
    }

    /// Σ over the taps of `rows` times the weights, into `target` [.., outputs].
    func panelProduct(_ rows: PixelRows, _ weights: PanelWeights, into target: Tensor, _ end: ProductEnd) {
        let blocks = Blocks(rows: target.rows, images: (end.bias?.count ?? 0) > weights.outputs ? target.shape[0] : 1)
        let panels = blocks.panelsPerTask(weights.panels, threads: options.threads)
        let spans = (weights.panels + panels - 1) / panels
        parallel(blocks.count * spans, grain: 1) { task in
            let block = blocks[task.lowerBound / spans]
            let first = task.lowerBound % spans * panels
            withRowScratch(rows, block.rows) { pointers, scratch in
                for panel in first..<min(first + panels, weights.panels) {
                    var ending = end.at(
                        row: block.rows.lowerBound, column: panel * PanelWeights.panelWidth, image: block.image,
                        target: target)
                    weights.table.multiply(
                        pointers, block.rows.count, weights.taps, weights.inputs,
                        weights.memory + panel * weights.panelBytes,
                        min(PanelWeights.panelWidth, weights.outputs - panel * PanelWeights.panelWidth), scratch, 0,
                        &ending)
                }
            }
        }
    }

    /// Rows that a panel of the transposed weights, once turned, serves: many against the work of turning it.
    private static let (fewestRowsPerTurn, mostRowsPerTurn) = (256, 1024)
    /// Tasks for every thread that few panels are split into, by rows.
    private static let turnsPerThread = 4

    /// Σ over the taps of `rows`, which are output gradients, times the transposed weights, into `target` [.., inputs].
    func panelAdjoint(_ rows: PixelRows, _ weights: PanelWeights, into target: Tensor) {
        let panels = (weights.inputs + PanelWeights.panelWidth - 1) / PanelWeights.panelWidth
        let wanted = (Self.turnsPerThread * options.threads + panels - 1) / panels
        let size = min(max((target.rows + wanted - 1) / wanted, Self.fewestRowsPerTurn), Self.mostRowsPerTurn)
        let spans = (target.rows + size - 1) / size
        parallel(panels * spans, grain: 1) { task in
            let (first, panel) = (task.lowerBound / panels * size, task.lowerBound % panels)
            let span = first..<min(first + size, target.rows)
            var ending = ProductEnd().at(
                row: first, column: panel * PanelWeights.panelWidth, image: 0, target: target)
            withScratch(of: UInt8.self, weights.table.turned_bytes) { turned in
                withRowScratch(rows, span) { pointers, scratch in
                    weights.table.multiply_transposed(
                        pointers, span.count, weights.taps, weights.memory, weights.outputs, weights.inputs, panel,
                        turned, scratch, &ending)
                }
            }
        }
    }
}

/// The rows of a product in blocks, none of two images where the images differ in bias.
struct Blocks {
    struct Block {
        var rows: Range<Int>
        var image: Int
    }

    let count: Int
    private let rowsPerImage: Int
    private let size: Int
    private let perImage: Int

    /// A multiple of every tile's height in the kernels; the sums of so many rows fit a core's cache.
    static let usualSize = 384

    init(rows: Int, images: Int, size: Int = usualSize) {
        rowsPerImage = rows / images
        self.size = min(size, rowsPerImage)
        perImage = (rowsPerImage + self.size - 1) / self.size
        count = perImage * images
    }

    subscript(_ index: Int) -> Block {
        let (image, first) = (index / perImage, index % perImage * size)
        let start = image * rowsPerImage
        return Block(rows: start + first..<start + min(first + size, rowsPerImage), image: image)
    }

    private static let tasksPerThread = 24

    /// All panels when there are blocks enough for every thread to be busy to the end, else fewer.
    func panelsPerTask(_ panels: Int, threads: Int) -> Int {
        min(panels, max(1, panels * count / (Self.tasksPerThread * threads)))
    }
}

extension ProductEnd {
    /// The kernels' form of it for the block that begins at `row` and `column`.
    func at(row: Int, column: Int, image: Int, target: Tensor) -> limner_panel_end {
        let width = target.width
        var end = limner_panel_end()
        if let bias {
            let outputs = gates ? 2 * width : width
            end.bias = UnsafePointer(bias.pointer + (bias.count > outputs ? image * outputs : 0) + column)
        }
        if let residual { end.residual = UnsafePointer(residual.pointer + row * width + column) }
        end.residual_stride = width
        end.target = target.memory + (row * width + (gates ? column / 2 : column)) * target.element.width
        end.gates = gates ? 1 : 0
        end.target_stride = width
        end.target_is_bf16 = target.element == .bf16 ? 1 : 0
        return end
    }
}

extension Pass {
    /// Room for the pointers and sums of a block of rows, the pointers set.
    fileprivate func withRowScratch(
        _ rows: PixelRows, _ block: Range<Int>,
        _ body: (UnsafeMutablePointer<UnsafeRawPointer?>, UnsafeMutablePointer<Float>) -> Void
    ) {
        withScratch(of: UnsafeRawPointer?.self, rows.taps * block.count) { pointers in
            withScratch(of: Float.self, block.count * PanelWeights.panelWidth) { scratch in
                rows.fill(block, pointers)
                body(pointers, scratch)
            }
        }
    }
}
