// FSIM: how well two pictures agree in what the eye looks for, edges and lines, by phase congruency and gradient.

/// FSIM of two gray pictures, in (0, 1], 1 for equal ones.
///
/// Zhang, Zhang, Mou and Zhang 2011, equations 4 to 8, without colour. Pictures are first reduced by F = max(1,
/// round(shorter side / 256)), halves to even, to the means of F × F pixels. S = S_PC · S_G with T1 = 0.85 on phase
/// congruency and T2 = 160 on the length of Scharr's gradient (zeros beyond the edge); FSIM = Σ S · PC / Σ PC, PC the
/// larger of the two congruencies. It is PyPI's `piq.fsim(chromatic=False, data_range=255)`, which differs from the
/// authors' FeatureSIM.m in where the blocks of odd F begin and in the smallest of constants.
///
/// - Throws: ``EvaluationError`` when the sizes differ or a side is below 16.
public func featureSimilarity(_ a: GrayImage, _ b: GrayImage) throws(EvaluationError) -> Double {
    try FeatureComparison(with: a).similarity(to: b)
}

/// FSIM with one picture that many are compared with: its features are computed once.
final class FeatureComparison {
    private struct Features {
        let congruency: [Float]
        let gradient: [Double]
    }

    private let reference: GrayImage
    private let reduction: Int
    private let phaseCongruency: PhaseCongruency
    private let features: Features

    /// - Throws: ``EvaluationError/tooSmall(what:width:height:minimum:)``.
    init(with reference: GrayImage) throws(EvaluationError) {
        try requireComparable(reference, reference, minimum: Limits.minimumFeatureSide, for: "FSIM")
        let ratio = Double(min(reference.width, reference.height)) / 256
        reduction = max(1, Int(ratio.rounded(.toNearestOrEven)))
        phaseCongruency = PhaseCongruency(width: reference.width / reduction, height: reference.height / reduction)
        features = FeatureComparison.features(of: reference, reduction, phaseCongruency)
        self.reference = reference
    }

    /// - Throws: ``EvaluationError/sizesDiffer(width:height:otherWidth:otherHeight:)``.
    func similarity(to image: GrayImage) throws(EvaluationError) -> Double {
        try requireComparable(reference, image, minimum: Limits.minimumFeatureSide, for: "FSIM")
        let other = FeatureComparison.features(of: image, reduction, phaseCongruency)
        var (weighted, weights) = (0.0, 0.0)
        for i in other.gradient.indices {
            let (pc, otherPC) = (Double(features.congruency[i]), Double(other.congruency[i]))
            let weight = max(pc, otherPC)
            weighted += weight * agreement(pc, otherPC, 0.85) * agreement(features.gradient[i], other.gradient[i], 160)
            weights += weight
        }
        return weighted / weights
    }

    private static func features(of image: GrayImage, _ reduction: Int, _ congruency: PhaseCongruency) -> Features {
        let plane = Plane(image).blockMeans(side: reduction)
        let scharr = [3.0 / 16, 10.0 / 16, 3.0 / 16]
        return Features(
            congruency: congruency(plane),
            gradient: plane.gradientMagnitude(smoothing: scharr, beyond: .zero).values)
    }

    private func agreement(_ a: Double, _ b: Double, _ constant: Double) -> Double {
        (2 * a * b + constant) / (a * a + b * b + constant)
    }
}
