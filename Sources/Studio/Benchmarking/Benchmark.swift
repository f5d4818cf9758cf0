// One run of `limner bench`: the start of the process first, then the machine's limits, then each part, warmed up and
// timed.
import Foundation
import LimnerEngine

/// A model's folder and how it is computed with.
struct BenchEngine {
    let folder: String
    let precision: Precision
    let threads: Int

    /// - Parameter threads: nil is one per core.
    init(folder: String, precision: Precision, threads: Int?) {
        (self.folder, self.precision) = (folder, precision)
        self.threads = EngineOptions(precision: precision, threads: threads).threads
    }

    /// - Parameter times: told where the time of the model's passes goes.
    func load(times: OpTimes? = nil) throws -> DiffusionModel {
        var options = EngineOptions(precision: precision, threads: threads)
        options.times = times
        return try DiffusionModel(folder: folder, options: options)
    }
}

/// How often a part is done.
enum BenchPace {
    case repeats(Int)
    /// Once for each line on standard input, each answered by a line of JSON, until the input ends.
    case onRequest
}

/// One process's measurements.
struct Benchmark {
    private let engine: BenchEngine
    private let bench: Workbench
    private let machine: BenchMachine
    private let start: BenchStart
    private let log: (String) -> Void
    private var measurements: [Measurement] = []

    /// Work shorter than this is done several times in a row and timed together.
    private static let shortestRound = 0.25
    /// A whole sketch or tuning that took longer needs no warm-up: its first run counts.
    private static let longestWarmUp = 5.0
    /// Once a part has taken so long, no repeat of it is begun.
    private static let longestPart = 120.0

    /// Loads the model, which is timed, and measures the machine's limits.
    init(
        engine: BenchEngine, sizes: BenchSizes, parts: Set<BenchPart>, log: @escaping (String) -> Void
    ) throws {
        (self.engine, self.log) = (engine, log)
        bench = try Workbench(model: engine.load(), sizes: sizes)
        let loaded = try ProcessAccount.age()
        log(String(format: "%@ loaded, %.2f s after the start", bench.model.name, loaded))
        var first: Double?
        if parts.contains(.start) {
            _ = try bench.work(on: .start)()
            first = try ProcessAccount.age()
        }
        start = BenchStart(loadedSeconds: loaded, firstStepSeconds: first)
        machine = BenchMachine(threads: engine.threads)
    }

    /// Times `part`.
    mutating func measure(_ part: BenchPart, _ pace: BenchPace) throws {
        let work = try bench.work(on: part)
        // what earlier parts and the preparation brought into memory is not this part's
        for network in [DiffusionModel.Part.textEncoder, .unet, .autoencoder] { bench.model.rest(network) }
        let knowsPeak = ProcessAccount.forgetPeak()
        var arithmetic = Arithmetic()
        var rounds = [try Round(times: 1) { arithmetic = try work() }]
        let times = max(1, Int((Self.shortestRound / rounds[0].seconds).rounded(.up)))
        let counts = [.sketch, .tuning].contains(part) && rounds[0].seconds > Self.longestWarmUp
        if !counts { rounds = [] }
        let one = { try Round(times: times) { arithmetic = try work() } }
        switch pace {
        case .repeats(let count):
            while rounds.count < count, rounds.isEmpty || spent(rounds) < Self.longestPart { rounds.append(try one()) }
        case .onRequest:
            rounds = []
            try answer {
                rounds.append(try one())
                return rounds[rounds.count - 1]
            }
        }
        guard !rounds.isEmpty else { throw StudioError.refused("the input ended before a repeat was asked for") }
        let takesBatch = [.unet, .tune, .sketch].contains(part)
        let measurement = Measurement(
            part, batch: takesBatch ? bench.sizes.batch : nil, rounds: rounds, arithmetic: arithmetic,
            peakGigaflops: machine.gigaflops(engine.precision), peakMiB: knowsPeak ? try ProcessAccount.peakMiB() : nil)
        measurements.append(measurement)
        log(
            String(
                format: "%@: %.3f s, %.0f GFLOP/s", part.title, measurement.medianSeconds,
                measurement.gigaflopsPerSecond))
    }

    private func spent(_ rounds: [Round]) -> Double { rounds.reduce(0) { $0 + $1.seconds } }

    /// Says that it is ready, then answers each line of the input with a round.
    private func answer(_ round: () throws -> Round) throws {
        FileHandle.standardOutput.write(Data("{\"ready\":true}\n".utf8))
        while readLine() != nil {
            let line = try JSONEncoder().encode(try round()) + Data("\n".utf8)
            FileHandle.standardOutput.write(line)
        }
    }

    var report: BenchReport {
        BenchReport(
            version: Build.version, model: bench.model.name, side: bench.sizes.side, precision: engine.precision,
            threads: engine.threads, machine: machine, start: start, parts: measurements)
    }
}
