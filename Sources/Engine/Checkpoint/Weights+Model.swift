// Where the weights of a model's part are: in the part's own folder, or in one file for the whole model beside it.
//
// The second is the layout of the original code (`instruct-pix2pix-00-22000.safetensors`). Configurations and
// vocabulary are not in such a file; they are read from the folders of the parts in either case.

import Foundation

extension Weights {
    /// Opens the weights of one part of the model in `model`.
    ///
    /// The part's folder comes first. Only when there are no safetensors in it and exactly one file of them lies in the
    /// model's own folder, that file is read as a single-file checkpoint.
    ///
    /// - Throws: `EngineError` naming the file, and the key where there is one.
    package convenience init(model: String, part: ModelPart) throws(EngineError) {
        let folder = "\(model)/\(part.folder)"
        if try Self.safetensors(in: folder).isEmpty, let path = Weights.singleFile(model: model) {
            try self.init(singleFile: path, part: part)
        } else {
            try self.init(folder: folder, stem: part.stem, optionalPrefix: part.optionalPrefix)
        }
    }

    /// The single-file checkpoint in a model's folder, if there is exactly one.
    package static func singleFile(model: String) -> String? {
        guard let names = try? safetensors(in: model), names.count == 1 else { return nil }
        return "\(model)/\(names[0])"
    }

    /// Opens one part of a single-file checkpoint; its keys go by the names of diffusers.
    package convenience init(singleFile path: String, part: ModelPart) throws(EngineError) {
        let file = try SafetensorsFile(path: path)
        if let key = file.tensors.keys.filter({ !Self.isKnown($0) }).min() {
            throw EngineError.tensor(
                file: path, key: key,
                detail: "unexpected: a single-file checkpoint holds a UNet, an autoencoder and a CLIP text tower")
        }
        try self.init(files: [file], place: path, renaming: CompVisKeys(part).name)
    }

    private static func safetensors(in folder: String) throws(EngineError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains(".safetensors") }
        } catch {
            throw EngineError.unreadable(file: folder, detail: "no such folder, or it may not be listed")
        }
    }

    private static let parts = ["model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer."]
    /// Averages of the weights that training keeps beside them.
    private static let averages = "model_ema."
    /// Tables of the training schedule, which the scheduler's configuration gives too.
    private static let tables: Set<String> = [
        "betas", "alphas_cumprod", "alphas_cumprod_prev", "sqrt_alphas_cumprod", "sqrt_one_minus_alphas_cumprod",
        "log_one_minus_alphas_cumprod", "sqrt_recip_alphas_cumprod", "sqrt_recipm1_alphas_cumprod",
        "posterior_variance", "posterior_log_variance_clipped", "posterior_mean_coef1", "posterior_mean_coef2",
        "logvar", "scale_factor",
    ]

    private static func isKnown(_ key: String) -> Bool {
        tables.contains(key) || key.hasPrefix(averages) || parts.contains { key.hasPrefix($0) }
    }
}
