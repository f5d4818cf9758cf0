// Resizing against Pillow's results, and the exact operations against their definitions.

import LimnerImaging
import Testing

@Suite struct RasterTests {
    @Test(
        "resizing gives Pillow's result within 1",
        arguments: ["lanczos", "bicubic"], [(20, 15), (75, 58), (61, 20), (7, 90), (1, 1)])
    func resized(name: String, size: (Int, Int)) throws {
        let filter: ResamplingFilter = name == "lanczos" ? .lanczos : .bicubic
        let resized = try Fixtures.ppm("resize-source").resized(width: size.0, height: size.1, filter: filter)
        let expected = try Fixtures.ppm("resize-\(name)-\(size.0)x\(size.1)")
        let difference = try #require(largestDifference(resized, expected))
        #expect(difference <= 1)
    }

    @Test("one colour stays that colour at any size", arguments: [(1, 1), (3, 200), (64, 5)])
    func constant(width: Int, height: Int) {
        let picture = Raster(width: 17, height: 31, red: 3, green: 128, blue: 255)
        let expected = Raster(width: width, height: height, red: 3, green: 128, blue: 255)
        #expect(picture.resized(width: width, height: height) == expected)
    }

    @Test("a resizing to the same size changes nothing")
    func sameSize() {
        let picture = Fixtures.noise(width: 9, height: 8)
        #expect(picture.resized(width: 9, height: 8) == picture)
    }

    @Test(
        "fitting keeps the aspect",
        arguments: [(200, 100, 50, 25), (100, 200, 25, 50), (1000, 1, 10, 1), (30, 30, 60, 60)])
    func fitted(width: Int, height: Int, fittedWidth: Int, fittedHeight: Int) {
        let picture = Raster(width: width, height: height, red: 0, green: 0, blue: 0)
        let fitted = picture.fitted(longSide: max(fittedWidth, fittedHeight))
        #expect(fitted.width == fittedWidth && fitted.height == fittedHeight)
    }

    @Test("luminance is Pillow's L")
    func luminance() throws {
        #expect(try Fixtures.ppm("resize-source").gray == Fixtures.ppm("resize-source-gray"))
    }

    @Test("a crop holds the pixels it names")
    func cropped() {
        let picture = Raster(width: 3, height: 2, luminance: [1, 2, 3, 4, 5, 6])
        #expect(
            picture.cropped(x: 1, y: 0, width: 2, height: 2) == Raster(width: 2, height: 2, luminance: [2, 3, 5, 6]))
    }

    @Test("padding repeats the edge")
    func padded() {
        let picture = Raster(width: 2, height: 2, luminance: [1, 2, 3, 4])
        let expected = Raster(
            width: 5, height: 4,
            luminance: [1, 1, 2, 2, 2, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 3, 3, 4, 4, 4])
        #expect(picture.padded(left: 1, top: 1, right: 2, bottom: 1) == expected)
    }

    @Test("cropping takes padding away again")
    func paddedAndCropped() {
        let picture = Fixtures.noise(width: 5, height: 7)
        #expect(
            picture.padded(left: 3, top: 2, right: 1, bottom: 4).cropped(x: 3, y: 2, width: 5, height: 7) == picture)
    }

    @Test("pasting changes the pixels under the picture only")
    func pasted() {
        var picture = Raster(width: 3, height: 2, luminance: [0, 0, 0, 0, 0, 0])
        picture.paste(Raster(width: 2, height: 1, luminance: [8, 9]), x: 1, y: 1)
        #expect(picture == Raster(width: 3, height: 2, luminance: [0, 0, 0, 0, 8, 9]))
    }

    @Test("grey is told from colour by every channel", arguments: 0..<3)
    func isGray(channel: Int) {
        var picture = Raster(width: 4, height: 4, red: 7, green: 7, blue: 7)
        #expect(picture.isGray)
        picture.pixels[45 + channel] = 8
        #expect(!picture.isGray)
    }
}
