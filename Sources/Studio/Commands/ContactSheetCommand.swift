// `limner contact-sheet`: photos and their sketches on one page, the pair that taught the style first.
import ArgumentParser
import Foundation
import LimnerImaging

struct ContactSheetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contact-sheet", abstract: "Put a pair and photos with their sketches on one page.")

    @Option(name: .shortAndLong, help: "The page's file, .png.") var output: String
    @Argument(help: "The pair's photo and sketch, then photo and sketch of each drawing.") var pictures: [String]

    func validate() throws {
        guard pictures.count >= 2, pictures.count.isMultiple(of: 2) else {
            throw ValidationError(
                "Give pictures two by two: the pair's photo and sketch, then each photo and its sketch.")
        }
    }

    func run() throws {
        let rows = try stride(from: 0, to: pictures.count, by: 2).map { index in
            let captions = index == 0 ? ("photo", "its sketch (the one example)") : ("photo", "sketch by limner")
            return [
                ContactSheet.Cell(try Raster.read(pictures[index]), caption: captions.0),
                ContactSheet.Cell(try Raster.read(pictures[index + 1]), caption: captions.1),
            ]
        }
        try ContactSheet(rows: rows, dividerAfter: 1).composed().write(to: output, as: .png)
        print(output)
    }
}
