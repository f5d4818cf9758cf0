// `limner compare`: the metrics of pictures that are there.
import ArgumentParser
import Foundation
import LimnerEvaluation

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Measure sketches against true ones: SSIM, FSIM and Scoot.",
        discussion: """
            Two pictures, or two folders whose pictures have the same names. Both are taken in gray; a sketch of another \
            size than its truth is brought to that bicubically.
            """)

    @Flag(help: "Print JSON.") var json = false
    @Argument(help: "The true sketch, or a folder of them.") var truth: String
    @Argument(help: "The sketch to measure, or a folder of them.") var sketch: String

    func run() throws {
        let comparison = try Comparison(truth: truth, with: sketch)
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(comparison), as: UTF8.self))
        } else {
            print(comparison.text)
        }
        if comparison.pictures.isEmpty { throw ExitCode.failure }
    }
}
