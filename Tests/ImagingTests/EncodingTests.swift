// What is written: the pixels, the texts asked for, nothing else.

import LimnerImaging
import Testing

@Suite struct EncodingTests {
    @Test("a PNG written and read again is the same picture")
    func roundTrip() throws {
        let picture = Fixtures.noise(width: 37, height: 23)
        #expect(try Raster.decode(picture.encoded(as: .png)) == picture)
    }

    @Test("the smallest and the thinnest pictures survive", arguments: [(1, 1), (1, 300), (300, 1)])
    func thin(width: Int, height: Int) throws {
        let picture = Fixtures.noise(width: width, height: height)
        #expect(try Raster.decode(picture.encoded(as: .png)) == picture)
        #expect(try Raster.decode(picture.encoded(as: .jpeg)).height == height)
    }

    @Test("a grey picture is written as grey, and read again is the same")
    func grayPNG() throws {
        let picture = Fixtures.noise(width: 20, height: 10).gray
        let bytes = try picture.encoded(as: .png)
        let header = try #require(PNGChunks(bytes).first { $0.type == "IHDR" })
        #expect(Array(header.payload.suffix(5)) == [8, 0, 0, 0, 0])
        #expect(try Raster.decode(bytes) == picture)
    }

    @Test("one coloured pixel makes an RGB PNG")
    func colouredPixel() throws {
        var picture = Fixtures.noise(width: 20, height: 10).gray
        picture.pixels[598] ^= 1
        let header = try #require(PNGChunks(picture.encoded(as: .png)).first { $0.type == "IHDR" })
        #expect(header.payload[header.payload.startIndex + 9] == 2)
    }

    @Test("a PNG holds size, texts, pixels and end, whatever the input held")
    func noLeak() throws {
        let picture = try Raster.decode(contentsOf: Fixtures.path("remarks.png"))
        let types = try PNGChunks(picture.encoded(as: .png, texts: [PictureText("Software", "Limner")])).map(\.type)
        #expect(types == ["IHDR", "tEXt", "IDAT", "IEND"])
    }

    @Test("a JPEG made from one with EXIF holds neither EXIF nor a profile")
    func noLeakJPEG() throws {
        let picture = try Raster.decode(contentsOf: Fixtures.path("held-6-be.jpg"))
        let bytes = try picture.encoded(as: .jpeg)
        let markers = JPEGSegments(bytes).map(\.marker)
        #expect(markers.filter { (0xE0...0xEF).contains($0) || $0 == 0xFE } == [0xE0])
    }

    @Test("ASCII texts are tEXt, others iTXt, in order")
    func texts() throws {
        let texts = [PictureText("Software", "Limner\n1"), PictureText("Style", "Köln")]
        let bytes = try Fixtures.noise(width: 2, height: 2).encoded(as: .png, texts: texts)
        let chunks = PNGChunks(bytes).filter { $0.type.hasSuffix("Xt") }
        #expect(chunks.map(\.type) == ["tEXt", "iTXt"])
        #expect(Array(chunks[0].payload) == Array("Software\0Limner\n1".utf8))
        #expect(Array(chunks[1].payload) == Array("Style\0\0\0\0\0Köln".utf8))
    }

    @Test("texts in a JPEG are comments")
    func comments() throws {
        let bytes = try Fixtures.noise(width: 2, height: 2).encoded(as: .jpeg, texts: [PictureText("Seed", "7")])
        let comment = try #require(JPEGSegments(bytes).first { $0.marker == 0xFE })
        #expect(Array(comment.payload) == Array("Seed: 7".utf8))
    }

    @Test(
        "texts a picture cannot hold are refused",
        arguments: [
            PictureText("", "x"), PictureText(" key", "x"), PictureText("a  b", "x"), PictureText("schlüssel", "x"),
            PictureText(String(repeating: "k", count: 80), "x"), PictureText("key", "a\0b"),
            PictureText("key", String(repeating: "v", count: Limits.maximumTextBytes)),
        ])
    func badTexts(text: PictureText) {
        let error = imagingError { () throws(ImagingError) in
            try Fixtures.noise(width: 2, height: 2).encoded(as: .png, texts: [text])
        }
        guard case .unwritable(.png, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a comment longer than a JPEG segment is refused")
    func longComment() {
        let text = PictureText("key", String(repeating: "v", count: 65_530))
        let error = imagingError { () throws(ImagingError) in
            try Fixtures.noise(width: 2, height: 2).encoded(as: .jpeg, texts: [text])
        }
        guard case .unwritable(.jpeg, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a JPEG of higher quality is nearer and larger")
    func quality() throws {
        let picture = try Fixtures.ppm("resize-source")
        let sizes = try [40, 80, 98].map { try picture.encoded(as: .jpeg, quality: $0).count }
        let far = try [40, 80, 98].map { quality in
            let decoded = try Raster.decode(picture.encoded(as: .jpeg, quality: quality))
            return zip(decoded.pixels, picture.pixels).map { abs(Int($0) - Int($1)) }.reduce(0, +)
        }
        #expect(sizes == sizes.sorted() && far == far.sorted(by: >))
        #expect(far[2] / picture.pixels.count < 3)
    }

    @Test("a JPEG larger than the encoder's first buffer is whole")
    func growing() throws {
        let picture = Fixtures.noise(width: 700, height: 500)
        let bytes = try picture.encoded(as: .jpeg, quality: 100)
        #expect(bytes.count > 300_000)
        #expect(bytes.suffix(2) == [0xFF, 0xD9])
        #expect(try Raster.decode(bytes).width == 700)
    }

    @Test("a side too long for a JPEG is refused")
    func longSide() {
        let picture = Raster(width: 65_501, height: 1, red: 0, green: 0, blue: 0)
        let error = imagingError { () throws(ImagingError) in try picture.encoded(as: .jpeg) }
        guard case .unwritable(.jpeg, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
