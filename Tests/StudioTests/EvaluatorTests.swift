// The whole benchmark on the tiny model: run through, interrupted and gone on with, and with files that are broken.
import Foundation
import LimnerEngine
import LimnerEvaluation
import LimnerImaging
import LimnerProtocol
import LimnerStudio
import Testing

@Suite("A whole evaluation on the tiny model")
struct EvaluatorTests {
    private static let reference = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/reference").path
    private static let model = Result { try DiffusionModel(folder: reference + "/tiny-ip2p") }
    private let folder: String
    private var data: String { folder + "/faces" }

    init() throws {
        folder = NSTemporaryDirectory() + "limner-evaluator-\(UUID().uuidString)"
        for index in 1...3 {
            let photo = (0..<64 * 48).flatMap { place in
                let (x, y) = (place % 64, place / 64)
                return [
                    UInt8(truncatingIfNeeded: x * (index + 2) * 3), UInt8(truncatingIfNeeded: y * 5 + index),
                    UInt8(x + y),
                ]
            }
            let sketch = stride(from: 0, to: photo.count, by: 3).map { 255 - photo[$0] / UInt8(index) }
            try save(Raster(width: 64, height: 48, pixels: photo), "photos/\(index).png")
            try save(Raster(width: 64, height: 48, luminance: sketch), "sketches/\(index).png")
        }
    }

