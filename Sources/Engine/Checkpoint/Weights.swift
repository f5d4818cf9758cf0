// The weights of one component (UNet, autoencoder, text tower), handed out key by key.
//
// A model takes each tensor it needs once, by name and shape, and then calls `finish()`: a key that is missing, of
// another shape, taken twice or left over is an error, so a model can never run with weights that were not loaded.

/// All tensors of a component folder, from one file or several shards.
///
/// Not safe for use from several threads at once.
package final class Weights {
    private struct Location {
        let file: Int
        let name: String
    }

    private let files: [SafetensorsFile]
    private let locations: [String: Location]
    private var taken: Set<String> = []
    private let place: String

    /// Buffers that old checkpoints carry although they are not weights.
    private static let ignoredSuffixes = ["position_ids"]

    /// Opens `<stem>.safetensors`, its shards or its fp16 variant in `folder`.
    ///
    /// - Parameter optionalPrefix: stripped from keys that begin with it: `text_model.` for text towers, whose keys come
    ///   with and without.
    /// - Throws: `EngineError` naming the file, and the key where there is one.
    package convenience init(folder: String, stem: String, optionalPrefix: String = "") throws(EngineError) {
        let files = try WeightFiles(folder: folder, stem: stem).files
        try self.init(files: files, place: files.count == 1 ? files[0].path : folder) {
            $0.hasPrefix(optionalPrefix) ? String($0.dropFirst(optionalPrefix.count)) : $0
        }
    }

    /// Hands out the tensors of `files` under the names that `rename` gives them; nil leaves a tensor out.
    init(
        files: [SafetensorsFile], place: String, renaming rename: (String) -> String?
    ) throws(EngineError) {
        self.files = files
        self.place = place
        var locations: [String: Location] = [:]
        for (index, file) in files.enumerated() {
            for name in file.tensors.keys {
                guard let key = rename(name) else { continue }
                if let other = locations.updateValue(Location(file: index, name: name), forKey: key) {
                    throw EngineError.tensor(
                        file: file.path, key: key,
                        detail: "it comes twice, as '\(name)' and as '\(other.name)' in \(files[other.file].path)")
                }
            }
        }
        self.locations = locations
    }

    /// The files that are read, in order of their names.
    package var paths: [String] { files.map(\.path) }

    /// The number of values in all tensors that can be taken.
    package var parameterCount: Int {
        locations.reduce(0) { Self.isIgnored($1.key) ? $0 : $0 + entry($1.value).count }
    }

    /// The stored types that occur, by the format's names, such as `F16`.
    package var elementTypes: Set<String> {
        Set(locations.filter { !Self.isIgnored($0.key) }.values.map { entry($0).type.rawValue })
    }

    package func has(_ key: String) -> Bool { locations[key] != nil }

    package func shape(_ key: String) -> [Int]? { locations[key].map { entry($0).shape } }

    /// Reads the tensor `key` of exactly `shape` into `target` and marks it used.
    package func take(
        _ key: String, shape: [Int], into target: UnsafeMutableBufferPointer<Float>
    ) throws(EngineError) {
        try take(anyOf: [key], shapes: [shape], into: target)
    }

    /// Reads the one tensor that goes by any of `keys` and has any of `shapes`, all of the same number of values.
    ///
    /// Checkpoints of the same model differ in names (`query` or `to_q`) and shapes (a matrix or a 1×1 convolution).
    package func take(
        anyOf keys: [String], shapes: [[Int]], into target: UnsafeMutableBufferPointer<Float>
    ) throws(EngineError) {
        let location = try claim(keys, shapes)
        try files[location.file].read(location.name, into: target)
    }

    /// The values of the tensor `key` of exactly `shape`, which is marked used.
    package func take(_ key: String, shape: [Int]) throws(EngineError) -> [Float] {
        try take(anyOf: [key], shapes: [shape])
    }

    /// The values of the one tensor that goes by any of `keys` and has any of `shapes`.
    package func take(anyOf keys: [String], shapes: [[Int]]) throws(EngineError) -> [Float] {
        let location = try claim(keys, shapes)
        return try files[location.file].floats(location.name)
    }

    /// Marks the tensor `key` of any of `shapes` used without reading it.
    func skip(_ key: String, shapes: [[Int]]) throws(EngineError) { _ = try claim([key], shapes) }

    /// The rows of the matrix `key`, to be read one by one where they lie.
    func rows(_ key: String, shape: [Int]) throws(EngineError) -> StoredRows {
        let location = try claim([key], [shape])
        return try StoredRows(files[location.file], location.name, width: shape[1])
    }

    /// Checks that every tensor was taken, and lets go of the pages that were read.
    ///
    /// - Throws: `EngineError.tensor` naming the first key that the model has no place for.
    package func finish() throws(EngineError) {
        let left = locations.keys.filter { !taken.contains($0) && !Self.isIgnored($0) }.sorted()
        guard let key = left.first, let location = locations[key] else { return files.forEach { $0.rest() } }
        let others = left.count > 1 ? " (and \(left.count - 1) more)" : ""
        throw EngineError.tensor(
            file: files[location.file].path, key: location.name,
            detail: "unexpected\(others): the configuration describes a model that has no such weight")
    }

    private static func isIgnored(_ key: String) -> Bool { ignoredSuffixes.contains { key.hasSuffix($0) } }

    private func entry(_ location: Location) -> SafetensorsFile.Entry {
        guard let entry = files[location.file].tensors[location.name] else {
            preconditionFailure("locations hold only tensors of their files")
        }
        return entry
    }

    private func claim(_ keys: [String], _ shapes: [[Int]]) throws(EngineError) -> Location {
        let present = keys.filter { locations[$0] != nil }
        guard let key = present.first, let location = locations[key] else {
            throw EngineError.tensor(
                file: place, key: keys[0], detail: "missing; the configuration asks for it with shape \(shapes[0])")
        }
        let file = files[location.file].path
        if present.count > 1 {
            throw EngineError.tensor(file: file, key: key, detail: "it comes twice, also as '\(present[1])'")
        }
        guard taken.insert(key).inserted else {
            throw EngineError.tensor(file: file, key: location.name, detail: "it was used already")
        }
        let shape = entry(location).shape
        guard shapes.contains(shape) else {
            let wanted = shapes.map { "\($0)" }.joined(separator: " or ")
            throw EngineError.tensor(
                file: file, key: location.name, detail: "its shape is \(shape), the configuration asks for \(wanted)")
        }
        return location
    }
}
