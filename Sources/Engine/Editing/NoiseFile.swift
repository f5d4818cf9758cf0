// Noise from a file, so that any run can be compared with diffusers number by number.

extension NoiseSource {
    /// Reads `latents` [1, latent, h, w], before the initial sigma, and `noise` [n, latent, h, w], one per step, where
    /// the sampler adds some.
    public init(file path: String) throws(EngineError) {
        let file = try SafetensorsFile(path: path)
        let latents = try Self.tensor("latents", file)
        self = .given(latents: latents, steps: file.tensors["noise"] == nil ? nil : try Self.tensor("noise", file))
    }

    private static func tensor(_ name: String, _ file: SafetensorsFile) throws(EngineError) -> Tensor {
        let values = try file.floats(name)
        guard let shape = file.tensors[name]?.shape, shape.count == 4 else {
            throw .tensor(file: file.path, key: name, detail: "must have four axes: count, channels, height, width")
        }
        return Tensor(values, shape: shape)
    }
}
