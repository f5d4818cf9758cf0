// SSIM, and its formula on gradients as a measure of likeness between a drawing and a photo.

/// SSIM of two pictures: 1 for equal ones, about 0 for unrelated ones, −1 at the least.
///
/// Wang, Bovik, Sheikh and Simoncelli 2004, equation 13, with a Gaussian window of 11 × 11 and σ 1.5, K = (0.01,
/// 0.03), L = 255, covariances of the whole window (divided by its weight, not by n − 1), averaged over the places
/// where the window lies inside the pictures. It is scikit-image's `structural_similarity` with
/// `gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255`.
///
/// - Throws: ``EvaluationError`` when the sizes differ or a side is below 11.
public func structuralSimilarity(_ a: GrayImage, _ b: GrayImage) throws(EvaluationError) -> Double {
    try requireComparable(a, b, minimum: Limits.minimumStructureSide, for: "SSIM")
    return meanStructure(Plane(a), Plane(b))
}

/// How well the edges of `a` and `b` agree, whatever their tones: likeness of a sketch to its photo.
///
/// Both pictures are blurred with a Gaussian of σ 2.5 pixels (the edge continued outwards), enough for hatching to
/// become tone and for lines that lie a little beside the photo's edges to meet them; G is the length of the Sobel
/// gradient divided by 4, (∂x, ∂y) = ([−1 0 1] ⊗ [1 2 1], its transpose) / 4, so that a step has about its own
/// height. The result is ``structuralSimilarity(_:_:)``'s formula, window and constants on the two G.
///
/// - Throws: ``EvaluationError`` when the sizes differ or a side is below 11.
public func gradientStructureSimilarity(_ a: GrayImage, _ b: GrayImage) throws(EvaluationError) -> Double {
    try requireComparable(a, b, minimum: Limits.minimumStructureSide, for: "gradient structure")
    return meanStructure(edges(of: a), edges(of: b))
}

private func edges(of image: GrayImage) -> Plane {
    Plane(image).blurred(sigma: 2.5).gradientMagnitude(smoothing: [0.25, 0.5, 0.25], beyond: .nearest)
}

/// The mean of SSIM's map over the places where the window lies inside.
private func meanStructure(_ a: Plane, _ b: Plane) -> Double {
    let window = gaussianKernel(sigma: 1.5, radius: Limits.minimumStructureSide / 2)
    func mean(_ plane: Plane) -> [Double] { plane.correlated(across: window, down: window).values }
    let (meanA, meanB) = (mean(a), mean(b))
    let squareA = mean(a.mapped { $0 * $0 })
    let squareB = mean(b.mapped { $0 * $0 })
    let product = mean(a.merged(with: b, *))
    let (c1, c2) = (0.01 * 255 * 0.01 * 255, 0.03 * 255 * 0.03 * 255)
    var sum = 0.0
    for i in meanA.indices {
        let means = meanA[i] * meanB[i]
        let squares = meanA[i] * meanA[i] + meanB[i] * meanB[i]
        let covariance = product[i] - means
        let variances = squareA[i] + squareB[i] - squares
        sum += (2 * means + c1) * (2 * covariance + c2) / ((squares + c1) * (variances + c2))
    }
    return sum / Double(meanA.count)
}
