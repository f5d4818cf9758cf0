// WebP in all its kinds, against Pillow and against pictures whose pixels are known.

import LimnerImaging
import Testing

@Suite struct WebPTests {
    @Test(
        "a lossless WebP decodes exactly, upright, its first frame in its place on white",
        arguments: ["webp-lossless", "webp-turned", "webp-turned-marked", "webp-animated", "webp-broken-profile"])
    func exact(name: String) throws {
        let decoded = try Raster.decode(contentsOf: Fixtures.path(name + ".webp"))
        #expect(try decoded == Fixtures.ppm(name))
    }

    @Test(
        "a WebP that is lossy or transparent decodes as the reference decoder has it, over white",
        arguments: ["webp-lossy", "webp-lossy-transparent", "webp-lossless-transparent"])
    func rounded(name: String) throws {
        let decoded = try Raster.decode(contentsOf: Fixtures.path(name + ".webp"))
        let difference = try #require(largestDifference(decoded, try Fixtures.ppm(name)))
        #expect(difference <= 1)
    }

    @Test("of an animated WebP the first frame is taken, and that is said")
    func animated() throws {
        let picture = try Picture.decode(contentsOf: Fixtures.path("webp-animated.webp"))
        #expect(picture.warnings == [.firstFrameOnly])
    }

    @Test("a WebP without its last byte is said to be cut off")
    func lastByteMissing() throws {
        let bytes = try Fixtures.bytes("webp-lossy.webp")
        let error = imagingError { () throws(ImagingError) in try Raster.decode(Array(bytes.dropLast())) }
        #expect(error == .truncated(.webp))
    }

    @Test("what follows the end of a WebP is ignored")
    func trailingBytes() throws {
        let bytes = try Fixtures.bytes("webp-lossless.webp")
        #expect(try Raster.decode(bytes + Array("PK\u{3}\u{4}".utf8)) == Raster.decode(bytes))
    }

    @Test("an animation without a frame, or with one outside its canvas, is damaged")
    func badAnimation() throws {
        let bytes = try Fixtures.bytes("webp-animated.webp")
        let frame = try #require(bytes.firstRange(of: Array("ANMF".utf8))).lowerBound
        var empty = Array(bytes[..<frame])
        empty[4] = UInt8(frame - 8)
        empty[5] = 0
        var outside = bytes
        outside[frame + 8] = 200
        for damaged in [empty, outside] {
            let error = imagingError { () throws(ImagingError) in try Raster.decode(damaged) }
            guard case .damaged(.webp, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test("§3.75 an animation that claims 16 million pixels a side is refused by its header")
    func hugeCanvas() throws {
        var bytes = try Fixtures.bytes("webp-animated.webp")
        for index in 24..<30 { bytes[index] = 0xFF }
        #expect(
            imagingError { () throws(ImagingError) in try Raster.decode(bytes) }
                == .tooLarge(width: 1 << 24, height: 1 << 24))
    }

    @Test("a WebP is not written", arguments: [PictureFormat.webp, .heic])
    func unwritable(format: PictureFormat) {
        let picture = Raster(width: 1, height: 1, red: 0, green: 0, blue: 0)
        let error = imagingError { () throws(ImagingError) in try picture.encoded(as: format) }
        #expect(error == .unwritable(format, detail: "only PNG and JPEG are written"))
    }
}
