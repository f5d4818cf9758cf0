// The engine behind the server's protocol, on the tiny model: orders become files, errors the server's words.
import Foundation
import LimnerEngine
import LimnerImaging
import LimnerProtocol
import LimnerServer
import LimnerStudio
import Testing

@Suite("The engine as the service's painter")
struct PainterTests {
    private let painter: EnginePainter
    private let folder: String

    init() throws {
        let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/reference/tiny-ip2p").path
        folder = NSTemporaryDirectory() + "limner-painter-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: model, toPath: folder)
        try Data(#"{"size": 40}"#.utf8).write(to: URL(fileURLWithPath: folder + "/limner.json"))
        painter = EnginePainter(model: try DiffusionModel(folder: folder))
        try save(picture(7), "photo.png")
        try save(picture(3), "sketch.png")
    }

    private func picture(_ factor: Int) -> Raster {
        Raster(width: 40, height: 30, pixels: (0..<3600).map { UInt8(truncatingIfNeeded: $0 * factor) })
    }

    private func save(_ raster: Raster, _ name: String) throws {
        try Data(raster.encoded(as: .png)).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    private func order(_ result: String) -> SketchOrder {
        SketchOrder(
            photo: folder + "/photo.png", text: "make it a sketch", steps: 3, seed: 5, size: .longSide(64),
            result: folder + "/" + result)
    }

    private func pixels(_ name: String) throws -> [UInt8] {
        try Raster.decode(contentsOf: folder + "/" + name).pixels
    }

    private func clean() { try? FileManager.default.removeItem(atPath: folder) }

    @Test("a sketch has the photo's aspect, and the same order gives the same bytes")
    func sketch() throws {
        defer { clean() }
        var steps: [Int] = []
        let outcome = try painter.sketch(order("a.png")) { steps.append($0.step) }
        _ = try painter.sketch(order("b.png")) { _ in }
        #expect(outcome.width == 64 && outcome.height == 48)
        #expect(steps == [1, 2, 3])
        let files = ["a.png", "b.png"].map { FileManager.default.contents(atPath: folder + "/" + $0) }
        #expect(files[0] != nil && files[0] == files[1])
    }

    @Test("a drawing of several steps shows small previews on its way, and one of a single step none")
    func previews() throws {
        defer { clean() }
        var shown: [Preview] = []
        var long = order("p.png")
        long.steps = 6
        _ = try painter.sketch(long) { if let preview = $0.preview { shown.append(preview) } }
        #expect(shown.count == 5)
        try Data(try #require(shown.first).bytes).write(to: URL(fileURLWithPath: folder + "/preview.jpg"))
        let picture = try Raster.decode(contentsOf: folder + "/preview.jpg")
        #expect(picture.width <= 128 && abs(3 * picture.width - 4 * picture.height) <= 8)
        var short = order("q.png")
        short.steps = 1
        _ = try painter.sketch(short) { #expect($0.preview == nil) }
    }

    @Test("what the progress report throws stops the drawing and comes through unchanged")
    func cancel() throws {
        defer { clean() }
        #expect(throws: JobInterruption.canceled) {
            try painter.sketch(order("c.png")) { if $0.step == 2 { throw JobInterruption.canceled } }
        }
        #expect(!FileManager.default.fileExists(atPath: folder + "/c.png"))
    }

    @Test("a tuned style is a sound file, draws otherwise than its sentence, and resumes from its checkpoint")
    func tune() throws {
        defer { clean() }
        let staging = folder + "/staging"
        try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
        let lesson = TuneOrder(
            photo: folder + "/photo.png", sketch: folder + "/sketch.png", name: "tiny", text: "make it a sketch",
            steps: 10, seed: 1, stagingFolder: staging, checkpoint: folder + "/checkpoint")
        let outcome = try painter.tune(lesson) { _ in }
        #expect(outcome.steps == 10 && FileManager.default.fileExists(atPath: folder + "/checkpoint"))
        let summary = try painter.inspectStyle(at: staging)
        #expect(summary.name == "tiny" && summary.modelHash == painter.identity.modelHash)
        #expect(try Raster.decode(contentsOf: staging + "/thumbnail.png").width > 0)
        var again: [Int] = []
        _ = try painter.tune(lesson) { again.append($0.step) }
        #expect(again.isEmpty, "the checkpoint was at the end already")

        var styled = order("styled.png")
        styled.styles = [StyleReference(name: "tiny", folder: staging, hash: "")]
        styled.text = nil
        _ = try painter.sketch(styled) { _ in }
        _ = try painter.sketch(order("plain.png")) { _ in }
        #expect(try pixels("styled.png") != pixels("plain.png"))

        // Half and half of the same is the same; a sentence beside the style is another picture.
        styled.result = folder + "/mixed.png"
        styled.styles = [0.5, 0.5].map { StyleReference(name: "tiny", folder: staging, hash: "", weight: $0) }
        _ = try painter.sketch(styled) { _ in }
        #expect(try pixels("mixed.png") == pixels("styled.png"))
        styled.result = folder + "/hybrid.png"
        styled.text = "in red"
        _ = try painter.sketch(styled) { _ in }
        #expect(try pixels("hybrid.png") != pixels("styled.png"))
    }

    @Test("where the model asks for it, a style's drawing of its photo comes nearer to the sketch's tones")
    func matchesTones() throws {
        defer { clean() }
        try save(Raster(width: 40, height: 30, luminance: (0..<1200).map { $0 % 10 < 8 ? 255 : 30 }), "sketch.png")
        let drawn = try ["plain": "", "matched": #", "tuning": {"match_tones": true}"#].mapValues { setting in
            let options = #"{"size": 40, "steps": 2\#(setting)}"#
            try Data(options.utf8).write(to: URL(fileURLWithPath: folder + "/limner.json"))
            let painter = EnginePainter(model: try DiffusionModel(folder: folder))
            let staging = folder + "/staging-\(setting.count)"
            try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
            let lesson = TuneOrder(
                photo: folder + "/photo.png", sketch: folder + "/sketch.png", name: "tiny", text: "make it a sketch",
                steps: 10, seed: 5, stagingFolder: staging, checkpoint: staging + "/checkpoint")
            _ = try painter.tune(lesson) { _ in }
            let style = StyleReference(name: "tiny", folder: staging, hash: "")
            _ = try painter.sketch(
                SketchOrder(
                    photo: folder + "/photo.png", styles: [style], seed: 5, result: staging + "/drawn.png")
            ) { _ in }
            return try Raster.decode(contentsOf: staging + "/drawn.png").channel(1).sorted()
        }
        let (plain, matched) = (try #require(drawn["plain"]), try #require(drawn["matched"]))
        let wanted = [UInt8](repeating: 30, count: 240) + [UInt8](repeating: 255, count: 960)
        let far = { (tones: [UInt8]) in zip(tones, wanted).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) } }
        // three quarters of the way, but for levels that stand for ink and paper alike
        #expect(Double(far(matched)) < 0.3 * Double(far(plain)))
    }

    @Test("files that are no pictures and settings out of range are refused in the server's words")
    func refusals() throws {
        defer { clean() }
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: folder + "/text.png"))
        #expect(throws: PainterError.self) { try painter.examine(photoAt: folder + "/text.png") }
        var wrong = order("d.png")
        wrong.sampler = "none"
        #expect {
            try painter.sketch(wrong) { _ in }
        } throws: { error in
            if case PainterError.unsuitable(field: "sampler", _) = error { true } else { false }
        }
        wrong = order("e.png")
        wrong.styles = [StyleReference(name: "gone", folder: folder + "/nowhere", hash: "")]
        #expect {
            try painter.sketch(wrong) { _ in }
        } throws: { error in
            if case PainterError.styleUnusable(let detail) = error { !detail.contains(folder) } else { false }
        }
    }
}
