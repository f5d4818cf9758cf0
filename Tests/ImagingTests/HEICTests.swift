// Pictures of iPhones: refused with advice, or, in a build with the trait HEIC, decoded by a process of their own.

import Glibc
import LimnerImaging
import Testing

@Suite struct HEICTests {
    #if HEIC
        /// The program built beside these tests.
        private static let program: String = {
            var path = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink("/proc/self/exe", &path, path.count)
            let whole = String(decoding: path.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let folders = whole.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            return folders.joined(separator: "/") + "/limner"
        }()

        /// The picture is lossy, and decoders of HEVC differ in how they turn its colours.
        private let tolerance = 4

        @Test("a HEIC decodes upright and in sRGB")
        func decoded() throws {
            let picture = try HEICPicture.decode(Fixtures.bytes("turned.heic"), by: Self.program)
            let difference = try #require(largestDifference(picture.raster, try Fixtures.ppm("turned-heic")))
            #expect(difference <= tolerance)
            #expect(picture.warnings.isEmpty)
        }

        @Test("a HEIC cut anywhere, or with a wrong byte, gives an error or a picture", arguments: 0..<16)
        func damaged(part: Int) throws {
            let bytes = try Fixtures.bytes("turned.heic")
            let cut = Array(bytes.prefix(bytes.count * part / 16))
            #expect(imagingError { () throws(ImagingError) in try HEICPicture.decode(cut, by: Self.program) } != nil)
            var wrong = bytes
            wrong[bytes.count * part / 16] ^= 0xFF
            if let picture = try? HEICPicture.decode(wrong, by: Self.program) { #expect(picture.raster.width > 0) }
        }

        @Test(
            "a decoder that says nothing, or does not stop talking, is an error",
            arguments: ["/bin/true", "/usr/bin/yes"])
        func babble(program: String) throws {
            let error = imagingError { () throws(ImagingError) in try HEICPicture.decode([0], by: program) }
            #expect(error == .damaged(.heic, detail: "its decoder gave up"))
        }

        @Test("a decoder that cannot be started is an error that names it")
        func missing() {
            let error = imagingError { () throws(ImagingError) in try HEICPicture.decode([0], by: "/nonexistent") }
            guard case .unreadable("/nonexistent", _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    #else
        @Test("a build without HEIC refuses one, and says how to convert it", arguments: ["heic", "heix", "mif1"])
        func refused(brand: String) {
            let bytes = Array("\0\0\0\u{18}ftyp\(brand)\0\0\0\0mif1heic".utf8)
            let error = imagingError { () throws(ImagingError) in try Raster.decode(bytes) }
            #expect(error == .notBuiltIn(.heic))
            #expect(error?.description.contains("save it as JPEG") == true)
        }
    #endif
}
