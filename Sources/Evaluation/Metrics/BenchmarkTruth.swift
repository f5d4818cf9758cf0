// How OS-Sketch prepares the drawings that it measures against.

/// The sketch with its contrast raised by half: m + 1.5 (x − m) about the rounded mean m, clipped to 0…255 and cut to
/// whole numbers, which is what the Python imaging library's `ImageEnhance.Contrast(…).enhance(1.5)` makes of a gray
/// picture.
public func benchmarkTruth(_ sketch: GrayImage) -> GrayImage {
    let sum = sketch.values.reduce(0.0) { $0 + Double($1) }
    let mean = Float((sum / Double(sketch.values.count) + 0.5).rounded(.down))
    let values = sketch.values.map { min(max(mean + 1.5 * ($0 - mean), 0), 255).rounded(.down) }
    return GrayImage(width: sketch.width, height: sketch.height, values: values)
}
