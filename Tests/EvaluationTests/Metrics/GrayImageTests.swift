// How colour becomes gray, and gray becomes bytes.
import LimnerEvaluation
import Testing

@Suite("Gray pictures")
struct GrayImageTests {
    // By Pillow: Image.new("RGB", (1, 1), colour).convert("L").
    private static let lumas: [([UInt8], Float)] = [
        ([255, 0, 0], 76), ([0, 255, 0], 150), ([0, 0, 255], 29), ([255, 255, 255], 255), ([1, 2, 3], 2),
        ([200, 100, 50], 124),
    ]

    @Test("colours become the lumas that Pillow gives them", arguments: lumas)
    func luma(_ colour: [UInt8], _ gray: Float) {
        #expect(GrayImage(rgb: colour, width: 1, height: 1).values == [gray])
    }

    @Test("rows stay rows")
    func rows() {
        let image = GrayImage(rgb: [0, 0, 0, 255, 255, 255], width: 1, height: 2)
        #expect(image == GrayImage(width: 1, height: 2, values: [0, 255]))
    }

    @Test("bytes are rounded and clipped")
    func bytes() {
        #expect(GrayImage(width: 5, height: 1, values: [-3, 0.5, 1.4, 254.6, 300]).bytes == [0, 1, 1, 255, 255])
    }
}
