// The sheet holds every picture and every caption, and nothing lies on anything else.

import LimnerImaging
import Testing

@Suite struct ContactSheetTests {
    private let photo = Raster(width: 200, height: 100, red: 200, green: 0, blue: 0)
    private let sketch = Raster(width: 60, height: 120, red: 0, green: 0, blue: 200)

    @Test("every picture is on the sheet, whole and in its fitted size")
    func allPictures() throws {
        let rows = Array(repeating: [ContactSheet.Cell(photo), ContactSheet.Cell(sketch)], count: 3)
        let sheet = try ContactSheet(rows: rows, pictureSide: 80).composed()
        #expect(count(sheet, red: 200, green: 0, blue: 0) == 3 * 80 * 40)
        #expect(count(sheet, red: 0, green: 0, blue: 200) == 3 * 40 * 80)
    }

    @Test("the sheet's border is white")
    func border() throws {
        let sheet = try ContactSheet(rows: [[.init(photo, caption: "photo")]], pictureSide: 80).composed()
        #expect(sheet.cropped(x: 0, y: 0, width: sheet.width, height: 20).pixels.allSatisfy { $0 == 255 })
        #expect(sheet.cropped(x: 0, y: 0, width: 20, height: sheet.height).pixels.allSatisfy { $0 == 255 })
    }

    @Test("a caption adds a line under the picture, a long one up to three")
    func captions() throws {
        func height(_ caption: String) throws -> Int {
            try ContactSheet(rows: [[.init(photo, caption: caption)]], pictureSide: 120).composed().height
        }
        let line = try height("one two three") - height("photo")
        #expect(line > 0)
        #expect(try height(String(repeating: "word ", count: 40)) == height("photo") + 2 * line)
        #expect(try height(String(repeating: "x", count: 200)) == height("photo") + 2 * line)
    }

    @Test("each printable ASCII character has a drawing of its own")
    func characters() throws {
        let drawings = try (32...126).map { code in
            let character = String(UnicodeScalar(UInt8(code)))
            return try ContactSheet(rows: [[.init(photo, caption: "|\(character)|")]], pictureSide: 80).composed()
                .pixels
        }
        #expect(Set(drawings).count == drawings.count)
    }

    @Test("a letter the font lacks is drawn as a box, not left out")
    func unknownLetter() throws {
        func sheet(_ caption: String) throws -> Raster {
            try ContactSheet(rows: [[.init(photo, caption: caption)]], pictureSide: 80).composed()
        }
        #expect(try sheet("aéa") != sheet("a a"))
    }

    @Test("the dividing line stands where it was asked for, and adds its space")
    func divider() throws {
        let rows = Array(repeating: [ContactSheet.Cell(photo)], count: 2)
        let plain = try ContactSheet(rows: rows, pictureSide: 80).composed()
        let divided = try ContactSheet(rows: rows, pictureSide: 80, dividerAfter: 1).composed()
        #expect(divided.height > plain.height)
        #expect(try ContactSheet(rows: rows, pictureSide: 80, dividerAfter: 2).composed() == plain)
    }

    @Test("rows of unequal length and rows without pictures make a sheet")
    func ragged() throws {
        let rows: [[ContactSheet.Cell]] = [[], [.init(photo)], [.init(photo), .init(sketch), .init(photo)]]
        let sheet = try ContactSheet(rows: rows, pictureSide: 40).composed()
        #expect(count(sheet, red: 200, green: 0, blue: 0) == 3 * 40 * 20)
    }

    @Test("more rows than a picture can hold are an error")
    func tooMany() {
        let rows = Array(repeating: [ContactSheet.Cell(sketch)], count: 250)
        let error = imagingError { () throws(ImagingError) in try ContactSheet(rows: rows, pictureSide: 80).composed() }
        guard case .tooLarge = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a pair shows both pictures side by side, neither cropped")
    func pair() {
        let pair = ContactSheet.pair(photo: photo, sketch: sketch, side: 100)
        #expect(pair.height == 100)
        #expect(count(pair, red: 200, green: 0, blue: 0) == 100 * 50)
        #expect(count(pair, red: 0, green: 0, blue: 200) == 50 * 100)
    }

    private func count(_ picture: Raster, red: UInt8, green: UInt8, blue: UInt8) -> Int {
        stride(from: 0, to: picture.pixels.count, by: 3).filter {
            picture.pixels[$0] == red && picture.pixels[$0 + 1] == green && picture.pixels[$0 + 2] == blue
        }.count
    }
}
