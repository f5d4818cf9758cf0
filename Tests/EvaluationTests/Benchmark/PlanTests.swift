// The choice of pairs depends on the seed and on names alone.
import LimnerEvaluation
import Testing

@Suite("The choice of pairs")
struct PlanTests {
    private func family(_ name: String = "ink", _ count: Int = 10) -> Family {
        Family(
            name: name,
            pairs: (0..<count).map { Pair(name: "p\($0)", photo: "photos/\($0).png", sketch: "sketches/\($0).png") })
    }

    private func taught(_ plan: Plan) -> [String] { plan.assignments.map(\.pair.name) }

    @Test("a seed chooses the same pairs on every machine")
    func golden() {
        #expect(taught(Plan(family(), pairs: 4, photos: nil, seed: 7)) == ["p0", "p5", "p7", "p8"])
    }

    @Test("another seed, or another family, chooses otherwise")
    func otherwise() {
        let plan = taught(Plan(family("ink", 100), pairs: 10, photos: nil, seed: 1))
        #expect(plan != taught(Plan(family("ink", 100), pairs: 10, photos: nil, seed: 2)))
        #expect(plan != taught(Plan(family("chalk", 100), pairs: 10, photos: nil, seed: 1)))
    }

    @Test("without a number of photos, all pairs but the tuned one are tests")
    func allOthers() {
        for assignment in Plan(family(), pairs: 3, photos: nil, seed: 1).assignments {
            #expect(assignment.tests == family().pairs.filter { $0 != assignment.pair })
        }
    }

    @Test("a number of photos takes as many, the same for every pair, and none that is tuned on")
    func commonPhotos() {
        let plan = Plan(family(), pairs: 3, photos: 4, seed: 1)
        #expect(Set(plan.assignments.map(\.tests)).count == 1)
        #expect(plan.assignments[0].tests.count == 4)
        #expect(Set(taught(plan)).isDisjoint(with: plan.assignments[0].tests.map(\.name)))
    }

    @Test("when everything is tuned on, nothing is left to test, and nothing is planned")
    func nothingLeft() {
        #expect(Plan(family("ink", 3), pairs: 3, photos: 2, seed: 1).assignments.isEmpty)
        #expect(Plan(family("ink", 1), pairs: 1, photos: nil, seed: 1).assignments.isEmpty)
    }

    @Test("more pairs than there are is all of them")
    func few() {
        #expect(taught(Plan(family("ink", 2), pairs: 5, photos: nil, seed: 1)).sorted() == ["p0", "p1"])
    }

    @Test("each pair is chosen about as often as any other")
    func fair() {
        var counts: [String: Int] = [:]
        for seed in 0..<1000 {
            for name in taught(Plan(family(), pairs: 1, photos: nil, seed: UInt64(seed))) {
                counts[name, default: 0] += 1
            }
        }
        // mean 100, standard deviation 9.5: five of them each way
        #expect(counts.count == 10 && counts.values.allSatisfy { (52...148).contains($0) })
    }
}
