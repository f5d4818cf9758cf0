// A model's hash: of its files' bytes alone, and not computed again while they are as they were.
import Foundation
import Testing

import LimnerEngine

@Suite("A model's hash")
struct ModelFilesTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("limner-\(UUID().uuidString)")
        .path
    private var record: String { folder + "/limner-model.sha256" }

    private func withCopy(_ body: (ModelFiles) throws -> Void) throws {
        try FileManager.default.copyItem(atPath: Golden.modelFolder, toPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(ModelFiles(folder: folder))
    }

    @Test("is that of the files' bytes, wherever they lie")
    func copy() throws {
        try withCopy { files in
            let original = try ModelFiles(folder: Golden.modelFolder).hash()
            #expect(try files.hash() == original)
        }
    }

    @Test("a small model's is not kept")
    func small() throws {
        try withCopy {
            _ = try $0.hash()
            #expect(!FileManager.default.fileExists(atPath: record))
        }
    }

    @Test("what is kept is believed while the files are as they were")
    func kept() throws {
        try withCopy { files in
            let hash = try files.hash(keptFrom: 0)
            let text = try String(contentsOfFile: record, encoding: .utf8)
            #expect(text.hasPrefix(hash + "\n"))
            try text.replacingOccurrences(of: hash, with: "marked").write(
                toFile: record, atomically: true, encoding: .utf8)
            #expect(try files.hash(keptFrom: 0) == "marked")
        }
    }

    @Test("a changed file, or an added one, makes it void")
    func changed() throws {
        try withCopy { files in
            var seen = [try files.hash(keptFrom: 0)]
            let configuration = folder + "/unet/config.json"
            let text = try String(contentsOfFile: configuration, encoding: .utf8)
            try (text + " ").write(toFile: configuration, atomically: true, encoding: .utf8)
            seen.append(try files.hash(keptFrom: 0))
            try "{}".write(toFile: folder + "/unet/more.json", atomically: true, encoding: .utf8)
            seen.append(try files.hash(keptFrom: 0))
            #expect(Set(seen).count == 3)
            try FileManager.default.removeItem(atPath: folder + "/unet/more.json")
            try text.write(toFile: configuration, atomically: true, encoding: .utf8)
            #expect(try files.hash(keptFrom: 0) == seen[0])
        }
    }

    @Test("a record that says nothing is made anew", arguments: ["", "x", "x\n"])
    func damaged(text: String) throws {
        try withCopy { files in
            try text.write(toFile: record, atomically: true, encoding: .utf8)
            let original = try ModelFiles(folder: Golden.modelFolder).hash()
            #expect(try files.hash(keptFrom: 0) == original)
        }
    }
}
