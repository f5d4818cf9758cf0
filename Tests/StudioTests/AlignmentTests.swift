// What a person hears of a pair that had to be laid over one another, and of a picture in which something was passed over.
import Foundation
import LimnerEngine
import LimnerImaging
import LimnerProtocol
import LimnerServer
import LimnerStudio
import Testing

@Suite("A pair on its way into a style")
struct AlignmentTests {
    private let painter: EnginePainter
    private let folder: String
    private let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    init() throws {
        folder = NSTemporaryDirectory() + "limner-alignment-\(UUID().uuidString)"
        let model = tests.appendingPathComponent("Fixtures/reference/tiny-ip2p").path
        try FileManager.default.copyItem(atPath: model, toPath: folder)
        try Data(#"{"size": 40}"#.utf8).write(to: URL(fileURLWithPath: folder + "/limner.json"))
        painter = EnginePainter(model: try DiffusionModel(folder: folder))
    }

    private var examples: String { tests.deletingLastPathComponent().appendingPathComponent("examples").path }

    private func save(_ raster: Raster, _ name: String) throws -> String {
        let path = folder + "/" + name
        try Data(raster.encoded(as: .png)).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// The warnings of one step of tuning.
    private func warnings(_ photo: String, _ sketch: String) throws -> [String] {
        let staging = folder + "/staging"
        try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
        let order = TuneOrder(
            photo: photo, sketch: sketch, name: "tiny", text: "make it a sketch", steps: 10, seed: 1,
            stagingFolder: staging, checkpoint: folder + "/checkpoint")
        return try painter.tune(order) { _ in }.warnings
    }

    @Test("a pair that lies well brings no warning")
    func inPlace() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try warnings(examples + "/pair/photo.jpg", examples + "/pair/sketch.png").isEmpty)
    }

    @Test("a sketch cut from another corner is laid over its photo, and that is said")
    func moved() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let sketch = try Raster.decode(contentsOf: examples + "/pair/sketch.png")
        let corner = sketch.cropped(x: 0, y: 0, width: sketch.width * 9 / 10, height: sketch.height * 9 / 10)
        let warnings = try warnings(examples + "/pair/photo.jpg", save(corner, "corner.png"))
        #expect(warnings.count == 1 && warnings[0].hasPrefix("the sketch was turned by"))
    }

    @Test("a sketch whose colour profile is broken is used, and that is said")
    func brokenProfile() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pictures = tests.appendingPathComponent("Fixtures/pictures").path
        let found = try warnings(pictures + "/half-colour.jpg", pictures + "/broken-profile.jpg")
        #expect(found.contains { $0.hasPrefix("sketch: the picture's colour profile was ignored") })
    }

    @Test("a photo's warnings are those of its sketch")
    func drawn() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let photo = tests.appendingPathComponent("Fixtures/pictures/webp-animated.webp").path
        let order = SketchOrder(
            photo: photo, text: "make it a sketch", steps: 1, seed: 5, size: .original, result: folder + "/drawn.png")
        let outcome = try painter.sketch(order) { _ in }
        #expect(outcome.warnings == ["\(PictureWarning.firstFrameOnly)"])
        #expect(outcome.width == 41 && outcome.height == 28)
    }
}
