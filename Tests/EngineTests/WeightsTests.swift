// Component folders: which file is taken, and that every tensor is used exactly once.

import Foundation
import LimnerEngine
import Testing

private typealias Tensor = (name: String, shape: [Int], values: [Float])

private let first: Tensor = ("conv.weight", [2, 1], [1, 2])
private let second: Tensor = ("conv.bias", [2], [3, 4])

private func write(_ tensors: [Tensor], _ path: String) throws {
    try SafetensorsFile.write(tensors, metadata: [:], to: path)
}

/// The weights of a new folder that holds `tensors` in one file.
private func withWeights(_ tensors: [Tensor], prefix: String = "", _ body: (Weights) throws -> Void) throws {
    try Fixture.withFolder { folder in
        try write(tensors, "\(folder)/model.safetensors")
        try body(Weights(folder: folder, stem: "model", optionalPrefix: prefix))
    }
}

private func fault(_ body: () throws -> Void) -> (key: String, detail: String)? {
    guard case .tensor(_, let key, let detail) = #expect(throws: EngineError.self, performing: body) else { return nil }
    return (key, detail)
}

@Suite("Weights of a component")
struct WeightsTests {
    @Test("tensors are handed out by name and shape, and nothing is left")
    func all() throws {
        try withWeights([first, second]) { weights in
            #expect(weights.parameterCount == 4)
            #expect(weights.elementTypes == ["F32"])
            #expect(weights.shape("conv.weight") == [2, 1])
            #expect(try weights.take("conv.weight", shape: [2, 1]) == [1, 2])
            #expect(try weights.take("conv.bias", shape: [2]) == [3, 4])
            try weights.finish()
        }
    }

    @Test("a missing key is an error with its name")
    func missing() throws {
        try withWeights([first]) { weights in
            #expect(!weights.has("conv.bias"))
            #expect(fault { _ = try weights.take("conv.bias", shape: [2]) }?.key == "conv.bias")
        }
    }

    @Test("another shape of the same size is an error with the name")
    func shape() throws {
        try withWeights([first]) { weights in
            #expect(fault { _ = try weights.take("conv.weight", shape: [1, 2]) }?.key == "conv.weight")
        }
    }

    @Test("taking a tensor twice is an error")
    func twice() throws {
        try withWeights([first]) { weights in
            _ = try weights.take("conv.weight", shape: [2, 1])
            #expect(fault { _ = try weights.take("conv.weight", shape: [2, 1]) }?.key == "conv.weight")
        }
    }

    @Test("a tensor that nobody takes is an error with its name")
    func unexpected() throws {
        try withWeights([first, second]) { weights in
            _ = try weights.take("conv.weight", shape: [2, 1])
            #expect(fault { try weights.finish() }?.key == "conv.bias")
        }
    }

    @Test("position_ids are no weights")
    func buffers() throws {
        try withWeights([("embeddings.position_ids", [1], [0])]) { try $0.finish() }
    }

    @Test("one of several names and shapes is taken", arguments: ["query", "to_q"], [[2, 1], [2, 1, 1, 1]])
    func alternatives(_ name: String, _ shape: [Int]) throws {
        try withWeights([(name, shape, [1, 2])]) { weights in
            #expect(try weights.take(anyOf: ["to_q", "query"], shapes: [[2, 1], [2, 1, 1, 1]]) == [1, 2])
            try weights.finish()
        }
    }

    @Test("two names of the same weight are an error")
    func bothNames() throws {
        try withWeights([("query", [1], [1]), ("to_q", [1], [1])]) { weights in
            #expect(fault { _ = try weights.take(anyOf: ["to_q", "query"], shapes: [[1]]) }?.key == "to_q")
        }
    }

    @Test("a prefix is stripped where it is present", arguments: ["", "text_model."])
    func prefix(_ prefix: String) throws {
        try withWeights([("\(prefix)final.bias", [1], [7])], prefix: "text_model.") { weights in
            #expect(try weights.take("final.bias", shape: [1]) == [7])
            try weights.finish()
        }
    }

    @Test("the fp16 variant is found")
    func variant() throws {
        try Fixture.withFolder { folder in
            try write([first], "\(folder)/model.fp16.safetensors")
            #expect(try Weights(folder: folder, stem: "model").has("conv.weight"))
        }
    }

    @Test("shards are found through their index")
    func shards() throws {
        try Fixture.withFolder { folder in
            try write([first], "\(folder)/model-1.safetensors")
            try write([second], "\(folder)/model-2.safetensors")
            try index(folder, ["conv.weight": "model-1.safetensors", "conv.bias": "model-2.safetensors"])
            let weights = try Weights(folder: folder, stem: "model")
            #expect(try weights.take("conv.weight", shape: [2, 1]) == [1, 2])
            #expect(try weights.take("conv.bias", shape: [2]) == [3, 4])
            try weights.finish()
        }
    }

    @Test(
        "an index that disagrees with its shards is refused with the key's name",
        arguments: [
            ["conv.weight": "model-1.safetensors"], ["conv.weight": "model-2.safetensors"],
            ["conv.weight": "../model-1.safetensors"],
            [
                "conv.weight": "model-1.safetensors", "conv.bias": "model-1.safetensors",
                "conv.scale": "model-1.safetensors",
            ],
        ])
    func lyingIndex(_ map: [String: String]) throws {
        try Fixture.withFolder { folder in
            try write([first, second], "\(folder)/model-1.safetensors")
            try index(folder, map)
            #expect(throws: EngineError.self) { try Weights(folder: folder, stem: "model") }
        }
    }

    private func index(_ folder: String, _ map: [String: String]) throws {
        let pairs = map.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ",")
        try Data("{\"weight_map\": {\(pairs)}}".utf8).write(to: URL(filePath: "\(folder)/model.safetensors.index.json"))
    }

    @Test("a pickle is refused with advice", arguments: ["model.bin", "model.ckpt", "pytorch_model.pt"])
    func pickle(_ name: String) throws {
        try Fixture.withFolder { folder in
            try Data([0x80, 0x02]).write(to: URL(filePath: "\(folder)/\(name)"))
            let error = #expect(throws: EngineError.self) { try Weights(folder: folder, stem: "model") }
            #expect(error == .pickled(file: "\(folder)/\(name)"))
            #expect(error?.description.contains("safe_serialization=True") == true)
        }
    }

    @Test("an empty or absent folder is an error with its path")
    func nothing() throws {
        try Fixture.withFolder { folder in
            for place in [folder, "\(folder)/none"] {
                let error = #expect(throws: EngineError.self) { try Weights(folder: place, stem: "model") }
                #expect(error?.description.contains(place) == true)
            }
        }
    }
}
