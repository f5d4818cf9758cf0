// The journal brings back what was written, whatever happened to its end.
import Foundation
import LimnerEvaluation
import Testing

@Suite("The journal of an evaluation")
struct JournalTests {
    private let header = Header(facts: ["seed": "1", "model": "tiny"])
    private let lesson = Record(
        LessonUnit(family: "ink", pair: "p1", seed: 1),
        Ending.done(
            TunedLesson(
                seconds: 2.5, steps: 10, curve: [CurvePoint(step: 0, loss: 0.5), CurvePoint(step: 10, loss: 0.25)],
                warnings: ["odd"])))
    private let sketch = Record(
        SketchUnit(family: "ink", pair: "p1", method: .tuned, photo: "p2", seeds: Seeds(tuning: 1, noise: 2)),
        Ending.done(
            ScoredSketch(
                score: Score(ssim: 0.1, fsim: 1.0 / 3, scoot: 0.7), size: Extent(width: 64, height: 48),
                truthSize: Extent(width: 100, height: 75), likeness: Likeness(own: 0.5, others: [0.25, 0.75]))))
    private let failed = Record<FilterUnit, FilterFit>(
        FilterUnit(family: "ink", pair: "p1"), .failed("the photo is \"damaged\"\nand more"))

    private func written() throws -> Data {
        try Journal.line(header) + Journal.line(.lesson(lesson)) + Journal.line(.filter(failed))
            + Journal.line(.sketch(sketch))
    }

    private func read(_ data: Data) throws -> Journal { try #require(try Journal(data, path: "journal.jsonl")) }

    @Test("what was written is read again, exactly")
    func roundTrip() throws {
        let journal = try read(written())
        #expect(journal.header == header)
        #expect(journal.records.lessons == [lesson.unit: lesson.ending])
        #expect(journal.records.filters == [failed.unit: failed.ending])
        #expect(journal.records.sketches == [sketch.unit: sketch.ending])
    }

    @Test("a torn last line is dropped and marked for cutting off, wherever it is torn")
    func torn() throws {
        let whole = try written()
        let kept = whole.count - (try Journal.line(.sketch(sketch))).count
        for end in kept..<whole.count {
            let journal = try read(whole.prefix(end))
            #expect(journal.soundBytes == kept)
            #expect(journal.records.sketches.isEmpty && journal.records.lessons.count == 1)
        }
        #expect(try read(whole).soundBytes == whole.count)
    }

    @Test("a line in the middle that cannot be read counts as not written")
    func damagedLine() throws {
        let data = try Journal.line(header) + Data("{\"lesson\": 3}\n".utf8) + Journal.line(.sketch(sketch))
        let records = try read(data).records
        #expect(records.lessons.isEmpty && records.sketches.count == 1)
    }

    @Test("a journal without a whole header is as good as none")
    func noHeader() throws {
        let line = try Journal.line(header)
        #expect(try Journal(Data(), path: "x") == nil)
        #expect(try Journal(line.dropLast(), path: "x") == nil)
    }

    @Test("a file that is no journal is refused")
    func notAJournal() {
        #expect(throws: EvaluationError.self) { try Journal(Data("hello\nworld\n".utf8), path: "x") }
    }

    @Test("two headers differ by what is told of them")
    func differences() {
        let other = Header(facts: ["seed": "2", "model": "tiny", "photos": "4"])
        #expect(header.differences(from: header).isEmpty)
        #expect(other.differences(from: header) == ["photos was not set and is 4", "seed was 1 and is 2"])
    }

    @Test("a number that JSON has no word for is an error, not a line")
    func notFinite() {
        let record = Record(
            LessonUnit(family: "a", pair: "b", seed: 0),
            Ending.done(TunedLesson(seconds: .nan, steps: 1, curve: [], warnings: [])))
        #expect(throws: EvaluationError.self) { try Journal.line(.lesson(record)) }
    }
}
