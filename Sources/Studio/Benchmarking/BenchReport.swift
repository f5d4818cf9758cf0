// What `limner bench` found, as JSON and as a table for people.
import Foundation
import LimnerEngine

/// What can be printed as JSON or as a table.
protocol BenchDocument: Encodable {
    /// Markdown.
    func table() -> String
}

extension BenchDocument {
    /// One JSON object.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// The machine and the build that measured.
struct BenchMachine: Encodable {
    let processor: String
    let cores: Int
    let instructions: String
    let kernels: String
    let blas: String
    /// Measured limits, by the number of threads.
    let peaks: [Peak]

    struct Peak: Encodable {
        let threads: Int
        let f32: Double
        let bf16: Double?
        let read: Double

        enum CodingKeys: String, CodingKey {
            case threads
            case f32 = "f32_gflop_per_second"
            case bf16 = "bf16_gflop_per_second"
            case read = "read_gigabytes_per_second"
        }

        init(_ peak: MachinePeak) {
            (threads, f32, bf16, read) = (
                peak.threads, peak.gigaflopsF32, peak.gigaflopsBF16, peak.gigabytesRead
            )
        }
    }

    /// Measures the limits with one thread and with `threads`.
    init(threads: Int) {
        let cpus = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let name = cpus.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        processor = name.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
        cores = ProcessInfo.processInfo.activeProcessorCount
        (instructions, kernels, blas) = (MachinePeak.instructions, Pass.kernelName, Pass.blasName)
        peaks = Set([1, threads]).sorted().map { Peak(MachinePeak.measure(threads: $0)) }
    }

    /// The limit of arithmetic in `precision` with as many threads as were measured last; that of F32 where the CPU
    /// has no BF16 products.
    func gigaflops(_ precision: Precision) -> Double {
        let peak = peaks[peaks.count - 1]
        return precision == .bf16 ? peak.bf16 ?? peak.f32 : peak.f32
    }
}

/// How long it takes until something happens.
struct BenchStart: Encodable {
    /// From the process's start to the loaded model.
    let loadedSeconds: Double
    /// From the process's start to the end of the UNet's first step.
    let firstStepSeconds: Double?

    enum CodingKeys: String, CodingKey {
        case loadedSeconds = "loaded_seconds"
        case firstStepSeconds = "first_step_seconds"
    }
}

/// Everything that one run found.
struct BenchReport: BenchDocument {
    let version: String
    let model: String
    let side: Int
    let precision: Precision
    let threads: Int
    let machine: BenchMachine
    let start: BenchStart
    let parts: [Measurement]

    /// A Markdown table under a line that says what was measured on what.
    func table() -> String {
        let peak = machine.peaks.map {
            String(
                format: "%d thread%@ %.0f F32, %@ BF16, %.0f GB/s", $0.threads, $0.threads == 1 ? "" : "s", $0.f32,
                $0.bf16.map { String(format: "%.0f", $0) } ?? "no", $0.read)
        }
        let head = """
            \(model), \(side)×\(side), \(precision.rawValue), \(threads) of \(machine.cores) cores of \
            \(machine.processor) (\(machine.kernels) kernels; at most, in GFLOP/s: \(peak.joined(separator: "; ")))

            | work | median | range | GFLOP | GFLOP/s | of the peak | peak memory |
            |---|---|---|---|---|---|---|
            """
        let rows = parts.map(row)
        let first = start.firstStepSeconds.map { String(format: "; its first step of the UNet done after %.2f s", $0) }
        let started = String(format: "start: model loaded after %.2f s", start.loadedSeconds) + (first ?? "")
        return ([head] + rows + ["", started]).joined(separator: "\n")
    }

    private func row(_ part: Measurement) -> String {
        let seconds = part.rounds.map(\.seconds)
        let disturbed = part.rounds.filter(\.disturbed).count
        let batch = part.batch.map { ", batch \($0)" } ?? ""
        let note = disturbed == 0 ? "" : " (\(disturbed) of \(seconds.count) disturbed)"
        return String(
            format: "| %@ | %.3f s%@ | %.3f–%.3f | %.1f | %.0f | %@ | %@ |", part.part.title + batch,
            part.medianSeconds,
            note, seconds.min() ?? 0, seconds.max() ?? 0, part.gigaflop, part.gigaflopsPerSecond,
            part.shareOfPeak.map { String(format: "%.0f%%", 100 * $0) } ?? "",
            part.peakMiB.map { String(format: "%.0f MiB", $0) } ?? "not known")
    }
}
