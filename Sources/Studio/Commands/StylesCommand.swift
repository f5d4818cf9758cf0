// `limner styles`: the registry from the command line.
import ArgumentParser
import Foundation
import LimnerProtocol
import LimnerServer

struct StylesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "styles", abstract: "List, show, export, import and remove styles.",
        subcommands: [List.self, Show.self, Export.self, Import.self, Remove.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the styles.")
        @OptionGroup var registry: RegistryOption

        func run() throws {
            let registry = try registry.open()
            for record in registry.list() {
                print("\(record.name)\t\(record.summary.text ?? "")\t\(record.summary.modelName)")
            }
            for style in registry.quarantined { print("quarantined: \(style.name): \(style.reason)") }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a style and its probe curve.")
        @OptionGroup var registry: RegistryOption
        @Argument(help: "The style's name.") var name: String

        func run() throws {
            let registry = try registry.open()
            let record = try registry.get(name)
            let summary = record.summary
            print("name      \(record.name)")
            print("file      \(registry.styleFile(name)) (\(record.bytes) bytes)")
            print("hash      \(record.hash)")
            print("model     \(summary.modelName) \(summary.modelHash)")
            print("text      \(summary.text ?? "")")
            print("shape     \(summary.tokens) × \(summary.width)")
            print("seed      \(summary.seed.map(String.init) ?? "")")
            for point in summary.probe {
                let mark = point.step == summary.bestStep ? "  ← kept" : ""
                print(String(format: "step %5d  probe %.6f%@", point.step, point.loss, mark))
            }
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Copy a style's file out of the registry.")
        @OptionGroup var registry: RegistryOption
        @Argument(help: "The style's name.") var name: String
        @Option(name: .shortAndLong, help: "The file to write, .safetensors.") var output: String

        func run() throws {
            try registry.open().export(name, to: output)
            print(output)
        }
    }

    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a style's file into the registry.")
        @OptionGroup var registry: RegistryOption
        @Argument(help: "The style's file.") var file: String
        @Option(help: "Its name (default: the one it was made with).") var name: String?

        func run() throws {
            let record = try registry.open().importStyle(from: file, as: name)
            print(record.name)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a style.")
        @OptionGroup var registry: RegistryOption
        @Argument(help: "The style's name.") var name: String

        func run() throws { try registry.open().remove(name) }
    }
}
