// Safetensors files and component folders: what is read, what is written, and how every lie is refused.

import Foundation
import LimnerEngine
import Testing

/// Writes a safetensors file from a header text and data, as given, true or not.
private func forge(_ header: String, data: [UInt8], length: UInt64? = nil, at path: String) throws {
    var bytes = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian, Array.init)
    bytes += Array(header.utf8) + data
    try Data(bytes).write(to: URL(filePath: path))
}

private func entry(_ name: String, _ type: String, _ shape: String, _ start: Int, _ end: Int) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}"
}

/// The error of opening a forged file.
private func opening(_ header: String, data: [UInt8] = [], length: UInt64? = nil) throws -> EngineError? {
    try Fixture.withFolder { folder in
        try forge(header, data: data, length: length, at: "\(folder)/w.safetensors")
        return #expect(throws: EngineError.self) { try SafetensorsFile(path: "\(folder)/w.safetensors") }
    }
}

private func key(_ error: EngineError?) -> String? {
    guard case .tensor(_, let key, _) = error else { return nil }
    return key
}

@Suite("Safetensors")
struct SafetensorsTests {
    @Test("what is written is read again, with metadata")
    func roundTrip() throws {
        try Fixture.withFolder { folder in
            let path = "\(folder)/style.safetensors"
            let values: [Float] = [1, -2.5, .pi, 0, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
            let metadata = ["text": "a \"quoted\"\nüñí\u{1}", "steps": "7"]
            try SafetensorsFile.write(
                [("b", [2, 3], values), ("a", [], [4]), ("empty", [0, 5], [])], metadata: metadata, to: path)
            let file = try SafetensorsFile(path: path)
            #expect(file.metadata == metadata)
            #expect(file.tensors["b"]?.shape == [2, 3])
            #expect(try file.floats("b") == values)
            #expect(try file.floats("a") == [4])
            #expect(try file.floats("empty") == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["style.safetensors"])
        }
    }

    @Test("a failed write leaves the old file and no other")
    func failedWrite() throws {
        try Fixture.withFolder { folder in
            let path = "\(folder)/style.safetensors"
            try SafetensorsFile.write([("a", [1], [1])], metadata: [:], to: path)
            #expect(throws: EngineError.self) {
                try SafetensorsFile.write([("a", [2], [1])], metadata: [:], to: path)
            }
            #expect(throws: EngineError.self) {
                try SafetensorsFile.write([("a", [1], [1])], metadata: [:], to: "\(folder)/none/style.safetensors")
            }
            #expect(try SafetensorsFile(path: path).floats("a") == [1])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
        }
    }

    @Test("every F16 value is converted exactly")
    func halves() throws {
        try converts("F16") { Float(Float16(bitPattern: $0)) }
    }

    @Test("every BF16 value is converted exactly")
    func brainFloats() throws {
        try converts("BF16") { Float(bitPattern: UInt32($0) << 16) }
    }

    /// All 65536 patterns, at an odd address.
    private func converts(_ type: String, _ reference: (UInt16) -> Float) throws {
        try Fixture.withFolder { folder in
            let patterns = UInt16.min...UInt16.max
            let bytes: [UInt8] = [0] + patterns.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
            let header = "{\(entry("pad", "U8", "[1]", 0, 1)),\(entry("x", type, "[65536]", 1, 131_073))}"
            try forge(header, data: bytes, at: "\(folder)/w.safetensors")
            let values = try SafetensorsFile(path: "\(folder)/w.safetensors").floats("x")
            let wrong = zip(patterns, values).filter { pattern, value in
                let expected = reference(pattern)
                return expected.isNaN ? !value.isNaN : value.bitPattern != expected.bitPattern
            }
            #expect(wrong.isEmpty)
        }
    }

    @Test("integer tensors may be there but are not read as weights")
    func integers() throws {
        try Fixture.withFolder { folder in
            let header = "{\(entry("position_ids", "I64", "[1,2]", 0, 16))}"
            try forge(header, data: Array(repeating: 0, count: 16), at: "\(folder)/w.safetensors")
            let file = try SafetensorsFile(path: "\(folder)/w.safetensors")
            #expect(throws: EngineError.self) { try file.floats("position_ids") }
        }
    }

    @Test("reading into room of another size is refused")
    func room() throws {
        let file = try SafetensorsFile(path: "\(Fixture.folder)/golden.safetensors")
        var room: [Float] = [0]
        room.withUnsafeMutableBufferPointer { target in
            _ = #expect(throws: EngineError.self) { try file.read("sched.x0", into: target) }
        }
    }

    @Test("a missing file is an error with its path")
    func missing() {
        let error = #expect(throws: EngineError.self) { try SafetensorsFile(path: "/nonexistent/w.safetensors") }
        #expect(error?.description.contains("/nonexistent/w.safetensors") == true)
    }

    @Test("a folder, an empty file and a few bytes are refused")
    func noFile() throws {
        try Fixture.withFolder { folder in
            #expect(throws: EngineError.self) { try SafetensorsFile(path: folder) }
            for count in [0, 1, 7] {
                try Data(repeating: 0, count: count).write(to: URL(filePath: "\(folder)/w"))
                #expect(throws: EngineError.self) { try SafetensorsFile(path: "\(folder)/w") }
            }
        }
    }

    @Test("a header longer than the file is refused", arguments: [3, 1000, 100_000_001, UInt64.max, UInt64(Int.max)])
    func headerLength(_ length: UInt64) throws {
        guard case .malformed = try opening("{}", length: length) else {
            Issue.record("another error is expected")
            return
        }
    }

    @Test(
        "a header that is no header is refused",
        arguments: [
            "", "[]", "null", "{", "{\"a\":1}", "{\"__metadata__\":[]}", "{\"__metadata__\":{\"a\":1}}", "{} x",
        ])
    func headerText(_ text: String) throws { #expect(try opening(text) != nil) }

    @Test(
        "a lying entry is refused with the tensor's name",
        arguments: [
            entry("w", "F32", "[2]", 0, 4), entry("w", "F32", "[2]", 0, 12), entry("w", "F32", "[3]", 0, 12),
            entry("w", "F32", "[2]", 4, 12), entry("w", "F32", "[-2]", 0, 8), entry("w", "F32", "[2.0]", 0, 8),
            entry("w", "F32", "[-1,-2]", 0, 8), entry("w", "F99", "[2]", 0, 8), entry("w", "F32", "[2]", 8, 0),
            entry("w", "F32", "[2]", -8, 0), entry("w", "F32", "[4611686018427387904,4]", 0, 0),
            entry("w", "F32", "[4611686018427387904,2]", 0, 8), entry("w", "F32", "[1,1,1,1,1,1,1,1,2]", 0, 8),
            entry("w", "F32", "[2]", 9_223_372_036_854_775_807, 9_223_372_036_854_775_807), "\"w\":{\"dtype\":\"F32\"}",
            "\"w\":[]", "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}",
        ])
    func lyingEntry(_ text: String) throws {
        #expect(key(try opening("{\(text)}", data: Array(repeating: 0, count: 8))) == "w")
    }

    @Test("overlapping ranges are refused")
    func overlap() throws {
        let header = "{\(entry("a", "F32", "[2]", 0, 8)),\(entry("b", "F32", "[2]", 4, 12))}"
        #expect(key(try opening(header, data: Array(repeating: 0, count: 12))) == "b")
    }

    @Test("a hole between ranges is refused")
    func hole() throws {
        let header = "{\(entry("a", "F32", "[1]", 0, 4)),\(entry("b", "F32", "[1]", 8, 12))}"
        #expect(key(try opening(header, data: Array(repeating: 0, count: 12))) == "b")
    }

    @Test("bytes after the last tensor are refused")
    func tail() throws {
        #expect(try opening("{\(entry("a", "F32", "[1]", 0, 4))}", data: Array(repeating: 0, count: 5)) != nil)
    }

    @Test("a tensor named twice is refused")
    func duplicate() throws {
        let header = "{\(entry("a", "F32", "[1]", 0, 4)),\(entry("a", "F32", "[1]", 4, 8))}"
        #expect(try opening(header, data: Array(repeating: 0, count: 8)) != nil)
    }

    @Test("a file cut anywhere is refused")
    func truncated() throws {
        try Fixture.withFolder { folder in
            let path = "\(folder)/w.safetensors"
            try SafetensorsFile.write([("a", [3], [1, 2, 3]), ("b", [2], [4, 5])], metadata: ["k": "v"], to: path)
            let whole = try Data(contentsOf: URL(filePath: path))
            for count in 0..<whole.count {
                try whole.prefix(count).write(to: URL(filePath: path))
                #expect(throws: EngineError.self) { try SafetensorsFile(path: path) }
            }
        }
    }
}
