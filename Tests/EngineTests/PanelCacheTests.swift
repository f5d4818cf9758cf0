// The file of packed weights: found again for the model it was made for, made anew for another, and never
// believed when it is damaged.
import Foundation
import Testing

import LimnerEngine

@Suite("The file of packed weights", .enabled(if: !LayerWeights.kernelNames(.f32).isEmpty))
struct PanelCacheTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent(
        "limner-\(UUID().uuidString).panels"
    ).path

    private func unet(_ cache: PanelCache?) throws -> [Float] {
        let unet = try UNet(
            Golden.weights("unet"), UNetConfiguration(contentsOf: Golden.configuration("unet")), EngineOptions(),
            packed: cache.map { PackedPart(cache: $0, part: "unet") })
        cache?.finish()
        let (x, instruction) = try (Golden.map("unet.in"), Golden.tensor("unet.ctx"))
        return unet(x, timesteps: [500], instruction: instruction, Pass()).values
    }

    private func create(capacity: Int = 1 << 24) throws -> PanelCache {
        try #require(PanelCache(creating: path, hash: "a", capacity: capacity))
    }

    @Test("weights from the file compute what weights in memory do")
    func roundTrip() throws {
        defer { unlink(path) }
        let plain = try unet(nil)
        #expect(try unet(create()) == plain)
        let found = try #require(PanelCache(path: path, hash: "a"))
        #expect(try unet(found) == plain)
    }

    @Test("a file that is too small takes what it can")
    func tooSmall() throws {
        defer { unlink(path) }
        let plain = try unet(nil)
        #expect(try unet(create(capacity: 1 << 16)) == plain)
        #expect(try unet(PanelCache(path: path, hash: "a")) == plain)
    }

    @Test("another model makes it void")
    func otherModel() throws {
        defer { unlink(path) }
        _ = try unet(create())
        #expect(PanelCache(path: path, hash: "b") == nil)
    }

    @Test("a file cut short is void", arguments: [1, 9, 100, 100_000])
    func truncated(bytes: Int) throws {
        defer { unlink(path) }
        _ = try unet(create())
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        try data.dropLast(bytes).write(to: URL(fileURLWithPath: path))
        #expect(PanelCache(path: path, hash: "a") == nil)
    }

    @Test("a file that was not finished leaves nothing behind")
    func unfinished() throws {
        do { _ = try create() }
        let folder = (path as NSString).deletingLastPathComponent
        let left = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(!left.contains { $0.hasPrefix((path as NSString).lastPathComponent) })
    }
}
