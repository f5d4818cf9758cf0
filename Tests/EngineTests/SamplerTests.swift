// Every sampler against the trajectories that diffusers computed (golden.safetensors and sampler-extra.safetensors).
//
// Tolerances are shares of a tensor's largest magnitude. A trajectory is a chain of steps, each from our own last
// latent, so that errors would add up.

import Foundation
import LimnerEngine
import Testing

/// One recorded run: a configuration, a number of steps, and the names of its tensors.
struct RecordedRun: CustomTestStringConvertible, Sendable {
    let name: String
    let configuration: [String: JSONValue]
    let kind: SamplerKind?
    let steps: Int
    let eta: Float
    let initialSigma: Double
    let file: String
    let tensorPrefix: String
    let inputs: (start: String, outputs: String, noise: String)

    var testDescription: String { "\(name), \(steps) steps" }

    func tensor(_ name: String) -> String { tensorPrefix + name }

    func sampler() throws -> any Sampler {
        let configuration = try SchedulerConfiguration(JSONFile(path: name, members: configuration))
        return try makeSampler(configuration, kind: kind, steps: steps, eta: eta)
    }

    /// The runs of golden.json.
    static func golden() throws -> [RecordedRun] {
        let settings = try Fixture.settings()
        let shared = try #require(settings["configs"]?.object?["scheduler"]?.object)
        let steps = try #require(settings["scheduler_steps"]?.integer)
        return try #require(settings["schedulers"]?.object).sorted { $0.key < $1.key }.map { name, value in
            let run = try #require(value.object)
            var configuration = shared.merging(try #require(run["kw"]?.object)) { $1 }
            configuration["_class_name"] = run["cls"]
            return RecordedRun(
                name: name, configuration: configuration, kind: nil, steps: steps,
                eta: Float(run["step"]?.object?["eta"]?.double ?? 0),
                initialSigma: try #require(run["init_noise_sigma"]?.double), file: "golden.safetensors",
                tensorPrefix: "sched.\(name).", inputs: ("sched.x0", "sched.model_out", "sched.noise"))
        }
    }

    /// The runs of sampler-extra.json.
    static func extra() throws -> [RecordedRun] {
        try #require(Fixture.json("sampler-extra.json")["cases"]?.object).sorted { $0.key < $1.key }.flatMap {
            name, value in
            let run = try #require(value.object)
            return try #require(run["initial_sigma"]?.object).sorted { $0.key < $1.key }.map { steps, sigma in
                RecordedRun(
                    name: name, configuration: try #require(run["config"]?.object),
                    kind: run["kind"]?.string.flatMap(SamplerKind.init), steps: try #require(Int(steps)),
                    eta: Float(run["eta"]?.double ?? 0), initialSigma: try #require(sigma.double),
                    file: "sampler-extra.safetensors", tensorPrefix: "\(name).\(steps).",
                    inputs: ("x0", "outputs", "noise"))
            }
        }
    }

    static let all: [RecordedRun] = {
        do {
            return try golden() + extra()
        } catch {
            Issue.record(error)
            return []
        }
    }()
}

/// The rows of a tensor whose first axis counts them.
private func rows(_ values: [Float], of size: Int) -> [[Float]] {
    stride(from: 0, to: values.count, by: size).map { Array(values[$0..<$0 + size]) }
}

@Suite("Samplers against diffusers")
struct SamplerTests {
    @Test("the recorded runs are all there")
    func runs() throws {
        #expect(try RecordedRun.golden().count == 12)
        #expect(try RecordedRun.extra().count == 152)
    }

    @Test("timesteps are those of diffusers", arguments: RecordedRun.all)
    func timesteps(_ run: RecordedRun) throws {
        let file = try SafetensorsFile(path: "\(Fixture.folder)/\(run.file)")
        #expect(Fixture.distance(try run.sampler().timesteps, try file.floats(run.tensor("timesteps"))) <= 1e-6)
    }

    @Test("the initial sigma is that of diffusers", arguments: RecordedRun.all)
    func initialSigma(_ run: RecordedRun) throws {
        #expect(Fixture.distance([try run.sampler().initialSigma], [Float(run.initialSigma)]) <= 1e-6)
    }

    @Test("every scaled input of a run is that of diffusers", arguments: RecordedRun.all)
    func scaled(_ run: RecordedRun) throws {
        let file = try SafetensorsFile(path: "\(Fixture.folder)/\(run.file)")
        let name = run.tensorPrefix.hasPrefix("sched.") ? "traj" : "trajectory"
        let start = try file.floats(run.inputs.start)
        let sampler = try run.sampler()
        let states =
            [start.map { $0 * sampler.initialSigma }] + rows(try file.floats(run.tensor(name)), of: start.count)
        let actual = sampler.timesteps.indices.flatMap { sampler.scaled(states[$0], at: $0) }
        #expect(Fixture.distance(actual, try file.floats(run.tensor("scaled"))) <= 1e-6)
    }

    @Test("the whole trajectory is that of diffusers", arguments: RecordedRun.all)
    func trajectory(_ run: RecordedRun) throws {
        let file = try SafetensorsFile(path: "\(Fixture.folder)/\(run.file)")
        let start = try file.floats(run.inputs.start)
        let outputs = rows(try file.floats(run.inputs.outputs), of: start.count)
        let noise = rows(try file.floats(run.inputs.noise), of: start.count)
        var sampler = try run.sampler()
        var latents = start.map { $0 * sampler.initialSigma }
        var trajectory: [Float] = []
        for index in sampler.timesteps.indices {
            latents = sampler.step(
                outputs[index], at: index, latents: latents, noise: sampler.needsNoise ? noise[index] : nil)
            trajectory += latents
        }
        let name = run.tensorPrefix.hasPrefix("sched.") ? "traj" : "trajectory"
        #expect(Fixture.distance(trajectory, try file.floats(run.tensor(name))) <= 5e-6)
    }
}
