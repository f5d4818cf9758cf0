// What an evaluation comes to: for every family, and over all of them, one row for each method, with what is needed to
// judge the numbers beside them. Built from plans and records alone, so a resumed run and a whole one report the same.

/// The tables, and what could not be measured.
public struct Report: Sendable, Equatable, Encodable {
    /// What was evaluated and how.
    public let facts: [String: String]
    public let families: [FamilyReport]
    /// Over all pairs of all families.
    public let overall: [Row]
    public let verdicts: [Verdict]
    /// In place of numbers: LPIPS needs a network that is not here.
    public let lpips = "no weights"
    public let rejected: [Rejection]

    /// - Parameters:
    ///   - plans: one for each family.
    ///   - rejected: what took no part from the start, such as files without partner.
    public init(header: Header, plans: [Plan], records: Records, seeds: SeedRange, rejected: [Rejection]) {
        facts = header.facts
        families = plans.map { FamilyReport(FamilyRecords($0, records), seeds) }
        overall = Row.all(families.flatMap(\.pairs))
        verdicts = Verdict.all(families)
        self.rejected = rejected + Self.failures(records)
    }

    private static func failures(_ records: Records) -> [Rejection] {
        let lessons = records.lessons.compactMap { unit, ending in
            ending.failure.map { Rejection("\(unit.family)/\(unit.pair), tuning with seed \(unit.seed)", $0) }
        }
        let filters = records.filters.compactMap { unit, ending in
            ending.failure.map { Rejection("\(unit.family)/\(unit.pair), fitting a filter", $0) }
        }
        let sketches = records.sketches.compactMap { unit, ending in
            ending.failure.map { Rejection("\(unit.family)/\(unit.pair), \(unit.photo) by \(unit.method.title)", $0) }
        }
        return (lessons + filters + sketches).sorted { ($0.what, $0.reason) < ($1.what, $1.reason) }
    }
}

/// One family's numbers.
public struct FamilyReport: Sendable, Equatable, Encodable {
    public let name: String
    public let rows: [Row]
    public let pairs: [PairReport]
    public let likeness: LikenessShare?
    public let seeds: SeedReport?
    /// Sizes of the truths, and of the tuned sketches before they were brought to them.
    public let truthSizes: [SizeCount]
    public let sketchSizes: [SizeCount]

    init(_ records: FamilyRecords, _ seeds: SeedRange) {
        let assignments = records.plan.assignments
        name = records.plan.family
        pairs = assignments.map { PairReport($0, records, seeds.base) }
        rows = Row.all(pairs)
        let tuned = assignments.flatMap { records.sketches($0, .tuned, seeds.base) }
        likeness = LikenessShare(tuned.compactMap(\.likeness))
        truthSizes = SizeCount.counted(tuned.map(\.truthSize))
        sketchSizes = SizeCount.counted(tuned.map(\.size))
        self.seeds = assignments.first.flatMap { SeedReport($0, records, seeds) }
    }
}

/// One tuning pair's numbers.
public struct PairReport: Sendable, Equatable, Encodable {
    public let name: String
    /// nil when it could not be tuned on.
    public let lesson: TunedLesson?
    /// nil when none was wanted or found.
    public let filter: FilterFit?
    public let means: [PairMean]
    /// Test photos there are.
    public let tests: Int

    init(_ assignment: Assignment, _ records: FamilyRecords, _ seeds: Seeds) {
        name = assignment.pair.name
        tests = assignment.tests.count
        lesson = records.lesson(assignment, seed: seeds.tuning)
        filter = records.filter(assignment)
        means = SketchMethod.allCases.compactMap {
            PairMean($0, records.sketches(assignment, $0, seeds).map(\.score))
        }
    }
}

/// The mean over one pair's test photos.
public struct PairMean: Sendable, Equatable, Encodable {
    public let method: SketchMethod
    public let score: Score
    public let pictures: Int

    /// nil when no picture was measured.
    init?(_ method: SketchMethod, _ scores: [Score]) {
        guard let spreads = PerMetric<Spread>(scores) else { return nil }
        self.method = method
        score = spreads.means
        pictures = scores.count
    }
}

/// One method's line of a table.
public struct Row: Sendable, Equatable, Encodable {
    public let method: SketchMethod
    /// Over the pairs' means.
    public let spreads: PerMetric<Spread>
    /// Pictures in all those means, and how many there would be if nothing had failed.
    public let pictures: Int
    public let expected: Int

    /// Pairs that have a mean.
    public var pairs: Int { spreads.ssim.count }

    static func all(_ pairs: [PairReport]) -> [Row] {
        SketchMethod.allCases.compactMap { method in
            let means = pairs.flatMap(\.means).filter { $0.method == method }
            guard let spreads = PerMetric<Spread>(means.map(\.score)) else { return nil }
            return Row(
                method: method, spreads: spreads, pictures: means.reduce(0) { $0 + $1.pictures },
                expected: pairs.reduce(0) { $0 + $1.tests })
        }
    }
}

/// How many sketches are nearer to their own photo than to every other.
public struct LikenessShare: Sendable, Equatable, Encodable {
    public let kept: Int
    public let count: Int
    /// The fewest and the most others that one sketch was held against.
    public let others: [Int]

    /// nil when there is nothing to tell apart.
    init?(_ likenesses: [Likeness]) {
        let told = likenesses.filter { $0.others > 0 }
        guard let fewest = told.map(\.others).min(), let most = told.map(\.others).max() else { return nil }
        kept = told.count { $0.isKept }
        count = told.count
        others = fewest == most ? [fewest] : [fewest, most]
    }

    /// In 0…1.
    public var share: Double { Double(kept) / Double(count) }
}

/// A size and how many pictures have it.
public struct SizeCount: Sendable, Equatable, Encodable {
    public let size: Extent
    public let count: Int

    static func counted(_ sizes: [Extent]) -> [SizeCount] {
        Dictionary(grouping: sizes) { $0 }.map { SizeCount(size: $0, count: $1.count) }
            .sorted { ($1.count, $0.size.width, $0.size.height) < ($0.count, $1.size.width, $1.size.height) }
    }
}