    private func save(_ picture: Raster, _ name: String) throws {
        let url = URL(fileURLWithPath: data + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(picture.encoded(as: .png)).write(to: url)
    }

    private func clean() { try? FileManager.default.removeItem(atPath: folder) }

    private func request(_ out: String) -> EvaluationRequest {
        var request = EvaluationRequest(data: data, out: folder + "/" + out)
        (request.pairs, request.size, request.steps, request.tuneSteps) = (2, .longSide(64), 1, 2)
        (request.text, request.seeds) = ("make it a sketch", SeedRange(first: 1, count: 2))
        return request
    }

    /// An evaluator whose clock goes one second with every look at it.
    private func evaluator(_ request: EvaluationRequest) throws -> Evaluator {
        var time = 0.0
        return try Evaluator(Self.model.get(), request) {
            time += 1
            return time
        }
    }

    /// A random instruction encoder of the tiny model's width.
    private func writeInstructionEncoder(to path: String) throws {
        let shapes = [
            ("convolutions.0.weight", [8, 8, 3, 3]), ("convolutions.0.bias", [8]), ("hidden.weight", [12, 16]),
            ("hidden.bias", [12]), ("out.weight", [64, 12]), ("out.bias", [64]), ("norm.weight", [32]),
            ("norm.bias", [32]),
        ]
        var noise = GaussianNoise(seed: 3)
        let tensors = shapes.map { ($0, $1, noise.tensor($1).values) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try SafetensorsFile.write(tensors, metadata: [:], to: path + "/model.safetensors")
        let configuration = """
            {"_class_name": "LimnerInstructionEncoder", "latent_channels": 4, "channels": [8], "hidden_width": 12,
             "rows": 2, "width": 32}
            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: path + "/config.json"))
    }

    private func contents(_ out: String, _ name: String) -> Data? {
        FileManager.default.contents(atPath: folder + "/\(out)/\(name)")
    }

    @Test("every method is measured on every pair, and all of the report is there")
    func whole() throws {
        defer { clean() }
        var units: [Int] = []
        var total = 0
        let report = try evaluator(request("out")).run { done, count, _ in
            units.append(done)
            total = count
        }
        let family = try #require(report.families.first)
        #expect(report.families.count == 1 && report.rejected.isEmpty)
        #expect(family.rows.map(\.method) == [.tuned, .untuned, .gray, .copy, .filter])
        #expect(family.rows.allSatisfy { $0.pairs == 2 && $0.pictures == 4 })
        #expect(family.likeness?.count == 4 && family.seeds != nil)
        #expect(family.pairs.allSatisfy { $0.filter?.seconds ?? 0 >= $0.lesson?.seconds ?? 1 })
        // each pair: lesson, filter, 5 methods × 2 photos; the seeds: 2 photos with other noise, a lesson, 2 photos
        #expect(Set(units) == Set(0..<total) && total == 2 * (2 + 10) + 5)
        for file in ["report.md", "report.json", "curves/faces.svg", "contact-sheets/faces.png"] {
            #expect(contents("out", file) != nil, "\(file)")
        }
    }

    @Test("an evaluation that is interrupted anywhere and gone on with reports the same, without drawing again")
    func resumed() throws {
        defer { clean() }
        struct Stop: Error {}
        _ = try evaluator(request("whole")).run { _, _, _ in }
        for limit in [0, 3, 5, 12, 20] {
            #expect(throws: Stop.self) {
                try evaluator(request("parts")).run { done, _, _ in if done > limit { throw Stop() } }
            }
        }
        let journal = URL(fileURLWithPath: folder + "/parts/journal.jsonl")
        let handle = try FileHandle(forWritingTo: journal)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"sketch\": {\"un".utf8))
        try handle.close()
        _ = try evaluator(request("parts")).run { _, _, _ in }
        #expect(contents("whole", "report.md") != nil)
        #expect(contents("parts", "report.md") == contents("whole", "report.md"))
        #expect(contents("parts", "report.json") == contents("whole", "report.json"))
        var beats = 0
        _ = try evaluator(request("parts")).run { _, _, _ in beats += 1 }
        #expect(beats == 29, "nothing is left but to look at each unit once")
    }

    @Test("a folder of another evaluation is refused, and the error says what is not the same")
    func otherOptions() throws {
        defer { clean() }
        var request = request("out")
        (request.pairs, request.drawsBaselines, request.seeds) = (1, false, SeedRange(first: 1, count: 1))
        _ = try evaluator(request).run { _, _, _ in }
        request.steps = 2
        let error = #expect(throws: EvaluationError.self) { try evaluator(request) }
        #expect(error?.description.contains("steps was 1 and is 2") == true)
    }

    @Test("a folder with anything else in it is refused")
    func occupied() throws {
        defer { clean() }
        #expect(throws: EvaluationError.self) {
            var request = request("faces")
            request.data = data
            _ = try evaluator(request)
        }
    }

    @Test("a broken photo is told of with its reason, and the others are measured")
    func broken() throws {
        defer { clean() }
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: data + "/photos/2.png"))
        var request = request("out")
        (request.pairs, request.drawsBaselines, request.seeds) = (3, false, SeedRange(first: 1, count: 1))
        let report = try evaluator(request).run { _, _, _ in }
        let tuned = try #require(report.families.first?.rows.first)
        #expect(tuned.pairs == 2 && tuned.pictures == 2)
        #expect(report.rejected.contains { $0.what.hasPrefix("faces/2, tuning") })
        #expect(report.rejected.contains { $0.what == "faces/1, 2 by tuned" && $0.reason.contains("2.png") })
    }

    @Test("truths prepared as OS-Sketch prepares them are what is tuned on and measured against")
    func prepared() throws {
        defer { clean() }
        var request = request("out")
        (request.pairs, request.drawsBaselines, request.preparesTruths) = (1, false, true)
        request.seeds = SeedRange(first: 1, count: 1)
        let report = try evaluator(request).run { _, _, _ in }
        let pair = try #require(report.families.first?.pairs.first)
        let prepared = try Raster.decode(contentsOf: folder + "/out/pairs/faces/\(pair.name).png")
        let plain = try Raster.decode(contentsOf: data + "/sketches/\(pair.name).png")
        #expect(Set(prepared.luminance).count > 1 && prepared.gray != plain.gray)
        #expect(report.facts["truths"]?.contains("1.5") == true)
    }

    @Test("of a model that proposes instructions, the proposal is a row of its own")
    func predicted() throws {
        defer { clean() }
        let model = folder + "/model"
        try FileManager.default.copyItem(atPath: Self.reference + "/tiny-ip2p", toPath: model)
        try writeInstructionEncoder(to: model + "/instruction_encoder")
        var request = request("out")
        (request.pairs, request.drawsBaselines, request.text) = (1, false, nil)
        request.seeds = SeedRange(first: 1, count: 1)
        let report = try Evaluator(DiffusionModel(folder: model), request).run { _, _, _ in }
        #expect(report.overall.map(\.method) == [.tuned, .predicted, .untuned])
        #expect(report.facts["tuning starts from"] == "what is predicted")
        let means = report.overall.map(\.spreads.ssim.mean)
        #expect(means[1] != means[2])
    }

    @Test("a folder without pairs is refused with what is looked for")
    func noPairs() {
        defer { clean() }
        var request = request("out")
        request.data = folder + "/faces/photos"
        let error = #expect(throws: EvaluationError.self) { try evaluator(request) }
        #expect(error?.description.contains("photos/ and sketches/") == true)
    }
}
