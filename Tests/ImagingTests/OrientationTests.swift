// Pictures come out upright whichever way the camera was held, and whatever nonsense stands in their EXIF.

import LimnerImaging
import Testing

@Suite struct OrientationTests {
    @Test("§3.75 each orientation, in each byte order, comes out upright", arguments: 1...8, ["le", "be"])
    func held(value: Int, order: String) throws {
        let decoded = try Raster.decode(contentsOf: Fixtures.path("held-\(value)-\(order).jpg"))
        let difference = try #require(largestDifference(decoded, try Fixtures.ppm("held-\(value)")))
        #expect(difference <= 1)
    }

    @Test("the eight orientations of one picture are eight different pictures")
    func distinct() throws {
        let picture = Fixtures.noise(width: 3, height: 3)
        let turned = Orientation.allCases.map { picture.turnedUpright(from: $0).pixels }
        #expect(Set(turned).count == 8)
    }

    @Test("EXIF with a value outside 1...8 is ignored", arguments: [0, 9, 255])
    func badValue(value: UInt8) throws {
        let block = little(entry: [0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0])
        #expect(Orientation(exif: block[...]) == .upright)
    }

    @Test("orientation given as a 32-bit number is read")
    func long() {
        #expect(Orientation(exif: little(entry: [0x12, 0x01, 4, 0, 1, 0, 0, 0, 8, 0, 0, 0])[...]) == .turnedRight)
    }

    @Test("orientation given as text, or as a list, is ignored")
    func badType() {
        #expect(Orientation(exif: little(entry: [0x12, 0x01, 2, 0, 1, 0, 0, 0, 6, 0, 0, 0])[...]) == .upright)
        #expect(Orientation(exif: little(entry: [0x12, 0x01, 3, 0, 2, 0, 0, 0, 6, 0, 0, 0])[...]) == .upright)
    }

    @Test("EXIF cut anywhere means upright, or what it said", arguments: 0..<26)
    func cut(length: Int) {
        let block = little(entry: [0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0])
        let orientation = Orientation(exif: block.prefix(length))
        #expect(orientation == .upright || (orientation == .turnedLeft && length >= 20))
    }

    @Test("a directory that claims to lie past the end, or to be endless, means upright")
    func lies() {
        #expect(Orientation(exif: ([0x49, 0x49, 42, 0, 0xFF, 0xFF, 0xFF, 0xFF] as [UInt8])[...]) == .upright)
        let many: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 0xFF, 0xFF] + Array(repeating: 0, count: 400)
        #expect(Orientation(exif: many[...]) == .upright)
    }

    @Test("§3.75 a JPEG with damaged EXIF decodes as it is stored")
    func damagedBlock() throws {
        var bytes = try Fixtures.bytes("held-6-le.jpg")
        let mark = try #require(bytes.firstRange(of: Array("Exif\0\0II".utf8)))
        bytes[mark.upperBound - 1] = 0x58
        let decoded = try Raster.decode(bytes)
        #expect(try decoded == Raster.decode(contentsOf: Fixtures.path("held-1-le.jpg")))
    }

    /// A little-endian block with one entry.
    private func little(entry: [UInt8]) -> [UInt8] {
        [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0] + entry + [0, 0, 0, 0]
    }
}
