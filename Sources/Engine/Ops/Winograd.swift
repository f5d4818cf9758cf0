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
        let (images, tiles) = (target.shape[0], target.shape[0] * windows.result.height * windows.result.width)
        // With work enough every thread takes blocks of its own, whose windows stay in its core's cache.
        if tiles >= WinogradJob.fewestBlocks * options.threads * WinogradJob.tilesPerBlock {
            let blocks = Blocks(rows: tiles, images: images, size: WinogradJob.tilesPerBlock)
            parallel(blocks.count, grain: 1) { job.run(blocks[$0.lowerBound], alone: true) }
        } else {
            let groups = Blocks(rows: tiles, images: images, size: job.tilesPerGroup)
            for group in 0..<groups.count { job.run(groups[group], alone: false) }
        }
    }
}

/// One Winograd convolution: the windows of a group of tiles are transformed, then every panel's products with them made.
private struct WinogradJob {
    let pass: Pass
    let windows: PixelRows
    let weights: PanelWeights
    let transposed: Bool
    let target: Tensor
    let end: ProductEnd

    /// Blocks for every thread from which each has its own, and tiles of a block: a multiple of every tile's height in the
    /// kernels; the sums of a panel fit a core's cache.
    static let (fewestBlocks, tilesPerBlock) = (5, 96)
    /// Of the transformed windows of a group that all threads share.
    private static let mostBytes = 16 << 20
    private static let tilesPerTransform = 16

    private var inputs: Int { weights.fed(transposed ? weights.outputs : weights.inputs) }
    private var outputs: Int { transposed ? weights.inputs : weights.outputs }
    private var panels: Int { (outputs + PanelWeights.panelWidth - 1) / PanelWeights.panelWidth }
    private var rowBytes: Int { inputs * weights.element.width }
    private var tapBytes: Int {
        weights.table.panel_values(transposed ? weights.outputs : weights.inputs, 1) * weights.element.width
    }

    var tilesPerGroup: Int { max(Self.tilesPerBlock, Self.mostBytes / (Winograd.taps * rowBytes)) }

    /// - Parameter alone: on this thread alone.
    func run(_ block: Blocks.Block, alone: Bool) {
        let (tiles, taps, count) = (block.rows, Winograd.taps, block.rows.count)
        pass.withScratch(of: UInt8.self, taps * count * rowBytes) { transformed in
            pass.withScratch(of: UnsafeRawPointer?.self, taps * count) { rows in
                share(count, grain: Self.tilesPerTransform, alone) { transform(tiles, $0, transformed, rows) }
                let pixels = pixels(tiles)
                let parts = (count + Self.tilesPerBlock - 1) / Self.tilesPerBlock
                share(panels * parts, grain: 1, alone) { task in
                    let first = task.lowerBound % parts * Self.tilesPerBlock
                    let part = first..<min(first + Self.tilesPerBlock, count)
                    multiply(rows, count, part, pixels, panel: task.lowerBound / parts, block.image)
                }
            }
        }
    }

    private func share(_ count: Int, grain: Int, _ alone: Bool, _ body: (Range<Int>) -> Void) {
        guard alone else { return pass.parallel(count, grain: grain, body) }
        for first in stride(from: 0, to: count, by: grain) { body(first..<min(first + grain, count)) }
    }

    /// Transforms `some` of the windows, and says where each place of them lies: `rows` [taps, tiles].
    private func transform(
        _ tiles: Range<Int>, _ some: Range<Int>, _ transformed: UnsafeMutablePointer<UInt8>,
        _ rows: UnsafeMutablePointer<UnsafeRawPointer?>
    ) {
        let taps = Winograd.taps
        pass.withScratch(of: UnsafeRawPointer?.self, taps * some.count) { pointers in
            windows.fill(tiles.lowerBound + some.lowerBound..<tiles.lowerBound + some.upperBound, pointers)
            let out = transformed + some.lowerBound * taps * rowBytes
            weights.table.winograd_input(pointers, some.count, inputs, out)
            for tap in 0..<taps {
                for tile in 0..<some.count {
                    rows[tap * tiles.count + some.lowerBound + tile] = UnsafeRawPointer(
                        out + (tap * some.count + tile) * rowBytes)
                }
            }
        }
    }

    /// The results of one panel for a part of the tiles.
    private func multiply(
        _ rows: UnsafeMutablePointer<UnsafeRawPointer?>, _ count: Int, _ part: Range<Int>, _ pixels: [Int32],
        panel: Int, _ image: Int
    ) {
        let width = PanelWeights.panelWidth
        let columns = min(width, outputs - panel * width)
        pass.withScratch(of: Float.self, Winograd.taps * part.count * width) { sums in
            pass.withScratch(of: UInt8.self, transposed ? tapBytes : 0) { turned in
                var nothing = limner_panel_end()
                for tap in 0..<Winograd.taps {
                    weights.table.multiply(
                        rows + tap * count + part.lowerBound, part.count, 1, inputs, packed(panel, tap, turned),
                        columns, sums + tap * part.count * width, 1, &nothing)
                }
            }
            var ending = end.at(row: 0, column: panel * width, image: image, target: target)
            pixels.withUnsafeBufferPointer {
                weights.table.winograd_output(
                    sums, part.count, $0.baseAddress! + 4 * part.lowerBound, columns, &ending)
            }
        }
    }

    /// One place's weights of a panel, turned round into `turned` for the adjoint.
    private func packed(_ panel: Int, _ tap: Int, _ turned: UnsafeMutablePointer<UInt8>) -> UnsafeRawPointer {
        guard transposed else {
            return UnsafeRawPointer(weights.memory + panel * weights.panelBytes + tap * tapBytes)
        }
        weights.table.transpose(weights.memory, weights.outputs, weights.inputs, Winograd.taps, panel, tap, turned)
        return UnsafeRawPointer(turned)
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
