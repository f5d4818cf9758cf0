// The append-only file of an evaluation: a header that names what is evaluated and how, then one line of JSON for every
// finished unit. A line that cannot be read, such as the last one of a run that was killed, counts as not written.
package import Foundation

/// What an evaluation is of; two runs belong together only when all of it is equal.
public struct Header: Sendable, Equatable, Codable {
    /// The version of the lines.
    public static let format = 1

    public let format: Int
    /// Model, data, options, by the names a person knows them by.
    public let facts: [String: String]

    public init(facts: [String: String]) {
        format = Self.format
        self.facts = facts
    }

    /// What is not equal, as in "seed was 1 and is 2".
    public func differences(from earlier: Header) -> [String] {
        var differences: [String] = []
        if format != earlier.format { differences.append("its format was \(earlier.format) and is \(format)") }
        for name in Set(facts.keys).union(earlier.facts.keys).sorted() where facts[name] != earlier.facts[name] {
            differences.append("\(name) was \(earlier.facts[name] ?? "not set") and is \(facts[name] ?? "not set")")
        }
        return differences
    }
}

/// A journal that was read.
package struct Journal: Sendable, Equatable {
    package let header: Header
    package let records: Records
    /// Bytes up to the last whole line; what is behind them is to be cut off before more is written.
    package let soundBytes: Int

    private struct Line: Codable {
        var header: Header?
        var lesson: Record<LessonUnit, TunedLesson>?
        var filter: Record<FilterUnit, FilterFit>?
        var sketch: Record<SketchUnit, ScoredSketch>?

        var entry: Entry? {
            lesson.map(Entry.lesson) ?? filter.map(Entry.filter) ?? sketch.map(Entry.sketch)
        }
    }

    /// Reads a journal.
    /// - Returns: nil when not even the header was written whole.
    /// - Throws: ``EvaluationError/malformed(path:detail:)`` when the first line is no header.
    package init?(_ data: Data, path: String) throws(EvaluationError) {
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return nil }
        let lines = data[...end].split(separator: UInt8(ascii: "\n"))
        let decoder = JSONDecoder()
        guard let first = lines.first, let header = (try? decoder.decode(Line.self, from: first))?.header else {
            throw .malformed(path: path, detail: "its first line does not say what was evaluated; give another folder")
        }
        var records = Records()
        for line in lines.dropFirst() {
            if let entry = (try? decoder.decode(Line.self, from: line))?.entry { records.add(entry) }
        }
        self.header = header
        self.records = records
        soundBytes = end + 1 - data.startIndex
    }

    /// The header's line.
    package static func line(_ header: Header) throws(EvaluationError) -> Data { try encoded(Line(header: header)) }

    /// An entry's line.
    package static func line(_ entry: Entry) throws(EvaluationError) -> Data {
        switch entry {
        case .lesson(let record): try encoded(Line(lesson: record))
        case .filter(let record): try encoded(Line(filter: record))
        case .sketch(let record): try encoded(Line(sketch: record))
        }
    }

    /// JSON knows no number that is not finite.
    private static func encoded(_ line: Line) throws(EvaluationError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(line) + Data("\n".utf8)
        } catch {
            throw .setting(name: "a result", detail: "cannot be written down: \(error)")
        }
    }
}
