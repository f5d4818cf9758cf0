// What a drawing looks like before it is finished: the clean latent a step predicts, thinned until decoding it costs
// little beside a step.
import LimnerEngine
import LimnerImaging

extension Artist {
    /// Pixels along a preview's longer side, at most.
    private static let previewSide = 128

    /// A small picture of a latent [1, h, w, channels] that was predicted for `canvas`.
    func preview(of latent: Tensor, on canvas: Canvas) throws(EngineError) -> Raster {
        let (height, width) = (latent.shape[1], latent.shape[2])
        let factor = (max(height, width) * model.stride + Self.previewSide - 1) / Self.previewSide
        let picture = try model.picture(Self.thinned(latent, by: factor))
        let pixels = picture.values.map { UInt8(((min(max($0, -1), 1) / 2 + 0.5) * 255).rounded()) }
        let raster = Raster(width: picture.shape[2], height: picture.shape[1], pixels: pixels)
        return raster.cropped(
            x: 0, y: 0, width: min(raster.width, max(1, canvas.width / factor)),
            height: min(raster.height, max(1, canvas.height / factor)))
    }

    /// The mean of each `factor`×`factor` block; up to `factor` − 1 latents at the right and lower edges are left out.
    private static func thinned(_ latent: Tensor, by factor: Int) -> Tensor {
        guard factor > 1 else { return latent }
        let (height, width, channels) = (latent.shape[1], latent.shape[2], latent.shape[3])
        let (rows, columns) = (max(1, height / factor), max(1, width / factor))
        let values = latent.values
        var means = [Float](repeating: 0, count: rows * columns * channels)
        for y in 0..<min(height, rows * factor) {
            for x in 0..<min(width, columns * factor) {
                let (from, to) = ((y * width + x) * channels, (y / factor * columns + x / factor) * channels)
                for channel in 0..<channels { means[to + channel] += values[from + channel] }
            }
        }
        let block = Float(min(factor, height) * min(factor, width))
        return Tensor(means.map { $0 / block }, shape: [1, rows, columns, channels])
    }
}
