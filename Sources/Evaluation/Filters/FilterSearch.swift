// How the settings of filters are searched: at random, and around the best that were found.
import Glibc

/// Trials so far and the best of each kind.
struct FilterSearch {
    private struct Candidate {
        /// Places in 0…1 of the ranges of the kind's settings, then the tone curve's matching.
        let places: [Double]
        let filter: FittedFilter
        /// The mean of SSIM and Scoot.
        let draft: Double
        /// The mean of all three metrics.
        let worth: Double
    }

    private static let leadersPerKind = 7
    private static let explorationPeriod = 3
    /// How far below a leader's a draft may be to be looked at with FSIM, which may make up for it.
    private static let slack = 0.01

    private let photo: Plane
    private let sketch: GrayImage
    private let sketchBytes: [UInt8]
    private let features: FeatureComparison
    private var random: SplitMix64
    private var leaders: [FilterKind: [Candidate]] = [:]
    private(set) var trials = 0

    init(photo: GrayImage, sketch: GrayImage, seed: UInt64) throws(EvaluationError) {
        try requireComparable(photo, sketch, minimum: Limits.minimumFilterSide, for: "fitting a filter")
        _ = try scoot(sketch, sketch)
        self.photo = Plane(photo)
        self.sketch = sketch
        sketchBytes = sketch.bytes
        features = try FeatureComparison(with: sketch)
        random = SplitMix64(seed: seed, name: "filters")
    }

    /// One trial of the kind whose turn it is.
    mutating func tryNext() throws(EvaluationError) {
        let kind = FilterKind.allCases[trials % FilterKind.allCases.count]
        let round = trials / FilterKind.allCases.count
        trials += 1
        let places = nextPlaces(kind, explores: round % FilterSearch.explorationPeriod == 0)
        guard let candidate = try candidate(kind, places) else { return }
        var kept = leaders[kind, default: []]
        kept.insert(candidate, at: kept.firstIndex { $0.worth < candidate.worth } ?? kept.count)
        leaders[kind] = Array(kept.prefix(FilterSearch.leadersPerKind))
    }

    private mutating func nextPlaces(_ kind: FilterKind, explores: Bool) -> [Double] {
        let count = kind.parameters.count + 1
        guard !explores, let kept = leaders[kind], !kept.isEmpty else {
            return (0..<count).map { _ in random.uniform() }
        }
        let origin = kept[Int(random.uniform() * random.uniform() * Double(kept.count))].places
        // From a third of the range down to a hundredth, so that a search goes on gaining however long it runs.
        let reach = pow(2, -1.5 - 5 * random.uniform())
        return origin.map { place in
            let step = reach * random.normal()
            return random.uniform() < 0.3 ? place : min(max(place + step, 0), 1)
        }
    }

    /// The filter at a place of the search, or nil when it drew nothing or its draft is behind all leaders of its kind.
    private func candidate(_ kind: FilterKind, _ places: [Double]) throws(EvaluationError) -> Candidate? {
        let settings = zip(kind.parameters, places).map { ($0.name, $0.value(at: $1)) }
        let parameters = Dictionary(uniqueKeysWithValues: settings)
        let levels = kind.draw(photo, parameters).bytes
        let curve = ToneCurve.fitted(from: levels, to: sketchBytes, matching: places[settings.count])
        let values = levels.map { curve[Int($0)] }
        // Nothing was drawn: Scoot says nothing of one value everywhere.
        guard values.contains(where: { $0.rounded() != values[0].rounded() }) else { return nil }
        let drawing = GrayImage(width: sketch.width, height: sketch.height, values: values)
        let draft = (try structuralSimilarity(drawing, sketch) + scoot(drawing, sketch)) / 2
        let kept = leaders[kind, default: []]
        let isHopeful =
            kept.count < FilterSearch.leadersPerKind
            || kept.contains { draft > $0.draft - FilterSearch.slack }
        guard isHopeful else { return nil }
        let worth = (2 * draft + (try features.similarity(to: drawing))) / 3
        let filter = try FittedFilter(kind: kind, parameters: parameters, toneCurve: curve)
        return Candidate(places: places, filter: filter, draft: draft, worth: worth)
    }

    /// The best of the leaders.
    func best() throws(EvaluationError) -> FittedFilter {
        let finalists = FilterKind.allCases.compactMap { leaders[$0]?.first }
        guard let best = finalists.max(by: { $0.worth < $1.worth }) else { throw .noFilter(trials: trials) }
        return best.filter
    }
}
