// The tables, counted by hand: two families, two pairs, two photos.
import Foundation
import LimnerEvaluation
import Testing

@Suite("The report of an evaluation")
struct ReportTests {
    private let seeds = SeedRange(first: 5, count: 2)
    private let plans = ["chalk", "ink"].map { name in
        Plan(
            Family(name: name, pairs: (1...4).map { Pair(name: "p\($0)", photo: "\($0)", sketch: "\($0)") }), pairs: 2,
            photos: 2, seed: 5)
    }

    /// Records in which every metric of a method is the given one, plus .1 for a family's second pair and ± .01 for its
    /// photos.
    private func records(_ levels: [SketchMethod: Double], likeness: Likeness? = nil) -> Records {
        var records = Records()
        for plan in plans {
            for (number, assignment) in plan.assignments.enumerated() {
                for (method, level) in levels {
                    for (sign, test) in zip([-0.01, 0.01], assignment.tests) {
                        let value = level + 0.1 * Double(number) + sign
                        add(&records, plan, assignment, test, method, seeds.base, value, likeness)
                    }
                }
            }
        }
        return records
    }

    private func add(
        _ records: inout Records, _ plan: Plan, _ assignment: Assignment, _ test: Pair, _ method: SketchMethod,
        _ seeds: Seeds, _ value: Double, _ likeness: Likeness? = nil
    ) {
        let size = Extent(width: 64, height: 48)
        records.add(
            .sketch(
                Record(
                    SketchUnit(
                        family: plan.family, pair: assignment.pair.name, method: method, photo: test.name, seeds: seeds),
                    .done(
                        ScoredSketch(
                            score: Score { _ in value }, size: size, truthSize: size,
                            likeness: method == .tuned ? likeness : nil)))))
    }

    private func report(_ records: Records) -> Report {
        Report(
            header: Header(facts: ["model": "tiny"]), plans: plans, records: records, seeds: seeds,
            rejected: [Rejection("photos/x.png", "has no sketch")])
    }

