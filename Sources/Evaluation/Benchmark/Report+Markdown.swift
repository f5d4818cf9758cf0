// The report for people: Markdown, one table for each family and one over all of them.

extension Report {
    /// The whole report.
    public var markdown: String {
        var parts = [
            "# One-shot sketches, measured",
            facts.sorted { $0.key < $1.key }.map { "- \($0): \($1)" }.joined(separator: "\n"),
        ]
        parts.append(Self.legend)
        if families.count > 1 { parts += ["## All families", table(overall)] }
        parts += families.flatMap { ["## \($0.name)", table($0.rows), $0.notes.joined(separator: "\n")] }
        if !verdicts.isEmpty { parts += ["## Verdicts", verdictList] }
        if !rejected.isEmpty {
            parts += ["## Not measured", rejected.map { "- \($0.what): \($0.reason)" }.joined(separator: "\n")]
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// The table over all families and the verdicts.
    public var summary: String { table(overall) + "\n\n" + verdictList }

    private var verdictList: String { verdicts.map(\.markdown).joined(separator: "\n") }

    private static let legend = """
        Each number is the mean over the test photos of one pair, then mean ± standard deviation over the pairs. Higher is \
        better. Sketch and truth are gray; a sketch of another size is brought to the truth's bicubically. LPIPS needs a \
        network that is not here.
        """

    func table(_ rows: [Row]) -> String {
        guard !rows.isEmpty else { return "Nothing could be measured." }
        let titles = ["method"] + Metric.allCases.map(\.title) + ["LPIPS", "pairs", "pictures"]
        let lines = rows.map { row in
            let metrics = Metric.allCases.map { Numbers.spread(row.spreads[$0]) }
            let pictures = row.pictures == row.expected ? "" : " of \(row.expected)"
            return [row.method.title] + metrics + [lpips, "\(row.pairs)", "\(row.pictures)\(pictures)"]
        }
        let rule = ["---"] + titles.dropFirst().map { _ in "--:" }
        return ([titles, rule] + lines).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }
}

extension FamilyReport {
    /// Sizes that are named before the others are only counted.
    private static let namedSizes = 4

    var notes: [String] {
        var notes = [
            "- truths: \(Self.sizes(truthSizes)); tuned sketches were drawn at \(Self.sizes(sketchSizes))"
        ]
        if let likeness {
            let others = likeness.others.map(String.init).joined(separator: "–")
            notes.append(
                "- likeness: \(likeness.kept) of \(likeness.count) tuned sketches (\(Numbers.percent(likeness.share))) have "
                    + "more of their own photo's gradient structure than of any other's; each was held against \(others)"
            )
        }
        if let seeds {
            notes.append(
                "- seeds, pair \(seeds.pair): \(seeds.noise.spreads.ssim.count) of noise \(Self.seeds(seeds.noise))")
            notes.append(
                "- seeds, pair \(seeds.pair): \(seeds.tuning.spreads.ssim.count) of tuning \(Self.seeds(seeds.tuning))")
        }
        notes += pairs.map(\.markdown)
        return notes
    }

    private static func sizes(_ sizes: [SizeCount]) -> String {
        guard !sizes.isEmpty else { return "none" }
        let named = sizes.prefix(namedSizes).map { "\($0.count) of \($0.size)" }.joined(separator: ", ")
        return sizes.count > namedSizes ? "\(named) and \(sizes.count - namedSizes) other sizes" : named
    }

    private static func seeds(_ series: SeedReport.Series) -> String {
        let metrics = Metric.allCases.map { metric in
            let share = series.ratios[metric].map { "\(Numbers.percent($0)) of the gain" } ?? "no gain"
            return "\(metric.title) \(Numbers.spread(series.spreads[metric])) (\(share))"
        }
        return metrics.joined(separator: ", ")
    }
}

extension PairReport {
    var markdown: String {
        guard let lesson, let first = lesson.curve.first, let best = lesson.curve.min(by: { $0.loss < $1.loss }) else {
            return "- pair \(name): could not be tuned on"
        }
        var text = "- pair \(name): \(lesson.steps) steps in \(Numbers.seconds(lesson.seconds)), probe "
        text += "\(Numbers.plain(first.loss)) → \(Numbers.plain(best.loss)) at step \(best.step)"
        if let filter {
            text +=
                "; filter \(filter.filter.kind.rawValue), best of \(filter.trials) in \(Numbers.seconds(filter.seconds))"
        }
        return lesson.warnings.reduce(text) { $0 + "; " + $1 }
    }
}

extension Verdict {
    var markdown: String {
        ([(isMet ? "- met: " : "- **missed**: ") + bar] + details.map { "  - \($0)" }).joined(separator: "\n")
    }
}

extension SketchMethod {
    /// As in a sentence, after "the".
    var shortTitle: String {
        switch self {
        case .copy: "copied sketch"
        default: title
        }
    }
}
