// Scoot on pictures whose co-occurrence counts can be written down.
import LimnerEvaluation
import Testing

@Suite("Scoot by hand")
struct ScootTests {
    /// 16 blocks of 4 × 4: white but for one black pixel in the corner.
    private static let nearlyWhite = GrayImage(width: 16, height: 16) { x, y in x == 0 && y == 0 ? 0 : 255 }

    // In a 4 × 4 block of vertical stripes, one pixel wide, the steps to the right meet black–white 8 and white–black
    // 4 times; above right 6 and 3; above left 3 and 6 (from white and black; columns 1, 2 and 3 look left); straight
    // above 6 stay black and 6 white. Quarters of 17, 13, 6 and 6: 4, 3, 2 and 2 after rounding.
    @Test("vertical stripes against nearly white paper")
    func stripes() throws {
        let stripes = GrayImage(width: 16, height: 16) { x, _ in x % 2 == 0 ? 0 : 255 }
        let contrast = 25.0 * 7 / 11
        let energy = (16.0 + 9 + 4 + 4) / 121
        // The corner's block: one black pixel that looks right once; the pixel below looks up at it, and so does the
        // one below and right of it. All three round to 0 or 1 together: black–white 1 of 4 → 0, white–black 2 of 4 →
        // 1.
        let corner = (contrast: 25.0 * 1 / 11, energy: (1.0 + 100) / 121)
        let others = 15 * (contrast * contrast + (energy - 1) * (energy - 1))
        let first = (contrast - corner.contrast, energy - corner.energy)
        let distance = (others + first.0 * first.0 + first.1 * first.1).squareRoot()
        #expect(abs(try scoot(stripes, Self.nearlyWhite) - 1 / (1 + distance)) < 1e-12)
    }

    @Test("levels are six equal parts of 255: 42 is in the first, 43 in the second, 255 in the last")
    func levels() throws {
        func paper(_ value: Float) -> GrayImage {
            GrayImage(width: 16, height: 16) { x, y in x == 0 && y == 0 ? 0 : value }
        }
        #expect(try scoot(paper(42), Self.allBlackButOne) == 1)
        #expect(try scoot(paper(43), Self.allBlackButOne) < 1)
        #expect(try scoot(paper(213), paper(255)) == 1)
    }

    private static let allBlackButOne = GrayImage(width: 16, height: 16) { x, y in x == 0 && y == 0 ? 1 : 0 }

    @Test("values are rounded to bytes before they are compared")
    func rounding() throws {
        let picture = try MetricGoldens.picture("wide-photo")
        let shifted = GrayImage(width: picture.width, height: picture.height, values: picture.values.map { $0 + 0.4 })
        #expect(try scoot(picture, shifted) == 1)
    }

    @Test("a constant picture is refused")
    func constant() throws {
        let blank = GrayImage(width: 16, height: 16) { _, _ in 255 }
        #expect(throws: EvaluationError.constant(what: "Scoot")) { try scoot(Self.nearlyWhite, blank) }
    }
}
