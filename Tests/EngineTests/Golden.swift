// Golden tensors as the engine's own, and the comparison that the goldens are held to.
import Foundation
import Testing

import LimnerEngine

/// What diffusers and transformers computed with the tiny model (Tests/Fixtures/reference).
enum Golden {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/reference").path
    static let modelFolder = folder + "/tiny-ip2p"

    /// The golden tensor `name`, as stored: maps are channels-first.
    static func tensor(_ name: String) throws -> Tensor {
        let file = try SafetensorsFile(path: folder + "/golden.safetensors")
        return try Tensor(file.floats(name), shape: #require(file.tensors[name]).shape)
    }

    /// The golden map `name`, channels-last.
    static func map(_ name: String) throws -> Tensor { try tensor(name).channelsLast }

    /// The sentences of the text goldens.
    static func prompts() throws -> [String] {
        let settings = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: folder + "/golden.json")))
        return try #require((settings as? [String: Any])?["prompts"] as? [String])
    }

    static func weights(_ component: String, _ stem: String = "diffusion_pytorch_model") throws -> Weights {
        try Weights(folder: modelFolder + "/" + component, stem: stem, optionalPrefix: "text_model.")
    }

    static func configuration(_ component: String) -> String { modelFolder + "/\(component)/config.json" }

    static func unet() throws -> UNet {
        try UNet(weights("unet"), UNetConfiguration(contentsOf: configuration("unet")))
    }

    static func autoencoder() throws -> Autoencoder {
        try Autoencoder(weights("vae"), AutoencoderConfiguration(contentsOf: configuration("vae")))
    }

    static func textEncoder() throws -> TextEncoder {
        try TextEncoder(
            weights("text_encoder", "model"), TextEncoderConfiguration(contentsOf: configuration("text_encoder")))
    }
}

/// The largest difference, relative to the golden tensor's largest magnitude.
func relativeError(_ tensor: Tensor, _ golden: Tensor) -> Double {
    guard tensor.count == golden.count else { return .infinity }
    let (a, b) = (tensor.values, golden.values)
    let largest = b.reduce(0) { max($0, abs($1)) }
    return Double(zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest)
}

/// Holds `tensor` to the golden one within 1e-4 of its largest magnitude, and prints the error for the parity table.
func expectGolden(
    _ name: String, _ tensor: Tensor, _ golden: Tensor, tolerance: Double = 1e-4,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let error = relativeError(tensor, golden)
    print("parity \(name) \(error)")
    #expect(error <= tolerance, "\(name)", sourceLocation: sourceLocation)
}
