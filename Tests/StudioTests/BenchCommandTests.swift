// `limner bench` on the tiny model: every part is timed and counted, and what it prints can be read.

import ArgumentParser
import Foundation
import LimnerStudio
import Testing

@Suite("limner bench", .serialized)
struct BenchCommandTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/limner-bench-" + UUID().uuidString
    private static let model = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/reference/tiny-ip2p").path

    /// The JSON of `limner bench` with these options.
    private func bench(_ options: String...) throws -> [String: Any] {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/bench.json"
        var command = try Limner.parseAsRoot(["bench", "--model", Self.model, "--json", path] + options)
        try command.run()
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test("times every part, counts its arithmetic and says how much of the machine's peak that is")
    func everyPart() throws {
        let report = try bench("--size", "64", "--repeat", "1", "--steps", "2", "--tune-steps", "1")
        let parts = try #require(report["parts"] as? [[String: Any]])
        #expect(
            parts.map { $0["part"] as? String } == ["unet", "encode", "decode", "text", "tune", "sketch", "tuning"])
        for part in parts {
            let seconds = try #require(part["median_seconds"] as? Double)
            let gigaflop = try #require(part["gflop"] as? Double)
            let speed = try #require(part["gflop_per_second"] as? Double)
            #expect(seconds > 0 && gigaflop > 0 && abs(speed - gigaflop / seconds) < 1e-6 * speed)
            #expect((part["share_of_peak"] as? Double ?? 0) > 0)
        }
        let machine = try #require(report["machine"] as? [String: Any])
        let peaks = try #require(machine["peaks"] as? [[String: Any]])
        #expect(peaks.allSatisfy { ($0["f32_gflop_per_second"] as? Double ?? 0) > 0.1 })
        #expect(peaks.allSatisfy { ($0["read_gigabytes_per_second"] as? Double ?? 0) > 0.01 })
        let start = try #require(report["start"] as? [String: Any])
        let (loaded, first) = (start["loaded_seconds"] as? Double, start["first_step_seconds"] as? Double)
        #expect(try #require(first) > #require(loaded))
    }

    /// The arithmetic of each part with `batch` images.
    private func work(on parts: String, batch: Int) throws -> [Double] {
        let report = try bench("--size", "64", "--repeat", "1", "--steps", "2", "--only", parts, "--batch", "\(batch)")
        let measured = try #require(report["parts"] as? [[String: Any]])
        #expect(measured.last?["batch"] as? Int == batch)
        return try measured.map { try #require($0["gflop"] as? Double) }
    }

    @Test("three branches are three times the work of one image")
    func batches() throws {
        #expect(abs(try work(on: "unet", batch: 3)[0] / work(on: "unet", batch: 1)[0] - 3) < 1e-9)
    }

    @Test("sketches drawn together share the empty sentence and nothing else")
    func sketches() throws {
        let (one, three) = (try work(on: "text,sketch", batch: 1), try work(on: "text,sketch", batch: 3))
        #expect(abs(three[1] - (3 * one[1] - 2 * one[0])) < 1e-9 * three[1])
    }

    @Test(
        "refuses what it cannot time",
        arguments: [
            ["--only", "nothing"], ["--repeat", "0"], ["--size", "65"], ["--paced"], ["--paced", "--only", "start"],
            ["--precision", "f64"], ["--threads", "0"],
        ])
    func refuses(_ options: [String]) {
        #expect(throws: (any Error).self) {
            var command = try Limner.parseAsRoot(["bench", "--model", Self.model] + options)
            try command.run()
        }
    }

    @Test("the exponent of a power law is found, and noise around it is averaged")
    func exponents() {
        #expect(abs(exponent([1, 2, 4, 8], [3, 12, 48, 192]) - 2) < 1e-12)
        #expect(abs(exponent([1, 2, 4], [1, 0.5, 0.25]) + 1) < 1e-12)
        #expect(abs(exponent([1, 2, 4, 8], [1.1, 1.9, 4.2, 7.8]) - 1) < 0.05)
    }
}
