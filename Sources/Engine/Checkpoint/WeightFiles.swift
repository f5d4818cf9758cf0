// Which files hold the weights of one component folder.
//
// The names are those of diffusers and transformers: `<stem>.safetensors`, sharded with an index, and either of them
// in the variant `fp16`. Pickled weights are recognised only to be refused with advice.

import Foundation

/// The safetensors files of a component, opened and their headers checked.
struct WeightFiles {
    let files: [SafetensorsFile]

    private static let pickleSuffixes = [".bin", ".ckpt", ".pt", ".pth"]

    /// - Throws: `EngineError.unreadable` when the folder holds no weights named `stem`, `.pickled` when it holds only
    ///   pickles, and whatever opening a file throws.
    init(folder: String, stem: String) throws(EngineError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw EngineError.unreadable(file: folder, detail: "no such folder, or it may not be listed")
        }
        let present = Set(names)
        let single = ["\(stem).safetensors", "\(stem).fp16.safetensors"]
        let indexes = [
            "\(stem).safetensors.index.json", "\(stem).safetensors.index.fp16.json",
            "\(stem).fp16.safetensors.index.json",
        ]
        for name in [single[0], indexes[0], single[1], indexes[1], indexes[2]] where present.contains(name) {
            if single.contains(name) {
                files = [try SafetensorsFile(path: "\(folder)/\(name)")]
            } else {
                files = try Self.shards(folder: folder, index: JSONFile(contentsOf: "\(folder)/\(name)"))
            }
            return
        }
        if let pickle = names.sorted().first(where: { name in Self.pickleSuffixes.contains { name.hasSuffix($0) } }) {
            throw EngineError.pickled(file: "\(folder)/\(pickle)")
        }
        throw EngineError.unreadable(
            file: "\(folder)/\(single[0])", detail: "no such file, and no \(indexes[0]) or \(single[1]) beside it")
    }

    /// Opens the shards that an index names and checks that index and shards agree on every tensor.
    private static func shards(folder: String, index: JSONFile) throws(EngineError) -> [SafetensorsFile] {
        guard let map = index.members["weight_map"]?.object else {
            throw EngineError.malformed(file: index.path, detail: "it has no 'weight_map' object")
        }
        var keysOfShard: [String: Set<String>] = [:]
        for (key, value) in map {
            guard let name = value.string, !name.contains("/"), name.hasSuffix(".safetensors") else {
                throw EngineError.tensor(
                    file: index.path, key: key,
                    detail: "\(value) is not the name of a safetensors file beside the index")
            }
            keysOfShard[name, default: []].insert(key)
        }
        guard !keysOfShard.isEmpty, keysOfShard.count <= Limits.shards else {
            throw EngineError.malformed(file: index.path, detail: "it names \(keysOfShard.count) shards")
        }
        var files: [SafetensorsFile] = []
        for (name, keys) in keysOfShard.sorted(by: { $0.key < $1.key }) {
            let file = try SafetensorsFile(path: "\(folder)/\(name)")
            if let key = keys.symmetricDifference(file.tensors.keys).min() {
                let detail = keys.contains(key) ? "the index names it, the shard has it not" : "not named by the index"
                throw EngineError.tensor(file: file.path, key: key, detail: detail)
            }
            files.append(file)
        }
        return files
    }
}