    private func isNear(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) < 1e-12 } ?? false }

    @Test("a row is the mean over photos, then mean and deviation over pairs")
    func rows() throws {
        let report = report(records([.tuned: 0.4]))
        let row = try #require(report.families[0].rows.first)
        #expect(report.families[0].rows.count == 1)
        #expect(row.method == .tuned && row.pairs == 2 && row.pictures == 4)
        #expect(isNear(row.spreads.ssim.mean, 0.45) && isNear(row.spreads.scoot.deviation, 0.1 / 2.0.squareRoot()))
    }

    @Test("the row over all families takes every pair of every family")
    func overall() throws {
        let row = try #require(report(records([.tuned: 0.4])).overall.first)
        // pair means .4, .5, .4, .5
        #expect(row.pairs == 4 && row.pictures == 8 && isNear(row.spreads.fsim.mean, 0.45))
        #expect(isNear(row.spreads.fsim.deviation, (0.01 / 3).squareRoot()))
    }

    @Test("one pair alone has no deviation, and none at all no spread")
    func spreads() {
        #expect(Spread([0.25])?.deviation == nil && Spread([0.25])?.mean == 0.25 && Spread([]) == nil)
    }

    @Test("verdicts name who is beaten on what, and by how much")
    func verdicts() throws {
        let verdicts = report(records([.tuned: 0.5, .untuned: 0.4, .gray: 0.6, .filter: 0.45])).verdicts
        #expect(verdicts.map(\.isMet) == [true, false, true])
        #expect(verdicts[0].details[0] == "chalk: on SSIM (+0.100), FSIM (+0.100), Scoot (+0.100)")
        #expect(verdicts[1].details[1] == "ink: not on SSIM (-0.100), FSIM (-0.100), Scoot (-0.100)")
        #expect(verdicts[2].bar.hasSuffix("so in 2 of 2"))
    }

    @Test("a mean without the sketches that failed beats nobody")
    func incomplete() throws {
        var records = records([.tuned: 0.5, .untuned: 0.4])
        let (plan, assignment) = (plans[1], plans[1].assignments[0])
        let unit = SketchUnit(
            family: plan.family, pair: assignment.pair.name, method: .tuned, photo: assignment.tests[0].name,
            seeds: seeds.base)
        records.add(.sketch(Record(unit, .failed("all white"))))
        let report = report(records)
        #expect(report.verdicts[0].isMet == false)
        #expect(report.verdicts[0].details[1].hasSuffix("1 tuned sketches could not be measured"))
        #expect(report.markdown.contains("| no weights | 2 | 3 of 4 |"))
    }

    @Test("a tie beats nobody")
    func tie() {
        #expect(report(records([.tuned: 0.5, .untuned: 0.5])).verdicts.map(\.isMet) == [false])
    }

    @Test("likeness counts the sketches that are nearest to their own photo", arguments: [(0.9, 8), (0.3, 0)])
    func likeness(own: Double, kept: Int) throws {
        let report = report(records([.tuned: 0.5], likeness: Likeness(own: own, others: [0.3, 0.2])))
        let shares = report.families.compactMap(\.likeness)
        #expect(shares.reduce(0) { $0 + $1.kept } == kept && shares.reduce(0) { $0 + $1.count } == 8)
        #expect(try #require(report.verdicts.first).isMet == (kept == 8))
    }

    @Test("the seed test compares the deviation over seeds with the gain over the untuned sentence")
    func seedTest() throws {
        var records = records([.tuned: 0.5, .untuned: 0.4])
        for plan in plans {
            for test in plan.assignments[0].tests {
                for (other, value) in [(seeds.noises[1], 0.502), (seeds.tunings[1], 0.56)] {
                    add(&records, plan, plan.assignments[0], test, .tuned, other, value)
                }
            }
        }
        let report = report(records)
        let test = try #require(report.families[0].seeds)
        // two values d apart deviate by d / √2; the gain is .1
        #expect(isNear(test.noise.ratios.ssim, 0.02 / 2.0.squareRoot()))
        #expect(isNear(test.tuning.ratios.ssim, 0.6 / 2.0.squareRoot()))
        #expect(try #require(report.verdicts.last).isMet == false)
    }

    @Test("what failed is listed with its reason, beside the files that were never paired")
    func failures() {
        var records = records([.tuned: 0.5])
        records.add(.lesson(Record(LessonUnit(family: "ink", pair: "p1", seed: 5), .failed("it is damaged"))))
        #expect(
            report(records).rejected == [
                Rejection("photos/x.png", "has no sketch"),
                Rejection("ink/p1, tuning with seed 5", "it is damaged"),
            ])
    }

    @Test("the Markdown has a table for each family and one over all, and never a number for LPIPS")
    func markdown() {
        let text = report(records([.tuned: 0.5, .untuned: 0.4])).markdown
        #expect(text.contains("## chalk") && text.contains("## ink") && text.contains("## All families"))
        #expect(text.contains("| tuned | 0.550 ± 0.071 | 0.550 ± 0.071 | 0.550 ± 0.071 | no weights | 2 | 4 |"))
        #expect(text.contains("truths: 4 of 64×48; tuned sketches were drawn at 4 of 64×48"))
        #expect(text.contains("- photos/x.png: has no sketch"))
    }

    @Test("nothing measured is said so, not printed as an empty table")
    func empty() {
        #expect(report(Records()).markdown.contains("Nothing could be measured."))
    }

    @Test("the JSON holds the rows, the pairs' means and the curves")
    func json() throws {
        var records = records([.tuned: 0.5])
        let unit = LessonUnit(family: "chalk", pair: plans[0].assignments[0].pair.name, seed: 5)
        let curve = [CurvePoint(step: 0, loss: 1), CurvePoint(step: 10, loss: 0.5)]
        records.add(.lesson(Record(unit, .done(TunedLesson(seconds: 1, steps: 10, curve: curve, warnings: [])))))
        let report = report(records)
        let data = try JSONEncoder().encode(report)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let families = try #require(object["families"] as? [[String: Any]])
        let pairs = try #require(families[0]["pairs"] as? [[String: Any]])
        let lesson = try #require(pairs[0]["lesson"] as? [String: Any])
        #expect((lesson["curve"] as? [[String: Any]])?.count == 2)
        #expect((pairs[0]["means"] as? [[String: Any]])?.count == 1)
        #expect(object["lpips"] as? String == "no weights")
    }

    @Test("curves are plotted, lowest loss at the bottom; without any there is no plot")
    func plot() throws {
        var records = records([.tuned: 0.5])
        #expect(ProbePlot(report(records).families[0]).svg == nil)
        let unit = LessonUnit(family: "chalk", pair: plans[0].assignments[0].pair.name, seed: 5)
        let curve = [CurvePoint(step: 0, loss: 1), CurvePoint(step: 10, loss: 0.5)]
        records.add(.lesson(Record(unit, .done(TunedLesson(seconds: 1, steps: 10, curve: curve, warnings: [])))))
        let svg = try #require(ProbePlot(report(records).families[0]).svg)
        #expect(svg.contains("points=\"48.0,48.0 512.0,252.0\""))
        #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
    }
}
