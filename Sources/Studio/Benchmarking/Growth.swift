// How time and memory grow with the picture, the batch and the threads: one sweep over each, and the exponent of the
// power law that fits it best.
import Foundation
import LimnerEngine

/// The UNet at one size, batch and number of threads.
struct GrowthPoint: Encodable {
    let side: Int
    let batch: Int
    let threads: Int
    let seconds: Double
    let disturbed: Bool
    /// The most memory held, MiB, without what the loaded model holds.
    let memoryMiB: Double

    enum CodingKeys: String, CodingKey {
        case side, batch, threads, seconds, disturbed
        case memoryMiB = "memory_mib"
    }
}

/// Points that differ in one thing.
struct Sweep: Encodable {
    /// What they differ in: side, batch or threads.
    let over: String
    let points: [GrowthPoint]
    /// Seconds grow with this power of it.
    let timeExponent: Double
    /// Memory beyond the model's grows with this power of it; nil where a point takes none.
    let memoryExponent: Double?

    enum CodingKeys: String, CodingKey {
        case over, points
        case timeExponent = "time_exponent"
        case memoryExponent = "memory_exponent"
    }

    init(over: String, _ points: [GrowthPoint], of value: (GrowthPoint) -> Int) {
        (self.over, self.points) = (over, points)
        let values = points.map { Double(value($0)) }
        timeExponent = exponent(values, points.map(\.seconds))
        let memory = points.map(\.memoryMiB)
        memoryExponent = memory.allSatisfy { $0 > 0 } ? exponent(values, memory) : nil
    }
}

/// The slope of the straight line that fits log y over log x best, by least squares.
package func exponent(_ x: [Double], _ y: [Double]) -> Double {
    let (u, v) = (x.map { log($0) }, y.map { log($0) })
    let (meanU, meanV) = (u.reduce(0, +) / Double(u.count), v.reduce(0, +) / Double(v.count))
    let covariance = zip(u, v).reduce(0) { $0 + ($1.0 - meanU) * ($1.1 - meanV) }
    return covariance / u.reduce(0) { $0 + ($1 - meanU) * ($1 - meanU) }
}

/// The sweeps of one model.
struct Growth: BenchDocument {
    let model: String
    let precision: Precision
    let sweeps: [Sweep]

    private static let sides = [128, 192, 256, 384, 512, 768]
    private static let batches = [1, 2, 4, 8]
    /// Where the other sweeps stand.
    private static let side = 256
    /// The memory at this side is taken for the model's own.
    private static let smallestSide = 64
    private static let repeats = 3

    /// Times the UNet of the engine's model.
    static func measure(_ engine: BenchEngine, log: @escaping (String) -> Void) throws -> Growth {
        let model = try engine.load()
        var meter = try GrowthMeter(model: model, threads: engine.threads, log: log)
        let sides = try Self.sides.map { try meter.point(side: $0, batch: 1) }
        meter = try GrowthMeter(model: model, threads: engine.threads, log: log)
        let batches = try Self.batches.map { try meter.point(side: Self.side, batch: $0) }
        var threads: [GrowthPoint] = []
        for count in Set([1, engine.threads]).sorted() {
            let engine = BenchEngine(folder: engine.folder, precision: engine.precision, threads: count)
            // the model of the round before is gone when this one's memory is taken
            let single = try GrowthMeter(model: engine.load(), threads: count, log: log)
            threads.append(try single.point(side: Self.side, batch: 1))
        }
        var sweeps = [Sweep(over: "side", sides) { $0.side }, Sweep(over: "batch", batches) { $0.batch }]
        if threads.count > 1 { sweeps.append(Sweep(over: "threads", threads) { $0.threads }) }
        return Growth(model: model.name, precision: engine.precision, sweeps: sweeps)
    }

    /// Measures points on one loaded model; what the process holds besides is known by then, so each sweep has its own.
    private struct GrowthMeter {
        let model: DiffusionModel
        let threads: Int
        let log: (String) -> Void
        let modelMiB: Double

        init(model: DiffusionModel, threads: Int, log: @escaping (String) -> Void) throws {
            (self.model, self.threads, self.log) = (model, threads, log)
            // what the work is prepared with has left memory again when the peak begins anew
            let work = try Self.work(model, side: Growth.smallestSide, batch: 1)
            guard ProcessAccount.forgetPeak() else {
                throw StudioError.refused(
                    "the kernel does not let /proc/self/clear_refs be written: no memory to report")
            }
            _ = try work()
            modelMiB = try ProcessAccount.peakMiB()
        }

        private static func work(_ model: DiffusionModel, side: Int, batch: Int) throws -> Workbench.Work {
            try Workbench(model: model, sizes: BenchSizes(side: side, batch: batch)).work(on: .unet)
        }

        func point(side: Int, batch: Int) throws -> GrowthPoint {
            let work = try Self.work(model, side: side, batch: batch)
            _ = ProcessAccount.forgetPeak()
            _ = try work()
            let rounds = try (0..<Growth.repeats).map { _ in try Round(times: 1) { _ = try work() } }
            let point = GrowthPoint(
                side: side, batch: batch, threads: threads, seconds: median(rounds.map(\.seconds)),
                disturbed: rounds.contains(where: \.disturbed), memoryMiB: try ProcessAccount.peakMiB() - modelMiB)
            log(String(format: "side %d, batch %d, %d threads: %.3f s", side, batch, threads, point.seconds))
            return point
        }
    }

    func table() -> String {
        sweeps.map { sweep in
            let rows = sweep.points.map {
                String(
                    format: "| %d | %d | %d | %.3f s%@ | %.0f MiB |", $0.side, $0.batch, $0.threads, $0.seconds,
                    $0.disturbed ? " (disturbed)" : "", $0.memoryMiB)
            }
            let time = String(format: "time grows with the power %.2f of the %@", sweep.timeExponent, sweep.over)
            let fit =
                time + (sweep.memoryExponent.map { String(format: ", memory beyond the model's with %.2f", $0) } ?? "")
            return (["\(model), \(precision.rawValue), over \(sweep.over): \(fit)", "", Self.head] + rows)
                .joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    private static let head = "| side | batch | threads | UNet | memory |\n|---|---|---|---|---|"
}
