// Instruction tuning as a sequence: `for step in tuner { … }` walks down the gradient; progress and cancellation fall
// out of the `for`, and what was best on the fixed probe stands in `best` afterwards.

/// One step that has been made.
public struct TuningStep: Sendable {
    /// From 1.
    public let number: Int
    /// Steps at most; early stopping may end before.
    public let count: Int
    /// The guided loss over this step's pairs.
    public let loss: Double
    /// The loss on the fixed probe, when this step looked at it.
    public let probe: Double?
}

/// A point of the probe curve.
public struct ProbePoint: Sendable, Equatable, Codable {
    /// Steps made before this look; 0 is the untuned start.
    public let step: Int
    public let loss: Double
}

/// Tunes the free rows of one instruction on one pair.
public final class Tuner: Sequence, IteratorProtocol {
    private let pairs: NoisyPairs
    private let start: Instruction
    private let settings: TuningSettings
    private let samples: [(timestep: Int, noise: Tensor)]
    private let probe: [NoisyPair]
    private var cache: [Int: NoisyPair] = [:]
    var state: TunerState

    /// Pairs of the probe that are looked at in one pass: so many need no more memory than the tape of a step.
    private static let probeBatch = 4

    /// - Parameters:
    ///   - photo, sketch: [1, height, width, 3] in −1...1, of one size, sides multiples of `model.stride`.
    ///   - start: what tuning starts from; nil leaves that to the settings.
    public init(
        _ model: DiffusionModel, photo: Tensor, sketch: Tensor, settings: TuningSettings, start: Instruction? = nil
    ) throws(EngineError) {
        try settings.validate()
        guard photo.shape == sketch.shape else {
            throw .setting(name: "sketch", detail: "is \(sketch.shape), but the photo is \(photo.shape)")
        }
        let start = if let start { start } else { try Self.start(model, photo, sketch, settings) }
        let free = settings.freeRows ?? start.wordCount
        guard (1...model.tokenCount - 2).contains(free) else {
            throw .setting(
                name: "free rows",
                detail: "must be 1 to \(model.tokenCount - 2), but is \(free); give a sentence or a number of rows")
        }
        self.settings = settings
        self.start = start
        pairs = try NoisyPairs(
            model, photo: photo, sketch: sketch, guidance: settings.guidance,
            objective: settings.objective)
        guard (0..<pairs.timestepCount).contains(settings.firstTimestep) else {
            throw .setting(
                name: "first timestep",
                detail: "must be 0 to \(pairs.timestepCount - 1), but is \(settings.firstTimestep)")
        }
        var drawing = GaussianNoise(seed: settings.seed, stream: 2)
        samples = Self.draw(pairs, settings.sampleCount, from: settings.firstTimestep, &drawing)
        var probing = GaussianNoise(seed: settings.seed, stream: 3)
        let maker = pairs
        probe = Self.draw(pairs, settings.probeSamples, from: settings.firstTimestep, &probing).map {
            maker.pair(timestep: $0.timestep, noise: $0.noise)
        }
        let width = start.rows.shape[1]
        state = TunerState(
            values: Array(start.rows.values[width..<(1 + free) * width]), learningRate: settings.learningRate,
            weightDecay: settings.weightDecay)
    }

    private static func start(
        _ model: DiffusionModel, _ photo: Tensor, _ sketch: Tensor, _ settings: TuningSettings
    ) throws(EngineError) -> Instruction {
        guard settings.start == .pair else { return model.instruction(settings.text) }
        guard let proposed = model.instruction(forPhoto: photo, sketch: sketch) else {
            throw .setting(
                name: "start", detail: "the model has no instruction encoder to start from the pair; give a sentence")
        }
        return proposed
    }

    private static func draw(
        _ pairs: NoisyPairs, _ count: Int, from first: Int, _ generator: inout GaussianNoise
    ) -> [(timestep: Int, noise: Tensor)] {
        pairs.timesteps(count, from: first, &generator).map { ($0, generator.tensor(pairs.sketch.shape)) }
    }

    /// The rows that are tuned: 1...freeRows.
    public var freeRows: Int { state.values.count / start.rows.shape[1] }

    /// The probe's loss over time, the untuned start first.
    public var curve: [ProbePoint] { state.curve }

    /// The instruction that was best on the probe so far.
    public var best: Instruction { Instruction(rows: rows(state.best), wordCount: freeRows) }

    public func next() -> TuningStep? {
        if state.curve.isEmpty { look() }
        guard state.optimizer.steps < settings.steps, state.looksWithoutGain < settings.patience else { return nil }
        let batch = batch(state.optimizer.steps).map(pair)
        let (loss, gradient) = pairs.loss(rows(state.values), batch, gradient: true)
        let width = start.rows.shape[1]
        let free = Array(gradient!.values[width..<width + state.values.count])
        state.descend(settings.unitGradients ? Self.unit(free) : free)
        let number = state.optimizer.steps
        let looks = number % settings.probeInterval == 0 || number == settings.steps
        return TuningStep(number: number, count: settings.steps, loss: loss, probe: looks ? look() : nil)
    }

    /// `vector` at length 1; zeros as they are.
    private static func unit(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return length > 0 ? vector.map { Float(Double($0) / length) } : vector
    }

    /// Looks at the probe and keeps the state when it is the best so far.
    @discardableResult
    private func look() -> Double {
        let instruction = rows(state.values)
        var sum = 0.0
        for first in stride(from: 0, to: probe.count, by: Self.probeBatch) {
            let some = Array(probe[first..<Swift.min(first + Self.probeBatch, probe.count)])
            sum += pairs.loss(instruction, some, gradient: false).loss * Double(some.count)
        }
        let loss = sum / Double(probe.count)
        state.looked(loss)
        return loss
    }

    /// The whole instruction with `free` in its free rows.
    private func rows(_ free: [Float]) -> Tensor {
        var values = start.rows.values
        let width = start.rows.shape[1]
        values.replaceSubrange(width..<width + free.count, with: free)
        return Tensor(values, shape: start.rows.shape)
    }

    /// The samples of step `step`: each epoch takes every one once, in an order of its own that only the seed decides.
    private func batch(_ step: Int) -> [Int] {
        (step * settings.batch..<(step + 1) * settings.batch).map { position in
            let (epoch, place) = position.quotientAndRemainder(dividingBy: samples.count)
            var generator = GaussianNoise(seed: settings.seed, stream: 4 + UInt64(epoch))
            return Array(samples.indices).shuffled(using: &generator)[place]
        }
    }

    private func pair(_ index: Int) -> NoisyPair {
        if let pair = cache[index] { return pair }
        let pair = pairs.pair(timestep: samples[index].timestep, noise: samples[index].noise)
        cache[index] = pair
        return pair
    }
}
