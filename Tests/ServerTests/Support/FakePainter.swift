import Dispatch
import FoundationEssentials
import LimnerProtocol
import LimnerServer
import Synchronization

/// A painter that draws one pixel, at once or when a test lets it, and notes what it was asked.
final class FakePainter: Painter {
    /// What happens to an order.
    enum Behaviour: Sendable {
        case draw
        /// Reports its first step again and again until ``release()``.
        case waitForRelease
        case fail(PainterError)
        /// Fails so many times, then draws.
        case failFirst(Int, PainterError)
    }

    let identity = PainterIdentity(
        modelName: "fake", modelHash: "0badc0de", defaultSampler: "ddim", samplers: ["ddim", "euler"])
    let started = DispatchSemaphore(value: 0)
    private let examined = DispatchSemaphore(value: 0)
    private let examinationGate = DispatchSemaphore(value: 0)
    private let gate = DispatchSemaphore(value: 0)
    private let state: Mutex<State>

    private struct State {
        var behaviour: Behaviour
        var sketches: [SketchOrder] = []
        var tunings: [TuneOrder] = []
        var failures = 0
        var holdsExaminations = false
        var running = 0
        var mostRunning = 0
    }

    init(_ behaviour: Behaviour = .draw) { state = Mutex(State(behaviour: behaviour)) }

    var sketches: [SketchOrder] { state.withLock { $0.sketches } }
    var tunings: [TuneOrder] { state.withLock { $0.tunings } }
    var mostRunning: Int { state.withLock { $0.mostRunning } }

    func behave(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }

    /// Lets one waiting order go on.
    func release() { gate.signal() }

    /// Waits until an order has begun.
    func hasStarted(within seconds: Double = 10) -> Bool { started.wait(timeout: .now() + seconds) == .success }

    /// From now on an examination waits for ``releaseExaminations()``.
    func holdExaminations() { state.withLock { $0.holdsExaminations = true } }

    func releaseExaminations() {
        state.withLock { $0.holdsExaminations = false }
        examinationGate.signal()
    }

    /// Waits until an examination has begun.
    func isExamining() -> Bool { examined.wait(timeout: .now() + 10) == .success }

    func examine(photoAt path: String) throws(PainterError) -> PictureSize {
        if state.withLock({ $0.holdsExaminations }) {
            examined.signal()
            examinationGate.wait()
        }
        let bytes = FileManager.default.contents(atPath: path).map { Array($0) } ?? []
        guard bytes.starts(with: Pictures.png.prefix(8)) else { throw .unreadable("Send a PNG or JPEG picture.") }
        if bytes.count > 8, bytes.dropFirst(8).elementsEqual("huge".utf8) { throw .tooLarge("Too many pixels.") }
        return PictureSize(width: 640, height: 480)
    }

    func sketch(_ order: SketchOrder, report: (StepReport) throws -> Void) throws -> SketchOutcome {
        state.withLock { $0.sketches.append(order) }
        try act(steps: order.steps ?? 4, report)
        try Data(Pictures.png).write(to: URL(fileURLWithPath: order.result))
        return SketchOutcome(
            width: 1, height: 1, steps: order.steps ?? 4, textGuidance: order.textGuidance ?? 7.5,
            imageGuidance: order.imageGuidance ?? 1.5, seed: order.seed, sampler: order.sampler ?? "ddim",
            modelHash: identity.modelHash, timings: [PhaseTiming("encode", seconds: 0.25)])
    }

    func tune(_ order: TuneOrder, report: (StepReport) throws -> Void) throws -> TuneOutcome {
        state.withLock { $0.tunings.append(order) }
        try act(steps: order.steps ?? 4, report)
        let content = "style \(order.name) \(order.seed)"
        let folder = URL(fileURLWithPath: order.stagingFolder)
        try Data(content.utf8).write(to: folder.appendingPathComponent("style.safetensors"))
        try Data(Pictures.png).write(to: folder.appendingPathComponent("thumbnail.png"))
        return TuneOutcome(
            width: 64, height: 64, steps: 4, bestStep: 3, bestLoss: 0.5, seed: order.seed, text: order.text ?? "draw",
            modelHash: identity.modelHash)
    }

    func inspectStyle(at folder: String) throws -> StyleSummary {
        try FakeStyle.inspect(folder)
    }

    private func act(steps: Int, _ report: (StepReport) throws -> Void) throws {
        let behaviour = state.withLock { state in
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
            return state.behaviour
        }
        defer { state.withLock { $0.running -= 1 } }
        let preview = Preview(mediaType: "image/png", bytes: Pictures.png)
        try report(StepReport(step: 1, of: steps, stage: "drawing", preview: preview))
        started.signal()
        switch behaviour {
        case .draw: break
        case .waitForRelease:
            while gate.wait(timeout: .now() + 0.002) == .timedOut {
                try report(StepReport(step: 1, of: steps, stage: "drawing"))
            }
        case .fail(let error): throw error
        case .failFirst(let times, let error):
            let failures = state.withLock { state in
                state.failures += 1
                return state.failures
            }
            if failures <= times { throw error }
        }
        try report(StepReport(step: steps, of: steps, stage: "drawing"))
    }
}

/// Style files as the fake painter writes them: text that begins with "style".
enum FakeStyle {
    struct Damaged: Error, CustomStringConvertible {
        var file: String
        var description: String { "\(file) is not a style" }
    }

    static func inspect(_ folder: String) throws -> StyleSummary {
        let bytes = FileManager.default.contents(atPath: folder + "/style.safetensors").map { Array($0) } ?? []
        guard bytes.starts(with: "style".utf8) else { throw Damaged(file: folder + "/style.safetensors") }
        let words = String(decoding: bytes.prefix(64), as: UTF8.self).split(separator: " ")
        /// What a word like `model:other` says.
        func said(_ key: String) -> String? {
            words.first { $0.hasPrefix(key + ":") }.map { String($0.dropFirst(key.count + 1)) }
        }
        return StyleSummary(
            name: words.count > 1 ? String(words[1]) : nil, modelName: "fake", modelHash: said("model") ?? "0badc0de",
            text: "draw", tokens: said("rows").flatMap(Int.init) ?? 77, width: 8, steps: 4, bestLoss: 0.5,
            probe: [ProbePoint(step: 0, loss: 1), ProbePoint(step: 3, loss: 0.5)])
    }
}
