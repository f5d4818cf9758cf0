// Tuning on the tiny model: the one-branch loss is the guided loss, the probe decides, runs repeat and resume.
import Foundation
import Testing

import LimnerEngine

@Suite("Instruction tuning")
struct TunerTests {
    private let model: DiffusionModel
    private let photo = random([1, 16, 24, 3], seed: 40, scale: 0.3)
    private let sketch = random([1, 16, 24, 3], seed: 41, scale: 0.3)

    init() throws { model = try DiffusionModel(folder: Golden.modelFolder) }

    private func settings(steps: Int = 12) -> TuningSettings {
        var settings = TuningSettings(ModelDefaults(), seed: 7)
        settings.text = "make it a sketch"
        settings.steps = steps
        settings.learningRate = 0.05
        settings.samples = 5
        settings.probeSamples = 3
        settings.probeInterval = 4
        return settings
    }

    private func tuner(_ settings: TuningSettings) throws -> Tuner {
        try Tuner(model, photo: photo, sketch: sketch, settings: settings)
    }

    @Test(
        "with guidance a sample serves six steps, within 8 to 64; a model may say how many there are",
        arguments: [(20, 1, 8), (50, 1, 8), (200, 1, 33), (200, 4, 64)])
    func sampleCount(steps: Int, batch: Int, count: Int) {
        var settings = TuningSettings(ModelDefaults())
        (settings.steps, settings.batch) = (steps, batch)
        #expect(settings.sampleCount == count)
        (settings.textGuidance, settings.imageGuidance) = (1, 1)
        #expect(settings.sampleCount == 64)
        var defaults = ModelDefaults()
        defaults.tuning.samples = 5
        #expect(TuningSettings(defaults).sampleCount == 5)
    }

    @Test("pairs looked at in one pass have the mean of their losses")
    func pairsTogether() throws {
        let pairs = try NoisyPairs(model, photo: photo, sketch: sketch, guidance: Guidance(text: 7.5, image: 1.5))
        let some = [40, 500, 960].map { pairs.pair(timestep: $0, noise: random(pairs.sketch.shape, seed: UInt64($0))) }
        let rows = model.instruction("make it a sketch").rows
        let each = some.map { pairs.loss(rows, [$0], gradient: false).loss }
        let together = pairs.loss(rows, some, gradient: false).loss
        #expect(abs(together - each.reduce(0, +) / 3) < 1e-5 * together)
    }

    @Test("the one-branch loss and gradient are those of the three guided branches", arguments: [40, 500, 960])
    func oneBranch(timestep: Int) throws {
        let guidance = Guidance(text: 7.5, image: 1.5)
        let pairs = try NoisyPairs(model, photo: photo, sketch: sketch, guidance: guidance)
        let noise = random(pairs.sketch.shape, seed: 42)
        let instruction = model.instruction("make it a sketch").rows
        let (loss, gradient) = pairs.loss(instruction, [pairs.pair(timestep: timestep, noise: noise)], gradient: true)

        // the guided loss as it is written down: three branches on the tape, combined, compared with the noise
        let alpha = try Golden.tensor("sched.alphas_cumprod").values[timestep]
        let noisy = zip(pairs.sketch.values, noise.values).map {
            alpha.squareRoot() * $0 + (1 - alpha).squareRoot() * $1
        }
        let (tape, shape) = (Tape(), pairs.sketch.shape)
        let pass = Pass(tape: tape)
        let latent = Tensor(noisy, shape: shape)
        let with = pass.concatenate(latent, pairs.photo)
        let without = pass.concatenate(latent, Tensor(repeating: 0, shape: shape))
        let empty = model.instruction("").rows
        let rows = Tensor.stacked([instruction, empty, empty].map { $0.reshaped([1] + $0.shape) })
        let watched = tape.watch(rows)
        let all = model.unet(.stacked([with, with, without]), timesteps: [Float(timestep)], instruction: watched, pass)
        let (e, i, u) = (all.batch(0..<1), all.batch(1..<2), all.batch(2..<3))
        let guided = guidance.combine(instructed: e, photo: i, unconditional: u)
        #expect(abs(guided.meanSquaredError(noise) - loss) <= 1e-4 * loss)

        let seed = guided.meanSquaredErrorGradient(noise)
        let share = { (factor: Float) in Tensor(seed.values.map { $0 * factor }, shape: shape) }
        let seeds = Tensor.stacked([share(7.5), share(1.5 - 7.5), share(1 - 1.5)])
        let full = tape.gradient(of: all, seed: seeds, withRespectTo: watched).batch(0..<1)
        #expect(relativeError(try #require(gradient), full) <= 1e-3)
        #expect(dot(full, full) > 0)
    }

    @Test("the probe's loss falls, and the best state is the one with the lowest probe")
    func best() throws {
        let tuner = try tuner(settings(steps: 40))
        for _ in tuner {}
        let lowest = try #require(tuner.curve.map(\.loss).min())
        #expect(lowest < tuner.curve[0].loss)
        #expect(tuner.curve[0].step == 0)
        let again = try Tuner(
            model, photo: photo, sketch: sketch, settings: settings(steps: 1), start: tuner.best)
        _ = again.next()
        #expect(abs(again.curve[0].loss - lowest) <= 1e-6 * lowest)
    }

    @Test("only the free rows move")
    func freeRows() throws {
        let tuner = try tuner(settings())
        for _ in tuner {}
        let start = model.instruction("make it a sketch")
        let width = start.rows.shape[1]
        #expect(tuner.freeRows == start.wordCount)
        let (a, b) = (start.rows.values, tuner.best.rows.values)
        #expect(a[..<width] == b[..<width])
        #expect(a[(width * (1 + start.wordCount))...] == b[(width * (1 + start.wordCount))...])
        #expect(a != b)
    }

