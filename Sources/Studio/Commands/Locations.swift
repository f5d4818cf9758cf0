// Where the model, the registry and the service's data are: a flag, then the environment, then the usual places.
import ArgumentParser
import Foundation
import LimnerEngine
import LimnerServer

/// `--model DIR`, `--precision` and `--threads`.
struct ModelOption: ParsableArguments {
    @Option(name: .customLong("model"), help: "The model's folder, in diffusers' layout (or LIMNER_MODEL).")
    var folder: String?

    @Option(
        help: "What products are computed in: f32, or bf16 where the CPU has AVX512-BF16.", transform: parsedPrecision)
    var precision = Precision.f32

    @Option(help: "Threads that draw and tune (default: one for each core).")
    var threads: Int?

    func validate() throws {
        guard (threads ?? 1) > 0 else { throw ValidationError("--threads must be at least 1.") }
    }

    /// The folder: the flag, LIMNER_MODEL, `Models/limner-mini` beside or above the executable, the installed one.
    func resolved() throws -> String {
        if let folder = folder ?? ProcessInfo.processInfo.environment["LIMNER_MODEL"] { return folder }
        let places = Locations.beside(Self.shipped)
        guard let found = places.first(where: { FileManager.default.fileExists(atPath: $0 + "/model_index.json") })
        else { throw StudioError.noModel(looked: places) }
        return found
    }

    func load() throws -> DiffusionModel {
        try DiffusionModel(folder: resolved(), options: EngineOptions(precision: precision, threads: threads))
    }

    private static let shipped = "Models/limner-mini"
}

/// `f32` or `bf16`.
private func parsedPrecision(_ text: String) throws -> Precision {
    guard let precision = Precision(rawValue: text) else {
        throw ValidationError(
            "'\(text)' is no precision; choose \(Precision.allCases.map(\.rawValue).joined(separator: " or ")).")
    }
    return precision
}

/// `--registry DIR`.
struct RegistryOption: ParsableArguments {
    @Option(name: .customLong("registry"), help: "The folder of the styles (or LIMNER_REGISTRY).")
    var folder: String?

    func resolved() -> String {
        folder ?? ProcessInfo.processInfo.environment["LIMNER_REGISTRY"] ?? Locations.data + "/registry"
    }

    /// The registry; a style file is checked by reading it.
    func open() throws -> StyleRegistry {
        try StyleRegistry(root: resolved()) { folder in
            StyleSummary(try Style(path: folder + "/" + StyleRegistry.styleFileName))
        }
    }
}

/// `--data DIR`.
struct DataOption: ParsableArguments {
    @Option(
        name: .customLong("data"),
        help: "The folder of jobs, their pictures and the keys; one service per folder.")
    var folder = Locations.data + "/data"
}

/// The usual places.
enum Locations {
    /// `$XDG_DATA_HOME/limner`, or `~/.local/share/limner`.
    static var data: String {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_DATA_HOME"] ?? (environment["HOME"] ?? "/var/lib") + "/.local/share"
        return base + "/limner"
    }

    /// Where a file that ships with limner may be: in any folder above the executable, then where it is installed.
    static func beside(_ file: String) -> [String] {
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
        var folder = URL(fileURLWithPath: executable)
        var places: [String] = []
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            places.append(folder.appendingPathComponent(file).path)
        }
        return places + ["/usr/share/limner/" + file]
    }
}
