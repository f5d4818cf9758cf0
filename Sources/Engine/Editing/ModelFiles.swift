// Which files make up a model, and their hash: what a style remembers of the model it was tuned for.
import COpenSSL
package import Foundation
import Glibc

/// The files of one model: a folder in diffusers' layout, its weights in the component folders or in one CompVis file.
package struct ModelFiles {
    private let root: String
    let index: ModelIndex

    /// The components every InstructPix2Pix pipeline has.
    private static let components = ["scheduler", "text_encoder", "tokenizer", "unet", "vae"]
    /// Limner's own component, which a folder may have.
    private static let encoder = "instruction_encoder"

    package init(folder: String) throws(EngineError) {
        root = folder
        let path = folder + "/model_index.json"
        guard FileManager.default.fileExists(atPath: path) else {
            throw .unreadable(
                file: path,
                detail: "a model is a folder in diffusers' layout, with model_index.json and the folders "
                    + Self.components.joined(separator: ", "))
        }
        index = try ModelIndex(contentsOf: path)
        for component in Self.components where !FileManager.default.fileExists(atPath: self.folder(component)) {
            throw .unreadable(file: self.folder(component), detail: "this component of the model is missing")
        }
    }

    func folder(_ component: String) -> String { root + "/" + component }

    func unet() throws(EngineError) -> UNetConfiguration {
        try UNetConfiguration(contentsOf: folder("unet") + "/config.json")
    }

    func autoencoder() throws(EngineError) -> AutoencoderConfiguration {
        try AutoencoderConfiguration(contentsOf: folder("vae") + "/config.json")
    }

    func textEncoder() throws(EngineError) -> TextEncoderConfiguration {
        try TextEncoderConfiguration(contentsOf: folder("text_encoder") + "/config.json")
    }

    /// The scheduler of the class that the index names; where the two files disagree, the index counts, as in diffusers.
    func scheduler() throws(EngineError) -> SchedulerConfiguration {
        try SchedulerConfiguration(
            contentsOf: folder("scheduler") + "/scheduler_config.json", className: index.classes["scheduler"])
    }

    /// The instruction encoder, where the folder has one.
    func instructionEncoder(_ options: EngineOptions) throws(EngineError) -> InstructionEncoder? {
        guard let weights = try instructionEncoderWeights() else { return nil }
        return try InstructionEncoder(
            weights, InstructionEncoderConfiguration(contentsOf: folder(Self.encoder) + "/config.json"), options)
    }

    func instructionEncoderWeights() throws(EngineError) -> Weights? {
        let place = folder(Self.encoder)
        return FileManager.default.fileExists(atPath: place) ? try Weights(folder: place, stem: "model") : nil
    }

    func weights(_ part: ModelPart) throws(EngineError) -> Weights { try Weights(model: root, part: part) }

    /// The file of packed weights beside the model of that hash: the one that is there and fits, or a new one to be filled;
    /// nil where the model is small, the folder cannot be written to, or the CPU has no kernels that pack.
    func panelCache(_ options: EngineOptions, hash: String) throws(EngineError) -> PanelCache? {
        guard let kernels = LayerWeights.kernelName(options) else { return nil }
        let path = root + "/limner-\(kernels).panels"
        if let cache = PanelCache(path: path, hash: hash) { return cache }
        let values = try [weights(.textEncoder), weights(.unet(unet())), weights(.autoencoder(autoencoder()))].reduce(0)
        {
            $0 + $1.parameterCount
        }
        // Panels that are not full, and pages
        let capacity = values * options.precision.width / 8 * 9 + (16 << 20)
        guard values * options.precision.width >= PanelCache.smallest else { return nil }
        return PanelCache(creating: path, hash: hash, capacity: capacity)
    }

    /// SHA-256 over names and bytes of every JSON, text and safetensors file that the model is read from, by name.
    /// - Parameter size: bytes of a model from which its hash is kept beside it, with the state of those files; they are
    ///   read again only when that has changed.
    package func hash(keptFrom size: Int = PanelCache.smallest) throws(EngineError) -> String {
        let (record, files) = (root + "/limner-model.sha256", files())
        let (state, bytes) = try Self.state(of: files)
        if let known = try? String(contentsOfFile: record, encoding: .utf8), known.hasSuffix("\n" + state) {
            return String(known.dropLast(state.count + 1))
        }
        var digest = SHA256()
        for (path, name) in files { try Self.add(path, as: name, to: &digest) }
        let hash = digest.finish()
        // A folder that cannot be written to means reading it all at every start.
        if bytes >= size {
            try? Data("\(hash)\n\(state)".utf8).write(to: URL(fileURLWithPath: record), options: .atomic)
        }
        return hash
    }

    /// Path and name of every file that decides what the model computes, in the order of its hash.
    private func files() -> [(path: String, name: String)] {
        let parts = (Self.components + [Self.encoder]).sorted().flatMap { component in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder(component))) ?? []
            return names.sorted().filter(Self.counts).map { (folder(component) + "/" + $0, "\(component)/\($0)") }
        }
        return parts + (Weights.singleFile(model: root).map { [($0, "single")] } ?? [])
    }

    /// A line for each file with what changes when it is written or replaced, and the bytes of all.
    private static func state(of files: [(path: String, name: String)]) throws(EngineError) -> (String, Int) {
        var (lines, bytes) = ([String](), 0)
        for (path, name) in files {
            var status = stat()
            guard stat(path, &status) == 0 else {
                throw .unreadable(file: path, detail: String(cString: strerror(errno)))
            }
            let time = status.st_mtim
            lines.append("\(name) \(status.st_size) \(time.tv_sec).\(time.tv_nsec) \(status.st_ino)")
            bytes += Int(status.st_size)
        }
        return (lines.joined(separator: "\n"), bytes)
    }

    private static func add(_ path: String, as name: String, to digest: inout SHA256) throws(EngineError) {
        digest.update(Data((name + "\n").utf8))
        do {
            digest.update(try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped))
        } catch {
            throw .unreadable(file: path, detail: "\(error)")
        }
    }

    private static func counts(_ name: String) -> Bool {
        [".json", ".txt", ".safetensors"].contains { name.hasSuffix($0) }
    }
}

/// A running SHA-256 by OpenSSL.
package struct SHA256: ~Copyable {
    private let context = EVP_MD_CTX_new()

    package init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }

    deinit { EVP_MD_CTX_free(context) }

    package mutating func update(_ data: Data) {
        data.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    /// The digest, hexadecimal.
    package consuming func finish() -> String {
        var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        EVP_DigestFinal_ex(context, &bytes, &count)
        return bytes.prefix(Int(count)).map { String(format: "%02x", $0) }.joined()
    }
}
