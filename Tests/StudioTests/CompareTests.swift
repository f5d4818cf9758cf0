// Metrics of pictures that are there, one by one and by folders.
import Foundation
import LimnerEvaluation
import LimnerImaging
import LimnerStudio
import Testing

@Suite("Comparing sketches with true ones")
struct CompareTests {
    private let folder = NSTemporaryDirectory() + "limner-compare-\(UUID().uuidString)"

    private func save(_ name: String, width: Int = 64, height: Int = 48, factor: Int = 3) throws {
        let url = URL(fileURLWithPath: folder + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        let values = (0..<width * height).map { UInt8(truncatingIfNeeded: ($0 % width) * factor + $0 / width) }
        try Data(Raster(width: width, height: height, luminance: values).encoded(as: .png)).write(to: url)
    }

    private func clean() { try? FileManager.default.removeItem(atPath: folder) }

    @Test("a picture and itself are as like as can be")
    func same() throws {
        defer { clean() }
        try save("a.png")
        let comparison = try Comparison(truth: folder + "/a.png", with: folder + "/a.png")
        let score = try #require(comparison.mean)
        #expect(abs(score.ssim - 1) < 1e-9 && abs(score.fsim - 1) < 1e-6 && score.scoot == 1)
        #expect(comparison.text == "a.png: SSIM 1.0000, FSIM 1.0000, Scoot 1.0000, 64×48")
    }

    @Test("a sketch of another size is brought to the truth's, and both sizes are told")
    func sizes() throws {
        defer { clean() }
        try save("a.png")
        try save("b.png", width: 128, height: 96)
        let item = try #require(try Comparison(truth: folder + "/a.png", with: folder + "/b.png").pictures.first)
        #expect(item.size.description == "128×96" && item.truthSize.description == "64×48")
    }

    @Test("folders are compared by stems; what is in one alone or broken is told of")
    func folders() throws {
        defer { clean() }
        for name in ["truth/a.png", "truth/b.png", "truth/c.png", "drawn/a.png"] { try save(name) }
        try save("drawn/b.png", factor: 5)
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: folder + "/drawn/d.png"))
        try save("truth/d.png")
        let comparison = try Comparison(truth: folder + "/truth", with: folder + "/drawn")
        #expect(comparison.pictures.map(\.name) == ["a", "b"])
        #expect(comparison.rejected.map(\.what) == ["c", "d"])
        let scores = comparison.pictures.map(\.score.ssim)
        #expect(try #require(comparison.mean).ssim == (scores[0] + scores[1]) / 2)
    }

    @Test("a picture and a folder cannot be compared")
    func mixed() throws {
        defer { clean() }
        try save("truth/a.png")
        #expect(throws: StudioError.self) {
            try Comparison(truth: folder + "/truth", with: folder + "/truth/a.png")
        }
    }
}
