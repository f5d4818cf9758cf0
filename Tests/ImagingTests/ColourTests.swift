// Pictures with colour profiles come out in sRGB, as Pillow's ImageCms has them; what cannot be used is passed over, and
// said.

import LimnerImaging
import Testing

@Suite struct ColourTests {
    /// lcms2 rounds to 8 bits once more on some of its ways, and its versions differ by a step.
    private let tolerance = 2

    @Test(
        "§3.75 a picture with a profile decodes to what the profile means in sRGB",
        arguments: [
            "profile-p3.jpg", "profile-in-parts.jpg", "profile-gray.jpg", "profile-inks.jpg", "profile-adobe.png",
            "profile-p3-interlaced.png", "profile-p3-wide.png", "profile-adobe-transparent.png",
            "profile-gray-png.png", "webp-adobe.webp", "gamma-linear.png",
        ])
    func profiled(name: String) throws {
        let picture = try Picture.decode(contentsOf: Fixtures.path(name))
        let difference = try #require(largestDifference(picture.raster, try Fixtures.ppm(stem(name))))
        #expect(difference <= tolerance)
        #expect(picture.warnings.isEmpty)
    }

    @Test("§3.75 what Display P3 calls (234, 51, 35) is sRGB's red")
    func knownColour() throws {
        let decoded = try Raster.decode(contentsOf: Fixtures.path("profile-p3-red.png"))
        let difference = try #require(largestDifference(decoded, try Fixtures.ppm("profile-p3-red")))
        #expect(difference <= tolerance)
    }

    @Test("a profile that is sRGB itself changes no pixel")
    func alreadySRGB() throws {
        let bytes = try Fixtures.bytes("profile-srgb.jpg")
        let profile = try #require(bytes.firstRange(of: Array("ICC_PROFILE".utf8))).lowerBound
        var plain = bytes
        // an application segment of another number carries no profile
        plain[profile - 3] = 0xEB
        #expect(try Raster.decode(bytes) == Raster.decode(plain))
    }

    @Test("§3.75 a profile changes the picture it is for", arguments: ["profile-p3.jpg", "profile-inks.jpg"])
    func changes(name: String) throws {
        let bytes = try Fixtures.bytes(name)
        let profile = try #require(bytes.firstRange(of: Array("ICC_PROFILE".utf8))).lowerBound
        var plain = bytes
        plain[profile - 3] = 0xEB
        let difference = try #require(largestDifference(try Raster.decode(bytes), try Raster.decode(plain)))
        #expect(difference > 8)
    }

    @Test("a PNG's gamma of 1/2.2, or beside an sRGB chunk, changes no pixel", arguments: ["usual", "said-to-be-srgb"])
    func plainGamma(name: String) throws {
        let decoded = try Raster.decode(contentsOf: Fixtures.path("gamma-\(name).png"))
        #expect(try decoded == Fixtures.ppm("gamma-\(name)"))
    }

    @Test(
        "§3.75 a profile that cannot be used is ignored, and that is said",
        arguments: [
            ("broken-profile.jpg", "it is no colour profile"),
            ("profile-part-missing.jpg", "2 of its 3 parts are there"),
            ("profile-for-gray.jpg", "it is made for another kind of picture"),
            ("webp-broken-profile.webp", "it is no colour profile"),
            ("bomb-in-profile.png", "it is cut off, or longer than 4194304 bytes"),
            ("remarks.png", "it is not compressed as a PNG's must be"),
        ])
    func ignored(name: String, reason: String) throws {
        let picture = try Picture.decode(contentsOf: Fixtures.path(name))
        #expect(picture.warnings.map(\.description).contains { $0.contains("(\(reason))") })
        let difference = try #require(largestDifference(picture.raster, try Fixtures.ppm(stem(name))))
        #expect(difference <= 1)
    }

    @Test("§3.75 a profile with any third byte wrong is used or ignored, never fatal")
    func damagedProfile() throws {
        let bytes = try Fixtures.bytes("profile-p3.jpg")
        let mark = try #require(bytes.firstRange(of: Array("ICC_PROFILE".utf8)))
        let length = Int(bytes[mark.lowerBound - 2]) << 8 | Int(bytes[mark.lowerBound - 1])
        for index in stride(from: mark.upperBound, to: mark.lowerBound - 2 + length, by: 3) {
            var damaged = bytes
            damaged[index] ^= 0xFF
            let picture = try Picture.decode(damaged)
            #expect(picture.raster.width == 29)
        }
    }

    @Test("an ordinary picture brings no warning", arguments: ["rgb8.png", "half-colour.jpg", "webp-lossy.webp"])
    func quiet(name: String) throws {
        #expect(try Picture.decode(contentsOf: Fixtures.path(name)).warnings.isEmpty)
    }

    @Test("of an animated PNG the first frame is taken, and that is said")
    func animated() throws {
        let picture = try Picture.decode(contentsOf: Fixtures.path("animated.png"))
        #expect(picture.warnings == [.firstFrameOnly])
    }

    private func stem(_ name: String) -> String { String(name.prefix { $0 != "." }) }
}
