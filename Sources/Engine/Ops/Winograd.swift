// 3×3 convolutions of stride 1 by Winograd's F(2×2, 3×3) (Lavin and Gray 2016, section 4.1): 16 multiplications for four
// results instead of 36. Windows of 4×4 pixels are transformed block by block, multiplied place by place, and transformed
// back as they are written.
import CKernels

/// Winograd's convolution: which layers it is for, and their weights.
enum Winograd {
    static let taps = Int(LIMNER_WINOGRAD_TAPS)

    /// Transformed weights are 16/9 as large; from here on their way through memory costs more than is saved.
    private static let largest = 5 << 18
    /// With fewer channels the transforms cost more than the products.
    private static let smallest = 32

    /// Whether a kernel of this size gains by it on a CPU whose kernels are packed.
    static func suits(inputs: Int, outputs: Int, _ geometry: ConvolutionGeometry) -> Bool {
        geometry == ConvolutionGeometry(kernel: 3, padding: 1) && min(inputs, outputs) >= smallest
            && inputs * outputs <= largest
    }

    /// G·g·Gᵀ of every kernel, [outputs, 3, 3, inputs] → [outputs, 16, inputs].
    static func transformed(_ kernel: Tensor) -> Tensor {
        let (outputs, inputs) = (kernel.shape[0], kernel.width)
        let result = Tensor(uninitialized: [outputs, taps, inputs])
        var columns = [Float](repeating: 0, count: 12)
        for output in 0..<outputs {
            let (g, u) = (kernel.pointer + output * 9 * inputs, result.pointer + output * taps * inputs)
            for input in 0..<inputs {
                for column in 0..<3 {
                    let (a, b, c) = (
                        g[column * inputs + input], g[(3 + column) * inputs + input], g[(6 + column) * inputs + input]
                    )
                    columns[column] = a
                    columns[3 + column] = (a + b + c) / 2
                    columns[6 + column] = (a - b + c) / 2
                    columns[9 + column] = c
                }
                for row in 0..<4 {
                    let (a, b, c) = (columns[3 * row], columns[3 * row + 1], columns[3 * row + 2])
                    u[4 * row * inputs + input] = a
                    u[(4 * row + 1) * inputs + input] = (a + b + c) / 2
                    u[(4 * row + 2) * inputs + input] = (a - b + c) / 2
                    u[(4 * row + 3) * inputs + input] = c
                }
            }
        }
        return result
    }
}

extension Pass {
    /// The convolution of what `windows` point at, 4×4 pixels for every tile of 2×2 results, into `target`.
    /// - Parameter transposed: the adjoint's product, into a map of `weights.inputs` channels.
    func winogradProduct(
        _ windows: PixelRows, _ weights: PanelWeights, transposed: Bool = false, into target: Tensor, _ end: ProductEnd
    ) {
        let job = WinogradJob(
            pass: self, windows: windows, weights: weights, transposed: transposed, target: target, end: end)
        let images = target.shape[0]
        let tilesPerImage = windows.result.height * windows.result.width
        let size = min(WinogradJob.tilesPerBlock, tilesPerImage)
        let perImage = (tilesPerImage + size - 1) / size
        let panels = min(job.panels, max(1, job.panels * perImage * images / (4 * options.threads)))
        let spans = (job.panels + panels - 1) / panels
        parallel(perImage * images * spans, grain: 1) { task in
            let (block, span) = (task.lowerBound / spans, task.lowerBound % spans)
            let (image, first) = (block / perImage, block % perImage * size)
            let tiles = image * tilesPerImage + first..<image * tilesPerImage + min(first + size, tilesPerImage)
            job.run(tiles, image: image, panels: span * panels..<min((span + 1) * panels, job.panels))
        }
    }
}

/// One Winograd convolution, done block by block.
private struct WinogradJob {
    let pass: Pass
    let windows: PixelRows
    let weights: PanelWeights
    let transposed: Bool
    let target: Tensor
    let end: ProductEnd

    /// A multiple of every tile's height in the kernels; the sums of one panel fit a core's cache.
    static let tilesPerBlock = 96

    private var inputs: Int { weights.fed(transposed ? weights.outputs : weights.inputs) }
    private var outputs: Int { transposed ? weights.inputs : weights.outputs }
    var panels: Int { (outputs + PanelWeights.panelWidth - 1) / PanelWeights.panelWidth }

    func run(_ tiles: Range<Int>, image: Int, panels: Range<Int>) {
        let (taps, count, width) = (Winograd.taps, tiles.count, weights.element.width)
        let pixels = pixels(tiles)
        let panelBytes = weights.table.panel_values(transposed ? weights.outputs : weights.inputs, 1) * width
        pass.withScratch(of: UInt8.self, taps * count * inputs * width) { transformed in
            pass.withScratch(of: UnsafeRawPointer?.self, taps * count) { rows in
                windows.fill(tiles, rows)
                weights.table.winograd_input(rows, count, inputs, transformed)
                for row in 0..<taps * count { rows[row] = UnsafeRawPointer(transformed + row * inputs * width) }
                pass.withScratch(of: Float.self, taps * count * PanelWeights.panelWidth) { sums in
                    pass.withScratch(of: UInt8.self, transposed ? panelBytes : 0) { turned in
                        for panel in panels {
                            multiply(rows, count, panel, sums, turned, panelBytes)
                            write(sums, pixels, panel, image)
                        }
                    }
                }
            }
        }
    }

    /// The sums of one panel, place by place.
    private func multiply(
        _ rows: UnsafeMutablePointer<UnsafeRawPointer?>, _ count: Int, _ panel: Int,
        _ sums: UnsafeMutablePointer<Float>,
        _ turned: UnsafeMutablePointer<UInt8>, _ panelBytes: Int
    ) {
        var nothing = limner_panel_end()
        for tap in 0..<Winograd.taps {
            var packed = UnsafeRawPointer(weights.memory + panel * weights.panelBytes + tap * panelBytes)
            if transposed {
                weights.table.transpose(
                    weights.memory, weights.outputs, weights.inputs, Winograd.taps, panel, tap, turned)
                packed = UnsafeRawPointer(turned)
            }
            weights.table.multiply(
                rows + tap * count, count, 1, inputs, packed, columns(panel),
                sums + tap * count * PanelWeights.panelWidth, 1, &nothing)
        }
    }

    private func write(_ sums: UnsafeMutablePointer<Float>, _ pixels: [Int32], _ panel: Int, _ image: Int) {
        var ending = end.at(row: 0, column: panel * PanelWeights.panelWidth, image: image, target: target)
        weights.table.winograd_output(sums, pixels.count / 4, pixels, columns(panel), &ending)
    }

    private func columns(_ panel: Int) -> Int {
        min(PanelWeights.panelWidth, outputs - panel * PanelWeights.panelWidth)
    }

    /// The rows of the target that the results of each tile belong to, −1 outside the map.
    private func pixels(_ tiles: Range<Int>) -> [Int32] {
        let (height, width) = (target.shape[1], target.shape[2])
        let perImage = windows.result.height * windows.result.width
        return tiles.flatMap { tile in
            let (row, column) = (tile % perImage / windows.result.width * 2, tile % windows.result.width * 2)
            return (0..<4).map { place in
                let (y, x) = (row + place / 2, column + place % 2)
                return y < height && x < width ? Int32((tile / perImage * height + y) * width + x) : -1
            }
        }
    }
}
