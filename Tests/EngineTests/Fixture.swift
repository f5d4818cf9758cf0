// Where the fixtures of the engine's tests are, and how far from the golden values a result is.

import Foundation
import LimnerEngine
import Testing

/// The files under Tests/Fixtures, found by the place of this file.
enum Fixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/reference").path
    /// The tiny random model.
    static let model = "\(folder)/tiny-ip2p"

    /// The tensors of `golden.safetensors`.
    static func golden() throws -> SafetensorsFile { try SafetensorsFile(path: "\(folder)/golden.safetensors") }

    /// The object of `golden.json`.
    static func settings() throws -> [String: JSONValue] { try JSONFile(contentsOf: "\(folder)/golden.json").members }

    /// The object of a JSON file in the fixtures' folder.
    static func json(_ name: String) throws -> [String: JSONValue] {
        try JSONFile(contentsOf: "\(folder)/\(name)").members
    }

    /// A new empty folder, gone again when `body` returns.
    static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "limner-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.path)
    }

    /// The largest difference, as a share of the expected values' largest magnitude; infinite when sizes differ or a
    /// value is not finite.
    static func distance(_ actual: [Float], _ expected: [Float]) -> Float {
        guard actual.count == expected.count, actual.allSatisfy(\.isFinite) else { return .infinity }
        let largest = expected.reduce(0) { max($0, abs($1)) }
        let difference = zip(actual, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
        return difference == 0 ? 0 : difference / max(largest, .leastNormalMagnitude)
    }
}
