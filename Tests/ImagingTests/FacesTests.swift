// Faces in a photo: counted in a build with the trait Faces, and nothing at all is said in any other.

import LimnerImaging
import Testing

@Suite struct FacesTests {
    #if Faces
        /// Two pictures beside one another, scaled to the first one's height.
        private func pair(_ one: Raster, _ other: Raster) -> Raster {
            let right = other.resized(width: other.width * one.height / other.height, height: one.height)
            var pixels: [UInt8] = []
            for row in 0..<one.height {
                pixels += one.pixels[(row * one.width * 3)..<((row + 1) * one.width * 3)]
                pixels += right.pixels[(row * right.width * 3)..<((row + 1) * right.width * 3)]
            }
            return Raster(width: one.width + right.width, height: one.height, pixels: pixels)
        }

        @Test("a portrait has one face and no remark", arguments: ["anna", "ivan", "jun", "kofi", "ruth"])
        func one(_ name: String) throws {
            let photo = try Fixtures.example(name)
            #expect(photo.faceCount == 1 && photo.faceWarning == nil)
        }

        @Test("two portraits beside one another have two faces, and that is remarked upon")
        func two() throws {
            let photo = pair(try Fixtures.example("anna"), try Fixtures.example("kofi"))
            #expect(photo.faceCount == 2 && photo.faceWarning == .severalFaces(2))
        }

        @Test("a picture of nothing has none", arguments: [1, 64, 900])
        func none(_ side: Int) {
            let picture = Raster(width: side, height: 2 * side, red: 90, green: 120, blue: 60)
            #expect(picture.faceCount == 0 && picture.faceWarning == .noFace)
        }

        @Test("a portrait upside down is not found")
        func turned() throws {
            let photo = try Fixtures.example("anna")
            var turned: [UInt8] = []
            for pixel in stride(from: photo.pixels.count - 3, through: 0, by: -3) {
                turned += photo.pixels[pixel..<pixel + 3]
            }
            #expect(Raster(width: photo.width, height: photo.height, pixels: turned).faceCount == 0)
        }
    #else
        @Test("a build that does not look for faces says so and remarks upon nothing")
        func unseen() {
            let picture = Raster(width: 64, height: 64, red: 90, green: 120, blue: 60)
            #expect(!Raster.seesFaces && picture.faceCount == nil && picture.faceWarning == nil)
        }
    #endif
}
