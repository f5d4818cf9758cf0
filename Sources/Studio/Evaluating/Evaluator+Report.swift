// The report's files: tables for people and for programs, the probe curves, and pages to look at.
import Foundation
import LimnerEvaluation
import LimnerImaging

extension Evaluator {
    /// Test photos on one page.
    private static let sheetRows = 6
    private static let sheetSide = 256

    func write(_ report: Report) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try folder.write(try encoder.encode(report), "report.json")
        try folder.write(Data(report.markdown.utf8), "report.md")
        for family in report.families {
            if let svg = ProbePlot(family).svg { try folder.write(Data(svg.utf8), "curves/\(family.name).svg") }
        }
        for plan in plans {
            let taught = plan.assignments.first { assignment in
                let unit = LessonUnit(
                    family: plan.family, pair: assignment.pair.name, seed: request.seeds.base.tuning)
                return folder.records.lessons[unit]?.product != nil
            }
            if let taught, let sheet = try contactSheet(plan.family, taught) {
                try folder.write(sheet.composed(), "contact-sheets/\(plan.family).png")
            }
        }
    }

    /// The pair, then test photos with their truths and what each method made of them; nil when nothing was drawn.
    private func contactSheet(_ family: String, _ assignment: Assignment) throws -> ContactSheet? {
        let drawn: [SketchMethod] = [.tuned, .predicted, .untuned, .filter]
        var rows: [[ContactSheet.Cell]] = []
        for test in assignment.tests where rows.count < Self.sheetRows {
            let cells = try drawn.compactMap { method -> ContactSheet.Cell? in
                let unit = SketchUnit(
                    family: family, pair: assignment.pair.name, method: method, photo: test.name,
                    seeds: request.seeds.base)
                guard folder.records.sketches[unit]?.product != nil else { return nil }
                return ContactSheet.Cell(try picture(unit, assignment, test) {}, caption: method.title)
            }
            guard !cells.isEmpty else { continue }
            rows.append(
                [
                    ContactSheet.Cell(try data.photo(test), caption: test.name),
                    ContactSheet.Cell(try data.sketch(test), caption: "truth"),
                ] + cells)
        }
        guard !rows.isEmpty else { return nil }
        let example = [
            ContactSheet.Cell(try data.photo(assignment.pair), caption: "the pair: \(assignment.pair.name)"),
            ContactSheet.Cell(try data.sketch(assignment.pair), caption: "its sketch (the one example)"),
        ]
        return ContactSheet(rows: [example] + rows, pictureSide: Self.sheetSide, dividerAfter: 1)
    }
}
