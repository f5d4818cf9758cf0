// Scoot: whether two drawings have the same strokes, by how often gray levels meet in each part of the picture.

/// Scoot of two drawings, in (0, 1], 1 when the statistics of their strokes are equal.
///
/// Fan and others 2019, as their `ScootMeasure.m` computes it. Values are rounded to bytes and quantised to min(⌊6 I
/// / 255⌋, 5). The picture is cut into 4 × 4 blocks at ⌊size · k / 4⌋; in each, the pairs of levels (from, to) are
/// counted for the neighbours to the right, above right, above and above left; the four counts are averaged and
/// rounded, halves up. With p the counts divided by their sum, a block gives its contrast Σ (i − j)² p and its energy
/// Σ p². Scoot is 1 / (1 + d), d the Euclidean distance between the 32 numbers of either picture.
///
/// - Throws: ``EvaluationError`` when the sizes differ, a side is below 16, or a picture has one value everywhere.
public func scoot(_ a: GrayImage, _ b: GrayImage) throws(EvaluationError) -> Double {
    try requireComparable(a, b, minimum: Limits.minimumScootSide, for: "Scoot")
    let (strokesA, strokesB) = (try strokeStatistics(a), try strokeStatistics(b))
    let squares = zip(strokesA, strokesB).map { ($0 - $1) * ($0 - $1) }
    return 1 / (1 + squares.reduce(0, +).squareRoot())
}

private let levelCount = 6
private let blocksPerSide = 4

/// Contrast and energy of each block, blocks row by row.
private func strokeStatistics(_ image: GrayImage) throws(EvaluationError) -> [Double] {
    let bytes = image.bytes
    guard bytes.contains(where: { $0 != bytes[0] }) else { throw .constant(what: "Scoot") }
    let levels = bytes.map { min(Int($0) * levelCount / 255, levelCount - 1) }
    let rows = (0...blocksPerSide).map { image.height * $0 / blocksPerSide }
    let columns = (0...blocksPerSide).map { image.width * $0 / blocksPerSide }
    var statistics: [Double] = []
    for (top, bottom) in zip(rows, rows.dropFirst()) {
        for (left, right) in zip(columns, columns.dropFirst()) {
            let counts = meetings(levels, width: image.width, rows: top..<bottom, columns: left..<right)
            statistics += contrastAndEnergy(counts)
        }
    }
    return statistics
}

/// How often level i has level j as its neighbour, at i · 6 + j: the rounded mean over the four directions.
private func meetings(_ levels: [Int], width: Int, rows: Range<Int>, columns: Range<Int>) -> [Int] {
    var sums = [Int](repeating: 0, count: levelCount * levelCount)
    for (down, right) in [(0, 1), (-1, 1), (-1, 0), (-1, -1)] {
        let step = down * width + right
        for y in rows.dropFirst(-down) {
            let start = y * width
            for at in start + columns.lowerBound + max(0, -right)..<start + columns.upperBound - max(0, right) {
                sums[levels[at] * levelCount + levels[at + step]] += 1
            }
        }
    }
    return sums.map { ($0 + 2) / 4 }
}

private func contrastAndEnergy(_ counts: [Int]) -> [Double] {
    let total = Double(counts.reduce(0, +))
    var (contrast, energy) = (0.0, 0.0)
    for (at, count) in counts.enumerated() {
        let difference = at / levelCount - at % levelCount
        let share = Double(count) / total
        contrast += Double(difference * difference) * share
        energy += share * share
    }
    return [contrast, energy]
}
