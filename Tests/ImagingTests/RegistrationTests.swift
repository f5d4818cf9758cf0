// Drawings that were moved on purpose are found where they are; what lies well is not touched; what cannot be found is
// said. The pair is examples/pair: a rendered portrait and its pencil drawing.

import Glibc
import LimnerImaging
import Testing

@Suite struct RegistrationTests {
    /// Farthest a corner may lie from its place, in longer sides.
    private let accuracy = 0.01

    @Test(
        "a drawing turned by up to 10°, scaled by 0.8 to 1.25 and shifted by up to 10 % is found within 1 %",
        arguments: [
            Similarity(angle: 10 * .pi / 180),
            Similarity(angle: -10 * .pi / 180, scale: 0.8, shiftX: 0.1, shiftY: -0.05),
            Similarity(angle: 5 * .pi / 180, scale: 1.25, shiftX: -0.1, shiftY: 0.1), Similarity(shiftX: 0.02),
            Similarity(angle: -3 * .pi / 180, scale: 0.9, shiftX: 0.03, shiftY: 0.06),
        ], ["pair", "pair-ink"])
    func found(truth: Similarity, folder: String) throws {
        let photo = try Example.photo()
        let registration = Registration(photo: photo, sketch: try Example.sketch(folder).moved(by: truth))
        #expect(registration.similarity.distance(to: truth, width: photo.width, height: photo.height) < accuracy)
    }

    @Test("a pair that lies well is left as it is, without a word", arguments: ["pair", "pair-ink"])
    func inPlace(folder: String) throws {
        let (photo, sketch) = (try Example.photo(), try Example.sketch(folder))
        let pair = AlignedPair(photo: photo, sketch: sketch)
        #expect(pair.photo == photo && pair.sketch == sketch && pair.warning == nil)
    }

    @Test("a drawing out of place is moved onto the photo, and that is said")
    func moved() throws {
        let (photo, sketch) = (try Example.photo(), try Example.sketch("pair"))
        let truth = Similarity(angle: -4 * .pi / 180, scale: 0.92, shiftX: 0.04, shiftY: -0.03)
        let pair = AlignedPair(photo: photo, sketch: sketch.moved(by: truth))
        #expect(pair.isMoved && pair.warning?.contains("turned by 4") == true)
        #expect(pair.photo.width == pair.sketch.width && pair.photo.height == pair.sketch.height)
        let again = Registration(photo: pair.photo, sketch: pair.sketch)
        let left = again.similarity.distance(to: Similarity(), width: pair.photo.width, height: pair.photo.height)
        #expect(left < accuracy)
    }

    @Test("a moved drawing is cut where its paper ends: no pixel is made up")
    func noWedges() throws {
        let photo = try Example.photo()
        // black where there is no paper
        let truth = Similarity(angle: 6 * .pi / 180, scale: 1.1, shiftX: 0.05)
        let sketch = try Example.sketch("pair").brightened().moved(by: truth)
        let pair = AlignedPair(photo: photo, sketch: sketch)
        #expect(pair.isMoved)
        let (width, height) = (pair.sketch.width, pair.sketch.height)
        for (x, y) in [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)] {
            #expect(pair.sketch.pixels[3 * (y * width + x)] > 100)
        }
        #expect(width * height * 2 > photo.width * photo.height)
    }

    @Test("a drawing of more pixels than the photo is found too")
    func enlarged() throws {
        let photo = try Example.photo()
        let truth = Similarity(angle: 3 * .pi / 180, scale: 0.95, shiftX: -0.03, shiftY: 0.02)
        let moved = try Example.sketch("pair").moved(by: truth)
        let large = moved.resized(width: moved.width * 2, height: moved.height * 2)
        let pair = AlignedPair(photo: photo, sketch: large)
        #expect(pair.isMoved && pair.sketch.width == pair.photo.width)
    }

    @Test("a drawing of something else is left as it is, with a warning")
    func unrelated() throws {
        let photo = try Example.photo()
        let stripes = Raster(
            width: 300, height: 300,
            luminance: (0..<90_000).map { ($0 % 300 + $0 / 300 * 2) % 40 < 3 ? 40 : 245 })
        let pair = AlignedPair(photo: photo, sketch: stripes)
        #expect(!pair.isMoved && pair.sketch == stripes && pair.photo == photo)
        #expect(pair.warning?.contains("used as it is") == true)
    }

    @Test("blank and tiny pictures are left as they are", arguments: [1, 2, 5, 400])
    func blank(side: Int) throws {
        let picture = Raster(width: side, height: side, red: 255, green: 255, blue: 255)
        let pair = AlignedPair(photo: picture, sketch: picture)
        #expect(!pair.isMoved && pair.photo == picture && pair.sketch == picture)
    }
}

/// The pair in examples.
private enum Example {
    static func photo() throws -> Raster { try picture("pair/photo.jpg") }
    static func sketch(_ folder: String) throws -> Raster { try picture(folder + "/sketch.png") }

    private static func picture(_ name: String) throws -> Raster {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        return try Raster.decode(contentsOf: root + "/examples/" + name)
    }
}

extension Raster {
    /// The picture turned, scaled and shifted within its frame, black where nothing of it lies; between pixels by mean.
    fileprivate func moved(by similarity: Similarity) -> Raster {
        let longest = Double(max(width, height))
        let (cosine, sine) = (cos(similarity.angle) / similarity.scale, sin(similarity.angle) / similarity.scale)
        var moved = Raster(width: width, height: height, red: 0, green: 0, blue: 0)
        for y in 0..<height {
            for x in 0..<width {
                let right = Double(x) - Double(width - 1) / 2 - similarity.shiftX * longest
                let down = Double(y) - Double(height - 1) / 2 - similarity.shiftY * longest
                let atX = cosine * right + sine * down + Double(width - 1) / 2
                let atY = -sine * right + cosine * down + Double(height - 1) / 2
                guard atX >= 0, atY >= 0, atX < Double(width - 1), atY < Double(height - 1) else { continue }
                for channel in 0..<3 {
                    moved.pixels[3 * (y * width + x) + channel] = mean(atX, atY, channel)
                }
            }
        }
        return moved
    }

    private func mean(_ x: Double, _ y: Double, _ channel: Int) -> UInt8 {
        let (column, row) = (Int(x), Int(y))
        let (right, below) = (x - Double(column), y - Double(row))
        func sample(_ column: Int, _ row: Int) -> Double { Double(pixels[3 * (row * width + column) + channel]) }
        let upper = sample(column, row) * (1 - right) + sample(column + 1, row) * right
        let lower = sample(column, row + 1) * (1 - right) + sample(column + 1, row + 1) * right
        return UInt8(upper * (1 - below) + lower * below)
    }

    /// The picture without its darkest shades, so that black can only be where it is not.
    fileprivate func brightened() -> Raster {
        Raster(width: width, height: height, pixels: pixels.map { max($0, 140) })
    }
}
