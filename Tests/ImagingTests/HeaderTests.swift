// What is refused, and that it is refused by the header alone.

import LimnerImaging
import Testing

@Suite struct HeaderTests {
    @Test("the header gives the upright size")
    func uprightSize() throws {
        let stored = try PictureHeader.read(Fixtures.bytes("held-1-le.jpg"))
        let turned = try PictureHeader.read(Fixtures.bytes("held-6-be.jpg"))
        #expect(stored.width == 29 && stored.height == 19)
        #expect(turned.width == 19 && turned.height == 29)
    }

    @Test(
        "the header's size is the decoded size, for every fixture",
        arguments: Fixtures.pictureNames.filter { !$0.hasPrefix("bomb") })
    func sizeAgrees(name: String) throws {
        let header = try PictureHeader.read(contentsOf: Fixtures.path(name))
        let decoded = try Raster.decode(contentsOf: Fixtures.path(name))
        #expect(header.width == decoded.width && header.height == decoded.height)
    }

    @Test("too many pixels are refused with how many there may be")
    func limitSaid() {
        #expect("\(ImagingError.tooLarge(width: 8000, height: 6000))".contains("at most 12.5 million"))
    }

    @Test("§3.75 a PNG that claims 60000 × 60000 pixels is refused by its header")
    func hugeClaim() throws {
        let bytes = try pngClaiming(width: 60_000, height: 60_000)
        #expect(
            imagingError { () throws(ImagingError) in try Raster.decode(bytes) }
                == .tooLarge(width: 60_000, height: 60_000))
    }

    @Test(
        "sizes just inside the limits pass the header, just outside they do not",
        arguments: [
            (4096, 3072, true), (4032, 3024, true), (20_000, 629, true), (20_001, 1, false), (1, 20_001, false),
            (4096, 3073, false),
        ])
    func limits(width: Int, height: Int, passes: Bool) throws {
        let bytes = try pngClaiming(width: width, height: height)
        let error = imagingError { () throws(ImagingError) in try PictureHeader.read(bytes) }
        #expect(error == (passes ? nil : .tooLarge(width: width, height: height)))
    }

    @Test("§3.75 a JPEG that claims 65535 lines is refused by its header")
    func hugeJPEG() throws {
        var bytes = try Fixtures.bytes("gray.jpg")
        let frame = try #require(bytes.firstRange(of: [0xFF, 0xC0])).lowerBound
        bytes.replaceSubrange(frame + 5..<frame + 7, with: [0xFF, 0xFF])
        #expect(
            imagingError { () throws(ImagingError) in try Raster.decode(bytes) } == .tooLarge(width: 29, height: 65_535)
        )
    }

    @Test("a side of no pixels is damage")
    func emptySide() throws {
        let error = imagingError { () throws(ImagingError) in
            try PictureHeader.read(try pngClaiming(width: 0, height: 4))
        }
        #expect(error == .damaged(.png, detail: "its size is 0 × 4"))
    }

    @Test(
        "JPEGs of kinds no one sends are named as such",
        arguments: [(UInt8(0xC3), UInt8(8), UInt8(1)), (0xC0, 12, 1), (0xC0, 8, 2)])
    func unsupported(marker: UInt8, precision: UInt8, components: UInt8) {
        let frame: [UInt8] = [0xFF, marker, 0, 11, precision, 0, 8, 0, 8, components, 1, 0x11, 0]
        let error = imagingError { () throws(ImagingError) in try PictureHeader.read([0xFF, 0xD8] + frame) }
        guard case .unsupported(.jpeg, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        "what is no picture is named for what it looks like",
        arguments: [
            ("", "an empty file"), ("RIFF\u{1}\u{2}\u{3}\u{4}WAVE", "a sound or film file"),
            ("GIF89a", "a GIF picture"),
            ("\0\0\0\u{18}ftypavif", "an AVIF picture"),
            ("%PDF-1.7", "a PDF document"), ("II*\0", "a TIFF or raw camera file"), ("PK\u{3}\u{4}", "a ZIP archive"),
            ("<svg xmlns=\"http://www.w3.org/2000/svg\">", "an SVG drawing"), ("<!DOCTYPE html>", "a web page"),
            ("hello\n", "a text"), ("\0\0\0\0\0", "a file of zeros"), ("\u{1}\u{2}\u{3}", "a file of an unknown kind"),
        ])
    func lookalikes(content: String, name: String) {
        let error = imagingError { () throws(ImagingError) in try Raster.decode(Array(content.utf8)) }
        #expect(error == .notAPicture(looksLike: name))
        #expect(error?.description.contains("save it as JPEG or PNG") == true)
    }

    @Test("a PNG mangled by a text-mode transfer is told from other files")
    func mangled() {
        let error = imagingError { () throws(ImagingError) in
            try Raster.decode([0x89, 0x50, 0x4E, 0x47, 0x0A, 0x1A, 0x0A, 0])
        }
        #expect(error == .notAPicture(looksLike: "a PNG that was changed on its way, as text"))
    }

    @Test(
        "a file that is not there, a folder and a device are errors that name them",
        arguments: ["/nonexistent.png", "/", "/dev/zero"])
    func unreadable(path: String) {
        let error = imagingError { () throws(ImagingError) in try PictureHeader.read(contentsOf: path) }
        guard case .unreadable(path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// A PNG of the size claimed as far as its header goes.
    private func pngClaiming(width: Int, height: Int) throws(ImagingError) -> [UInt8] {
        var bytes = try Raster(width: 1, height: 1, red: 0, green: 0, blue: 0).encoded(as: .png)
        for (at, number) in [(16, width), (20, height)] {
            bytes.replaceSubrange(at..<at + 4, with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) })
        }
        return bytes
    }
}
