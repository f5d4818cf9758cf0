// Pictures of every kind come out as their definition, or the reference decoder, says.

import LimnerImaging
import Testing

@Suite struct DecodingTests {
    @Test(
        "§3.75 an opaque PNG of 8 bits or fewer decodes exactly",
        arguments: [
            "gray1", "gray2", "gray4", "gray8", "rgb8", "palette1", "palette2", "palette4", "palette8",
            "gray8-transparent", "rgb8-transparent", "gray1-interlaced", "rgb8-narrow-interlaced", "remarks",
            "remark-with-bad-sum", "animated", "turned",
        ])
    func exactPNG(name: String) throws {
        let decoded = try Raster.decode(contentsOf: Fixtures.path(name + ".png"))
        #expect(try decoded == Fixtures.ppm(name))
    }

    @Test(
        "§3.75 a PNG of 16 bits, or with partial transparency, decodes to the nearest value over white",
        arguments: [
            "gray16", "rgb16", "gray-alpha8", "gray-alpha16", "rgba8", "rgba16", "palette4-transparent",
            "palette8-transparent", "palette4-transparent-interlaced", "palette8-transparent-interlaced",
            "gray16-transparent", "rgb16-transparent", "rgb16-interlaced", "rgba8-interlaced",
        ])
    func roundedPNG(name: String) throws {
        let decoded = try Raster.decode(contentsOf: Fixtures.path(name + ".png"))
        let difference = try #require(largestDifference(decoded, try Fixtures.ppm(name)))
        #expect(difference <= 1)
    }

    @Test("of two 16-bit greys with one high byte, the one named in tRNS alone is transparent")
    func exactTransparency() throws {
        let decoded = try Raster.decode(contentsOf: Fixtures.path("gray16-transparent.png"))
        #expect(Array(decoded.pixels.prefix(6)) == [81, 81, 81, 255, 255, 255])
    }

    @Test(
        "a JPEG decodes as the reference decoder does",
        arguments: [
            "full-colour", "half-colour", "progressive", "restarts", "gray", "stored-as-rgb", "broken-profile", "cmyk",
            "ycck",
        ])
    func jpeg(name: String) throws {
        let decoded = try Raster.decode(contentsOf: Fixtures.path(name + ".jpg"))
        let difference = try #require(largestDifference(decoded, try Fixtures.ppm(name)))
        #expect(difference <= 1)
    }

    @Test("§3.75 the four-colour pictures show the scene, not its negative")
    func inks() throws {
        let scene = try Fixtures.ppm("rgb8")
        for name in ["cmyk.jpg", "ycck.jpg"] {
            let decoded = try Raster.decode(contentsOf: Fixtures.path(name))
            let far = zip(decoded.luminance, scene.luminance).map { abs(Int($0) - Int($1)) }.reduce(0, +)
            #expect(far / scene.luminance.count < 8, "\(name)")
        }
    }

    @Test("four colours without the Adobe segment are read as the inverted inks everyone writes")
    func inksWithoutAdobe() throws {
        var bytes = try Fixtures.bytes("cmyk.jpg")
        let adobe = try #require(bytes.firstRange(of: Array("Adobe".utf8)))
        let start = adobe.lowerBound - 4
        bytes.removeSubrange(start..<start + 2 + Int(bytes[start + 3]))
        #expect(try Raster.decode(bytes) == Raster.decode(contentsOf: Fixtures.path("cmyk.jpg")))
    }

    @Test("§3.75 what follows the end of a JPEG, as in a JPEG that is a ZIP archive too, is ignored")
    func trailingArchive() throws {
        let bytes = try Fixtures.bytes("half-colour.jpg")
        let archive = Array("PK\u{3}\u{4}".utf8) + Array(repeating: 7, count: 900)
        #expect(try Raster.decode(bytes + archive) == Raster.decode(bytes))
    }

    @Test("what follows the end of a PNG is ignored")
    func trailingBytes() throws {
        let bytes = try Fixtures.bytes("rgb8.png")
        #expect(try Raster.decode(bytes + [1, 2, 3]) == Raster.decode(bytes))
    }

    @Test("the name of a file does not matter")
    func contentNotName() throws {
        #expect(try PictureHeader.read(contentsOf: Fixtures.path("rgb8.png")).format == .png)
        #expect(try PictureHeader.read(Fixtures.bytes("gray.jpg")).format == .jpeg)
    }

    @Test(
        "a JPEG decoded for a smaller size keeps its longer side at least that long",
        arguments: [1, 150, 151, 300, 601])
    func scaled(longSide: Int) throws {
        let bytes = try Fixtures.noise(width: 1201, height: 700).encoded(as: .jpeg)
        let decoded = try Raster.decode(bytes, atLeast: longSide)
        let divisor = [1: 8, 150: 8, 151: 8, 300: 4, 601: 2][longSide] ?? 1
        #expect(decoded.width == (1201 + divisor - 1) / divisor)
        #expect(decoded.height == (700 + divisor - 1) / divisor)
        #expect(decoded.width >= longSide)
    }

    @Test("a JPEG decoded at half its size looks like the whole one reduced")
    func scaledContent() throws {
        let picture = try Fixtures.ppm("resize-source").resized(width: 400, height: 300)
        let bytes = try picture.encoded(as: .jpeg, quality: 95)
        let half = try Raster.decode(bytes, atLeast: 200)
        let difference = try #require(largestDifference(half, picture.resized(width: 200, height: 150)))
        #expect(difference < 24)
    }

    @Test("a PNG is decoded whole, whatever smaller size is wanted")
    func unscaledPNG() throws {
        let decoded = try Raster.decode(Fixtures.bytes("rgb8.png"), atLeast: 4)
        #expect(decoded.width == 29)
    }
}
