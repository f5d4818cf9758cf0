// The pictures of Tests/Fixtures/pictures, and small pictures made on the spot.

import Glibc
import LimnerImaging

enum Fixtures {
    private static let tests = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        .joined(separator: "/")
    private static let folder = tests + "/Fixtures/pictures/"

    static func path(_ name: String) -> String { folder + name }

    /// A photo that the project shows itself with; a rendered one, like all of them.
    static func example(_ name: String) throws -> Raster {
        try Raster.decode(contentsOf: tests + "/../examples/photos/\(name).jpg")
    }

    static func bytes(_ name: String) throws -> [UInt8] { try PictureFile.bytes(at: path(name)) }

    /// Reads a binary PPM of 8 bits.
    static func ppm(_ name: String) throws -> Raster {
        let bytes = try bytes(name + ".ppm")
        var fields: [String] = []
        var at = 0
        while fields.count < 4 {
            let end = bytes[at...].firstIndex { $0 == 0x0A || $0 == 0x20 } ?? bytes.endIndex
            fields.append(String(decoding: bytes[at..<end], as: UTF8.self))
            at = end + 1
        }
        return Raster(width: Int(fields[1]) ?? 0, height: Int(fields[2]) ?? 0, pixels: Array(bytes[at...]))
    }

    /// Every JPEG, PNG and WebP of the folder.
    static let pictureNames: [String] = {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if [".png", ".jpg", ".webp"].contains(where: name.hasSuffix) { names.append(name) }
        }
        return names.sorted()
    }()

    /// A picture no two pixels of which need be alike, the same every time.
    static func noise(width: Int, height: Int) -> Raster {
        var state: UInt64 = 1
        let pixels = (0..<3 * width * height).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        return Raster(width: width, height: height, pixels: pixels)
    }
}

/// The largest difference of two pictures' samples; nil when their sizes differ.
func largestDifference(_ first: Raster, _ second: Raster) -> Int? {
    guard first.width == second.width, first.height == second.height else { return nil }
    return zip(first.pixels, second.pixels).map { abs(Int($0) - Int($1)) }.max()
}

/// The error `work` ends in, or nil.
func imagingError<Value>(_ work: () throws(ImagingError) -> Value) -> ImagingError? {
    do {
        _ = try work()
        return nil
    } catch {
        return error
    }
}
