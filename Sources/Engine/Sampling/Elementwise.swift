// The arithmetic that samplers do on whole latents: affine sums, element by element.

/// f(a, b) for each pair of elements.
func combine(_ first: [Float], _ second: [Float], _ operation: (Float, Float) -> Float) -> [Float] {
    precondition(first.count == second.count, "latents of different sizes")
    return first.indices.map { operation(first[$0], second[$0]) }
}

/// f(a, b, c) for each three elements.
func combine(
    _ first: [Float], _ second: [Float], _ third: [Float], _ operation: (Float, Float, Float) -> Float
) -> [Float] {
    precondition(first.count == second.count && first.count == third.count, "latents of different sizes")
    return first.indices.map { operation(first[$0], second[$0], third[$0]) }
}
