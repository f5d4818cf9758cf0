// A photo of any size comes to sides the model can draw, and back, without distortion.
import LimnerEngine
import LimnerImaging
import LimnerProtocol
import LimnerStudio
import Testing

@Suite("A photo's drawing size")
struct CanvasTests {
    @Test(
        "the long side is the one asked for, the aspect kept, the model's stride filled",
        arguments: [
            (1200, 900, 256, [256, 192, 256, 192]), (900, 1200, 256, [192, 256, 192, 256]),
            (1000, 777, 250, [250, 194, 256, 200]), (3, 3000, 64, [1, 64, 8, 64]),
        ])
    func longSide(width: Int, height: Int, side: Int, expected: [Int]) throws {
        let canvas = try Canvas(width: width, height: height, size: .longSide(side), stride: 8)
        #expect([canvas.width, canvas.height, canvas.paddedWidth, canvas.paddedHeight] == expected)
    }

    @Test("the original size of a photo whose sides suit the model leaves every pixel as it is")
    func original() throws {
        let pixels = (0..<16 * 24 * 3).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let photo = Raster(width: 24, height: 16, pixels: pixels)
        let canvas = try Canvas(width: 24, height: 16, size: .original, stride: 8)
        #expect(canvas.tensor(photo).shape == [1, 16, 24, 3])
        #expect(canvas.raster(canvas.tensor(photo)) == photo)
    }

    @Test("a photo whose sides do not suit is padded by its edge, and cropped again")
    func padded() throws {
        let pixels = (0..<10 * 13 * 3).map { UInt8(truncatingIfNeeded: $0 &* 11) }
        let photo = Raster(width: 13, height: 10, pixels: pixels)
        let canvas = try Canvas(width: 13, height: 10, size: .original, stride: 8)
        let tensor = canvas.tensor(photo)
        #expect(tensor.shape == [1, 16, 16, 3])
        #expect(tensor.values[(9 * 16 + 15) * 3] == tensor.values[(9 * 16 + 12) * 3])
        #expect(canvas.raster(tensor) == photo)
    }

    @Test("an original size beyond the limit is refused with the way out")
    func tooLarge() {
        let error = #expect(throws: StudioError.self) {
            try Canvas(width: 9000, height: 6000, size: .original, stride: 8)
        }
        #expect(error?.description.contains("give a size") == true)
    }

    @Test("values out of range are clamped, not wrapped")
    func clamped() throws {
        let canvas = try Canvas(width: 1, height: 1, size: .original, stride: 1)
        #expect(canvas.raster(Tensor([-3, 0, 7], shape: [1, 1, 1, 3])).pixels == [0, 128, 255])
    }
}
