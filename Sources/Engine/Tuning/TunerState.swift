// What changes while an instruction is tuned. It can be written to a file between steps and read again, after which
// tuning goes on as if it had never stopped: the order of samples depends on the seed and the step alone.
import Foundation

/// The state of a tuning run between two steps.
struct TunerState {
    /// The free rows, flat.
    var values: [Float]
    var optimizer: AdamW
    private(set) var best: [Float]
    private(set) var curve: [ProbePoint] = []
    private(set) var looksWithoutGain = 0

    init(values: [Float], learningRate: Float, weightDecay: Float) {
        self.values = values
        best = values
        optimizer = AdamW(count: values.count, learningRate: learningRate)
        optimizer.weightDecay = weightDecay
    }

    /// One step down `gradient` of the free rows.
    mutating func descend(_ gradient: [Float]) { optimizer.update(&values, gradient: gradient) }

    /// Takes note of a probe of the present values.
    mutating func looked(_ loss: Double) {
        if loss < curve.map(\.loss).min() ?? .infinity {
            best = values
            looksWithoutGain = 0
        } else {
            looksWithoutGain += 1
        }
        curve.append(ProbePoint(step: optimizer.steps, loss: loss))
    }
}

extension Tuner {
    /// Writes the state, so that `resume(from:)` of a tuner made with the same arguments goes on from here.
    public func checkpoint(to path: String) throws(EngineError) {
        let shape = [state.values.count]
        try SafetensorsFile.write(
            [
                ("values", shape, state.values), ("best", shape, state.best),
                ("first_moment", shape, state.optimizer.first), ("second_moment", shape, state.optimizer.second),
            ],
            metadata: ["progress": try Self.encode(Progress(state))], to: path)
    }

    /// Goes on from a state that `checkpoint(to:)` wrote.
    public func resume(from path: String) throws(EngineError) {
        let file = try SafetensorsFile(path: path)
        guard let text = file.metadata["progress"],
            let progress = try? JSONDecoder().decode(Progress.self, from: Data(text.utf8))
        else { throw .malformed(file: path, detail: "is no checkpoint of tuning") }
        let arrays = try ["values", "best", "first_moment", "second_moment"].map { name throws(EngineError) in
            try file.floats(name)
        }
        guard arrays.allSatisfy({ $0.count == state.values.count }) else {
            throw .malformed(file: path, detail: "was made for another number of free rows")
        }
        state.restore(arrays, progress)
    }

    private static func encode(_ progress: Progress) throws(EngineError) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(progress), as: UTF8.self)
        } catch {
            throw .setting(name: "checkpoint", detail: "the probe's loss is not a number: \(error)")
        }
    }
}

/// The scalars of a checkpoint.
private struct Progress: Codable {
    let steps: Int
    let looksWithoutGain: Int
    let curve: [ProbePoint]

    init(_ state: TunerState) {
        steps = state.optimizer.steps
        looksWithoutGain = state.looksWithoutGain
        curve = state.curve
    }
}

extension TunerState {
    fileprivate mutating func restore(_ arrays: [[Float]], _ progress: Progress) {
        values = arrays[0]
        best = arrays[1]
        optimizer.first = arrays[2]
        optimizer.second = arrays[3]
        optimizer.steps = progress.steps
        looksWithoutGain = progress.looksWithoutGain
        curve = progress.curve
    }
}
