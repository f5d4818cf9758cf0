// Where the time of a piece of work goes, by kind of op.
import Foundation
import LimnerEngine

/// The times of some parts on one model.
struct Profile: BenchDocument {
    let model: String
    let side: Int
    let precision: Precision
    let threads: Int
    let parts: [Part]

    /// One part, done once after a warm-up.
    struct Part: Encodable {
        let part: BenchPart
        let round: Round
        /// Seconds by kind of op; what is missing to the whole was spent between ops.
        let kinds: [String: Double]
    }

    static func measure(
        _ engine: BenchEngine, sizes: BenchSizes, parts: Set<BenchPart>, log: (String) -> Void
    ) throws -> Profile {
        let times = OpTimes()
        let bench = try Workbench(model: engine.load(times: times), sizes: sizes)
        let measured = try BenchPart.allCases.filter { $0 != .start && parts.contains($0) }.map { part in
            let work = try bench.work(on: part)
            _ = try work()
            _ = times.take()
            let round = try Round(times: 1) { _ = try work() }
            log(String(format: "%@: %.3f s", part.title, round.seconds))
            let kinds = times.take().map { ($0.key.rawValue, $0.value) }
            return Part(part: part, round: round, kinds: Dictionary(uniqueKeysWithValues: kinds))
        }
        return Profile(
            model: bench.model.name, side: sizes.side, precision: engine.precision, threads: engine.threads,
            parts: measured)
    }

    func table() -> String {
        let titles = parts.map { part in
            part.part.title + (part.round.disturbed ? " (disturbed)" : "")
        }
        let head = [
            "\(model), \(side)×\(side), \(precision.rawValue), \(threads) threads", "",
            "| kind of op | \(titles.joined(separator: " | ")) |", "|---|" + parts.map { _ in "---|" }.joined(),
        ]
        let kinds = OpKind.allCases.map { kind in row(kind.rawValue) { $0.kinds[kind.rawValue] ?? 0 } }
        let between = row("between ops") { $0.round.seconds - $0.kinds.values.reduce(0, +) }
        return (head + kinds + [between, row("together") { $0.round.seconds }]).joined(separator: "\n")
    }

    private func row(_ name: String, _ seconds: (Part) -> Double) -> String {
        let cells = parts.map { part in
            String(format: "%.3f s, %.0f%%", seconds(part), 100 * seconds(part) / part.round.seconds)
        }
        return "| \(name) | \(cells.joined(separator: " | ")) |"
    }
}
