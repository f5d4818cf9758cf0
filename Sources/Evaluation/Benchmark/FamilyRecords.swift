// The records of one family, found by what the plan assigned.

/// One family's part of the records.
struct FamilyRecords {
    let plan: Plan
    private let records: Records

    init(_ plan: Plan, _ records: Records) {
        self.plan = plan
        self.records = records
    }

    func lesson(_ assignment: Assignment, seed: UInt64) -> TunedLesson? {
        records.lessons[LessonUnit(family: plan.family, pair: assignment.pair.name, seed: seed)]?.product
    }

    func filter(_ assignment: Assignment) -> FilterFit? {
        records.filters[FilterUnit(family: plan.family, pair: assignment.pair.name)]?.product
    }

    /// The measured sketches of the assignment's test photos, in their order.
    func sketches(_ assignment: Assignment, _ method: SketchMethod, _ seeds: Seeds) -> [ScoredSketch] {
        assignment.tests.compactMap { test in
            let unit = SketchUnit(
                family: plan.family, pair: assignment.pair.name, method: method, photo: test.name, seeds: seeds)
            return records.sketches[unit]?.product
        }
    }
}
