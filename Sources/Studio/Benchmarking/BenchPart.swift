// The pieces of work that `limner bench` times, in the order it times them.
import ArgumentParser

/// What is timed.
enum BenchPart: String, CaseIterable, Encodable {
    /// From the process's start to the first step of the UNet.
    case start
    /// One denoising step's prediction: the UNet with the three branches, or a batch.
    case unet
    /// The autoencoder, a picture to its latent.
    case encode
    /// The autoencoder, a latent to its picture.
    case decode
    /// The text tower, one sentence.
    case text
    /// One step of tuning: the instructed branch forward and backward, or a batch of it.
    case tune
    /// A whole sketch, from the sentence to the picture, or a batch of different ones.
    case sketch
    /// A whole tuning, from the pair to the instruction.
    case tuning

    /// For people.
    var title: String {
        switch self {
        case .start: "start"
        case .unet: "UNet, one step"
        case .encode: "VAE encode"
        case .decode: "VAE decode"
        case .text: "text tower"
        case .tune: "one tuning step"
        case .sketch: "whole sketch"
        case .tuning: "whole tuning"
        }
    }
}

/// `unet,tune`: parts separated by commas.
struct BenchParts: ExpressibleByArgument {
    let parts: Set<BenchPart>

    static let all = BenchParts(parts: Set(BenchPart.allCases))

    init(parts: Set<BenchPart>) { self.parts = parts }

    init?(argument: String) {
        let named = argument.split(separator: ",").map { BenchPart(rawValue: String($0)) }
        guard !named.isEmpty, !named.contains(nil) else { return nil }
        parts = Set(named.compactMap { $0 })
    }

    static let allValueStrings = BenchPart.allCases.map(\.rawValue)
    var defaultValueDescription: String { "all" }
}
