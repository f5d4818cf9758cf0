// Which files make up a model, and their hash: what a style remembers of the model it was tuned for.
import COpenSSL
package import Foundation
import Glibc

/// The files of one model: a folder in diffusers' layout, its weights in the component folders or in one CompVis file.
struct ModelFiles {
    private let root: String
    let index: ModelIndex

    /// The components every InstructPix2Pix pipeline has.
    private static let components = ["scheduler", "text_encoder", "tokenizer", "unet", "vae"]
    /// Limner's own component, which a folder may have.
    private static let encoder = "instruction_encoder"

    init(folder: String) throws(EngineError) {
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

    /// The file of packed weights beside the model: the one that is there and fits, or a new one to be filled; nil where
    /// the model is small, the folder cannot be written to, or the CPU has no kernels that pack.
    func panelCache(_ options: EngineOptions) throws(EngineError) -> PanelCache? {
        guard let kernels = LayerWeights.kernelName(options) else { return nil }
        let (path, signature) = (root + "/limner-\(kernels).panels", signature())
        if let cache = PanelCache(path: path, signature: signature) { return cache }
        let values = try [weights(.textEncoder), weights(.unet(unet())), weights(.autoencoder(autoencoder()))].reduce(0)
        {
            $0 + $1.parameterCount
        }
        // Panels that are not full, and pages
        let capacity = values * options.precision.width / 8 * 9 + (16 << 20)
        guard values * options.precision.width >= PanelCache.smallest else { return nil }
        return PanelCache(creating: path, signature: signature, hash: try hash(), capacity: capacity)
    }

    /// The model's files as they are now, without reading them.
    private func signature() -> [String] {
        var lines: [String] = []
        for component in (Self.components + [Self.encoder, "."]).sorted() {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder(component))) ?? []
            for name in names.sorted() where Self.counts(name) {
                var status = stat()
                guard stat(folder(component) + "/" + name, &status) == 0 else { continue }
                let time = status.st_mtim
                lines.append("\(component)/\(name) \(status.st_size) \(time.tv_sec).\(time.tv_nsec) \(status.st_ino)")
            }
        }
        return lines
    }

    /// SHA-256 over names and bytes of every JSON, text and safetensors file that the model is read from, by name.
    func hash() throws(EngineError) -> String {
        var digest = SHA256()
        for component in (Self.components + [Self.encoder]).sorted() {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder(component))) ?? []
            for name in names.sorted() where Self.counts(name) {
                try Self.add(folder(component) + "/" + name, as: "\(component)/\(name)", to: &digest)
            }
        }
        if let single = Weights.singleFile(model: root) { try Self.add(single, as: "single", to: &digest) }
        return digest.finish()
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
