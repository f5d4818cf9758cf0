// Cut, corrupted and hostile pictures: an error or a picture, never a trap, never a half-grey picture.

import LimnerImaging
import Testing

@Suite struct DamageTests {
    @Test("§3.75 a picture cut at any sixteenth byte is refused", arguments: Fixtures.pictureNames)
    func truncated(name: String) throws {
        let bytes = try Fixtures.bytes(name)
        for length in stride(from: 0, to: bytes.count, by: 16) {
            let error = imagingError { () throws(ImagingError) in try Raster.decode(Array(bytes.prefix(length))) }
            #expect(error != nil, "\(length) of \(bytes.count) bytes")
        }
    }

    @Test(
        "a picture without its last byte is said to be cut off", arguments: ["rgb8.png", "gray.jpg", "progressive.jpg"])
    func lastByteMissing(name: String) throws {
        let bytes = try Fixtures.bytes(name)
        let error = imagingError { () throws(ImagingError) in try Raster.decode(Array(bytes.dropLast())) }
        #expect(error == .truncated(name.hasSuffix("png") ? .png : .jpeg))
    }

    @Test(
        "a single wrong byte gives a picture or an error",
        arguments: Fixtures.pictureNames.filter { name in
            // large ones, and those whose profile costs a table at every decoding
            !["bomb", "remarks", "profile"].contains(where: name.hasPrefix)
        })
    func corrupted(name: String) throws {
        let bytes = try Fixtures.bytes(name)
        for (index, flip) in zip(0..<bytes.count, [0xFF, 0x01, 0x80, 0x10].cycled(bytes.count)) {
            var damaged = bytes
            damaged[index] ^= UInt8(flip)
            if let picture = try? Raster.decode(damaged) {
                #expect(picture.pixels.count == 3 * picture.width * picture.height)
            }
        }
    }

    @Test("a wrong byte in a PNG's picture data is an error, not wrong pixels")
    func corruptData() throws {
        var bytes = try Fixtures.bytes("rgb8.png")
        let data = try #require(bytes.firstRange(of: Array("IDAT".utf8))).upperBound
        bytes[data + 40] ^= 1
        let error = imagingError { () throws(ImagingError) in try Raster.decode(bytes) }
        guard case .damaged(.png, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a JPEG of which the middle is missing is an error, not a grey half")
    func missingMiddle() throws {
        let bytes = try Fixtures.noise(width: 64, height: 64).encoded(as: .jpeg)
        let half = Array(bytes.prefix(bytes.count / 2)) + [0xFF, 0xD9]
        let error = imagingError { () throws(ImagingError) in try Raster.decode(half) }
        guard case .damaged(.jpeg, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("§3.75 a JPEG of ten thousand scans is refused")
    func scans() throws {
        let bytes = try Fixtures.bytes("progressive.jpg")
        let start = try #require(bytes.firstRange(of: [0xFF, 0xDA])).lowerBound
        let end = try #require(bytes[(start + 2)...].firstRange(of: [0xFF, 0xC4])).lowerBound
        let scans = Array(repeating: bytes[start..<end], count: 10_000).joined()
        let bomb = bytes[..<end] + scans + bytes[end...]
        #expect(imagingError { () throws(ImagingError) in try Raster.decode(Array(bomb)) } == .tooManyScans)
    }

    @Test("§3.75 picture data that inflate to more than the picture holds are refused, not inflated")
    func inflatedData() throws {
        let error = imagingError { () throws(ImagingError) in
            try Raster.decode(contentsOf: Fixtures.path("bomb-in-picture-data.png"))
        }
        #expect(error == .damaged(.png, detail: "more picture data than the picture holds"))
    }

    @Test("every error tells the person what to do")
    func advice() {
        let errors: [ImagingError] = [
            .tooManyBytes(path: "a.png"), .notAPicture(looksLike: "a GIF picture"), .tooLarge(width: 9, height: 9),
            .truncated(.png), .damaged(.jpeg, detail: "x"), .unsupported(.jpeg, detail: "x"), .tooManyScans,
            .outOfMemory(.png), .notBuiltIn(.heic),
        ]
        for error in errors {
            #expect(["save it", "make it smaller", "send"].contains { error.description.contains($0) }, "\(error)")
        }
    }
}

extension Array {
    /// The elements over and over, `count` in all.
    fileprivate func cycled(_ length: Int) -> [Element] {
        (0..<length).map { self[$0 % count] }
    }
}