    @Test("the same seed gives the same bytes, another seed others")
    func seeds() throws {
        var settings = settings()
        let runs = try (0..<2).map { _ in
            let tuner = try tuner(settings)
            for _ in tuner {}
            return tuner.best.rows.values
        }
        #expect(runs[0] == runs[1])
        settings.seed = 8
        let other = try tuner(settings)
        for _ in other {}
        #expect(other.best.rows.values != runs[0])
    }

    @Test("a run that stops and resumes ends as one that never stopped")
    func resume() throws {
        let path = NSTemporaryDirectory() + "limner-tuner-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let whole = try tuner(settings())
        for _ in whole {}
        let first = try tuner(settings())
        for step in first where step.number == 7 { break }
        try first.checkpoint(to: path)
        let second = try tuner(settings())
        try second.resume(from: path)
        for _ in second {}
        #expect(second.best.rows.values == whole.best.rows.values)
        #expect(second.curve == whole.curve)
    }

    @Test("a gradient is brought to length 1 where the settings say so: AdamW's mean of it is then a tenth as long")
    func unitGradients() throws {
        let lengths = try [false, true].map { isUnit in
            let path = NSTemporaryDirectory() + "limner-tuner-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: path) }
            var settings = settings()
            settings.unitGradients = isUnit
            let tuner = try tuner(settings)
            _ = tuner.next()
            try tuner.checkpoint(to: path)
            let mean = try SafetensorsFile(path: path).floats("first_moment").map(Double.init)
            return mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        #expect(abs(lengths[1] - 0.1) < 1e-6)
        #expect(abs(lengths[0] - 0.1) > 1e-3)
    }

    @Test("tuning ends early when the probe no longer gains")
    func patience() throws {
        var settings = settings(steps: 400)
        settings.learningRate = 5
        settings.probeInterval = 2
        settings.patience = 2
        let tuner = try tuner(settings)
        let steps = tuner.reduce(0) { count, _ in count + 1 }
        #expect(steps < 400)
    }

    @Test("several pairs in one step are the mean of the single ones")
    func batches() throws {
        let pairs = try NoisyPairs(model, photo: photo, sketch: sketch, guidance: Guidance(text: 3, image: 1.5))
        let instruction = model.instruction("make it a sketch").rows
        let two = [100, 800].map { pairs.pair(timestep: $0, noise: random(pairs.sketch.shape, seed: UInt64($0))) }
        let singles = two.map { pairs.loss(instruction, [$0], gradient: true) }
        let both = pairs.loss(instruction, two, gradient: true)
        #expect(abs(both.loss - (singles[0].loss + singles[1].loss) / 2) <= 1e-5 * both.loss)
        let mean = try zip(#require(singles[0].gradient).values, #require(singles[1].gradient).values).map {
            ($0 + $1) / 2
        }
        let gradient = try #require(both.gradient)
        #expect(relativeError(gradient, Tensor(mean, shape: gradient.shape)) <= 1e-4)
    }

    @Test(
        "settings out of range are refused by name",
        arguments: ["steps", "batch", "learning rate", "free rows", "patience"])
    func ranges(name: String) throws {
        var settings = settings()
        switch name {
        case "steps": settings.steps = 0
        case "batch": settings.batch = 99
        case "learning rate": settings.learningRate = -1
        case "free rows": settings.freeRows = 76
        default: settings.patience = 0
        }
        let error = #expect(throws: EngineError.self) { try tuner(settings) }
        #expect(try #require(error).description.hasPrefix(name))
    }

    @Test("tone and contrast have the gradient of their loss, under guidance too", arguments: [1, 7.5])
    func toneAndContrast(textGuidance: Float) throws {
        try Fixture.withFolder { folder in
            let model = try velocityModel(folder + "/model")
            let pairs = try NoisyPairs(
                model, photo: photo, sketch: sketch,
                guidance: Guidance(text: textGuidance, image: textGuidance > 1 ? 1.5 : 1),
                objective: .toneAndContrast)
            let chosen = [400, 900].map {
                pairs.pair(timestep: $0, noise: random(pairs.sketch.shape, seed: UInt64($0)))
            }
            let rows = model.instruction("make it a sketch").rows
            let gradient = pairs.loss(rows, chosen, gradient: true).gradient
            let direction = random(rows.shape, seed: 44)
            let moved = [Float(1e-2), -1e-2].map { step in
                let values = zip(rows.values, direction.values).map { $0 + step * $1 }
                return pairs.loss(Tensor(values, shape: rows.shape), chosen, gradient: false).loss
            }
            let slope = (moved[0] - moved[1]) / 2e-2
            let expected = dot(try #require(gradient), direction)
            #expect(abs(slope - expected) <= 0.02 * abs(expected) && expected != 0)
        }
    }

    @Test("tone and contrast are refused where the noise is predicted")
    func toneAndContrastOfNoise() {
        var settings = settings()
        settings.objective = .toneAndContrast
        #expect(throws: EngineError.self) { try tuner(settings) }
    }

    /// The tiny model as one that predicts v.
    private func velocityModel(_ folder: String) throws -> DiffusionModel {
        try FileManager.default.copyItem(atPath: Golden.modelFolder, toPath: folder)
        let path = folder + "/scheduler/scheduler_config.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacingOccurrences(of: "\"epsilon\"", with: "\"v_prediction\"").write(
            toFile: path, atomically: true, encoding: .utf8)
        return try DiffusionModel(folder: folder)
    }
}
