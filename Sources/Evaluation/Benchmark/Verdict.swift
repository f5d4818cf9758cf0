// The bars that a model is held to, and how this evaluation stands to each: in words that name who beats whom on what.

/// The bars.
public enum Bar {
    /// Metrics on which the fitted filter is to be beaten in a family.
    public static let filterMetrics = 2
    /// Share of the families in which it is to be beaten so.
    public static let filterFamilies = 2.0 / 3
    /// Share of the sketches nearer to their own photo than to every other.
    public static let likeness = 0.95
    /// Deviation over seeds as a share of the gain over the untuned sentence.
    public static let seeds = 0.1
}

/// How the evaluation stands to one bar.
public struct Verdict: Sendable, Equatable, Encodable {
    public let bar: String
    public let isMet: Bool
    /// Family by family, where that says more.
    public let details: [String]

    /// The bars of which there is something to say.
    static func all(_ families: [FamilyReport]) -> [Verdict] {
        let rivals: [SketchMethod] = [.untuned, .gray, .copy]
        return rivals.compactMap { beaten($0, families) }
            + [filterBeaten(families), likeness(families), seeds(families)].compactMap { $0 }
    }

    private static func beaten(_ rival: SketchMethod, _ families: [FamilyReport]) -> Verdict? {
        let duels = families.compactMap { Duel($0, rival) }
        guard !duels.isEmpty else { return nil }
        return Verdict(
            bar: "tuned beats the \(rival.shortTitle) on every metric in every family",
            isMet: duels.count == families.count && duels.allSatisfy { $0.isWhole && $0.lost.isEmpty },
            details: duels.map(\.description))
    }

    private static func filterBeaten(_ families: [FamilyReport]) -> Verdict? {
        let duels = families.compactMap { Duel($0, .filter) }
        guard !duels.isEmpty else { return nil }
        let won = duels.count { $0.isWhole && $0.won.count >= Bar.filterMetrics }
        return Verdict(
            bar:
                "tuned beats the fitted filter on at least \(Bar.filterMetrics) of \(Metric.allCases.count) metrics in "
                + "at least two of three families: so in \(won) of \(families.count)",
            isMet: Double(won) >= Bar.filterFamilies * Double(families.count), details: duels.map(\.description))
    }

    private static func likeness(_ families: [FamilyReport]) -> Verdict? {
        let shares = families.compactMap { family in family.likeness.map { (family.name, $0) } }
        guard !shares.isEmpty else { return nil }
        let (kept, count) = shares.reduce((0, 0)) { ($0.0 + $1.1.kept, $0.1 + $1.1.count) }
        return Verdict(
            bar:
                "sketches are nearer to their own photo than to every other in at least \(Numbers.percent(Bar.likeness)): "
                + "\(kept) of \(count)",
            isMet: Double(kept) >= Bar.likeness * Double(count),
            details: shares.map { "\($0.0): \($0.1.kept) of \($0.1.count), \(Numbers.percent($0.1.share))" })
    }

    private static func seeds(_ families: [FamilyReport]) -> Verdict? {
        let reports = families.compactMap { family in family.seeds.map { (family.name, $0) } }
        guard !reports.isEmpty else { return nil }
        let isSteady = { (series: SeedReport.Series) in
            Metric.allCases.allSatisfy { metric in series.ratios[metric].map { $0 < Bar.seeds } ?? false }
        }
        return Verdict(
            bar: "over seeds, each metric deviates by less than \(Numbers.percent(Bar.seeds)) of the gain over the "
                + "untuned sentence",
            isMet: reports.allSatisfy { isSteady($0.1.noise) && isSteady($0.1.tuning) },
            details: reports.map { name, report in
                "\(name): noise \(ratios(report.noise)); tuning \(ratios(report.tuning))"
            })
    }

    private static func ratios(_ series: SeedReport.Series) -> String {
        Metric.allCases.map { metric in
            "\(metric.title) \(series.ratios[metric].map(Numbers.percent) ?? "without gain")"
        }.joined(separator: ", ")
    }
}

/// The tuned sketches against one rival in one family.
private struct Duel: CustomStringConvertible {
    let family: String
    /// Tuned less rival.
    let margins: Score
    /// Tuned sketches that could not be measured where the rival's were; without them a mean proves nothing.
    let missing: Int

    /// nil when either was not measured.
    init?(_ report: FamilyReport, _ rival: SketchMethod) {
        let row = { (method: SketchMethod) in report.rows.first { $0.method == method } }
        guard let tuned = row(.tuned), let rival = row(rival) else { return nil }
        family = report.name
        margins = Score { tuned.spreads[$0].mean - rival.spreads[$0].mean }
        missing = max(0, rival.pictures - tuned.pictures)
    }

    var isWhole: Bool { missing == 0 }
    var won: [Metric] { Metric.allCases.filter { margins[$0] > 0 } }
    var lost: [Metric] { Metric.allCases.filter { margins[$0] <= 0 } }

    var description: String {
        let list = { (metrics: [Metric]) in
            metrics.map { "\($0.title) (\(Numbers.signed(margins[$0])))" }.joined(separator: ", ")
        }
        let parts = [
            won.isEmpty ? nil : "on \(list(won))", lost.isEmpty ? nil : "not on \(list(lost))",
            isWhole ? nil : "\(missing) tuned sketches could not be measured",
        ]
        return "\(family): " + parts.compactMap { $0 }.joined(separator: ", ")
    }
}
