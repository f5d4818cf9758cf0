// `limner info`: what a model folder holds, and what this machine computes it with.
import ArgumentParser
import LimnerEngine
import LimnerImaging

struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "info", abstract: "Describe the model and this build.")

    @OptionGroup var model: ModelOption
    @OptionGroup var registry: RegistryOption
    @Flag(help: "Load every weight as well, which checks names and shapes, and print the model's hash.")
    var check = false

    func run() throws {
        let folder = try model.resolved()
        let information = try ModelInformation(folder: folder)
        print("limner    \(Build.version), \(Pass.kernelName) kernels, \(Pass.blasName)")
        for precision in Precision.allCases {
            print("  \(precision.rawValue.padded(to: 6))  \(Pass.productName(precision))")
        }
        print("faces     \(Raster.seesFaces ? "looked for" : "not looked for: built without the trait Faces")")
        print("model     \(folder)")
        for part in information.components {
            let types = part.elementTypes.joined(separator: "+")
            print(
                "  \(part.name.padded(to: 19)) \(part.className.padded(to: 24)) \(part.parameters) parameters, \(types)"
            )
        }
        print("sampler   \(information.samplerName), \(information.predictionType)")
        print("pictures  sides in multiples of \(information.stride), by default \(information.defaults.size) long")
        print("guidance  text \(information.defaults.textGuidance), image \(information.defaults.imageGuidance)")
        print("steps     \(information.defaults.steps), tuning \(information.defaults.tuning.steps)")
        print("rows      \(information.instructionShape[0]) × \(information.instructionShape[1])")
        print("registry  \(registry.resolved())")
        if check { print("hash      \(try DiffusionModel(folder: folder).hash)") }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
