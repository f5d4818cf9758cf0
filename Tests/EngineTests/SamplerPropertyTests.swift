// What holds for every sampler without looking at diffusers' numbers, and what a configuration must not say.

import LimnerEngine
import Testing

private let shared: [String: JSONValue] = [
    "_class_name": .string("DDIMScheduler"), "beta_start": .number(0.00085), "beta_end": .number(0.012),
    "beta_schedule": .string("scaled_linear"), "clip_sample": .bool(false), "skip_prk_steps": .bool(true),
    "timestep_spacing": .string("trailing"),
]

private func configuration(_ changes: [String: JSONValue]) throws -> SchedulerConfiguration {
    try SchedulerConfiguration(JSONFile(path: "scheduler_config.json", members: shared.merging(changes) { $1 }))
}

private func fault(_ key: String, in changes: [String: JSONValue], kind: SamplerKind?) -> Bool {
    do {
        _ = try makeSampler(configuration(changes), kind: kind, steps: 10)
        return false
    } catch EngineError.configuration(let file, let named, _, _) {
        return file == "scheduler_config.json" && named == key
    } catch {
        return false
    }
}

@Suite("Noise schedule")
struct NoiseScheduleTests {
    @Test("the cumulative alphas are those of diffusers, bit for bit or one rounding apart")
    func alphas() throws {
        let expected = try Fixture.golden().floats("sched.alphas_cumprod")
        #expect(Fixture.distance(NoiseSchedule(try configuration([:])).alphasCumprod, expected) <= 1.2e-7)
    }

    @Test("a schedule rescaled to zero terminal SNR ends in pure noise")
    func zeroSNR() throws {
        let schedule = NoiseSchedule(try configuration(["rescale_betas_zero_snr": .bool(true)]))
        #expect(schedule.alphasCumprod.last == 0)
    }

    @Test("betas given one by one are taken as they are")
    func trainedBetas() throws {
        let betas = [0.1, 0.2, 0.5]
        let schedule = NoiseSchedule(try configuration(["trained_betas": .array(betas.map { .number($0) })]))
        #expect(schedule.betas == betas.map(Float.init))
    }
}

@Suite("Sampler properties")
struct SamplerPropertyTests {
    private static let original: [Float] = [0.5, -1, 2, 0.25]
    private static let noise: [Float] = [1, 0.5, -0.75, -2]

    @Test(
        "every sampler finds the original in its own mixture with noise",
        arguments: SamplerKind.allCases, [PredictionType.epsilon, .velocity])
    func predictedOriginal(_ kind: SamplerKind, _ type: PredictionType) throws {
        let configuration = try configuration([
            "prediction_type": .string(type.rawValue), "use_karras_sigmas": .bool(false),
        ])
        let sampler = try makeSampler(configuration, kind: kind, steps: 5)
        let index = 1
        guard sampler.timesteps[index] == 799 else {
            #expect(kind == .dpmpp2MKarras, "only Karras' levels lie elsewhere")
            return
        }
        let alpha = NoiseSchedule(configuration).alphasCumprod[799]
        let (a, b) = (alpha.squareRoot(), (1 - alpha).squareRoot())
        let mixture = zip(Self.original, Self.noise).map { a * $0 + b * $1 }
        let unit = sampler.scaled([1], at: index)[0]
        let prediction = type == .epsilon ? Self.noise : zip(Self.original, Self.noise).map { a * $1 - b * $0 }
        let found = sampler.predictedOriginal(prediction, at: index, latents: mixture.map { $0 / unit })
        #expect(Fixture.distance(found, Self.original) < 1e-5)
    }

    @Test(
        "a last step to no noise lands on the predicted original",
        arguments: [SamplerKind.ddim, .euler, .eulerAncestral, .dpmpp2M, .dpmpp2MKarras])
    func lastStep(_ kind: SamplerKind) throws {
        var sampler = try makeSampler(configuration([:]), kind: kind, steps: 1)
        let latents = Self.original.map { $0 * sampler.initialSigma }
        let expected = sampler.predictedOriginal(Self.noise, at: 0, latents: latents)
        let actual = sampler.step(Self.noise, at: 0, latents: latents, noise: Self.noise)
        #expect(Fixture.distance(actual, expected) < 1e-5)
    }

    @Test("a sampler has as many timesteps as steps, all different, for every count", arguments: SamplerKind.allCases)
    func counts(_ kind: SamplerKind) throws {
        for steps in [1, 2, 3, 4, 7, 10, 30, 50, 61, 100, 103] {
            let times = try makeSampler(configuration([:]), kind: kind, steps: steps).timesteps
            let repeated = kind == .pndm && steps > 1 ? 1 : 0
            #expect(times.count == steps + repeated)
            #expect(times.allSatisfy { (0...999).contains($0) })
        }
    }

    @Test("numbers of steps outside 1 … 1000 are refused", arguments: SamplerKind.allCases, [-1, 0, 1001])
    func steps(_ kind: SamplerKind, _ steps: Int) throws {
        let configuration = try configuration([:])
        #expect {
            _ = try makeSampler(configuration, kind: kind, steps: steps)
        } throws: { error in
            guard case EngineError.setting(name: "steps", _) = error else { return false }
            return true
        }
    }

    @Test("DDIM refuses a schedule that leaves the training timesteps")
    func beyondTraining() throws {
        let configuration = try configuration(["timestep_spacing": .string("leading"), "steps_offset": .integer(1)])
        #expect(throws: EngineError.self) { try makeSampler(configuration, kind: .ddim, steps: 1000) }
    }

    @Test("DPM-Solver refuses steps that fall on equal noise levels")
    func equalLevels() throws {
        let configuration = try configuration(["timestep_spacing": .string("linspace")])
        #expect(throws: EngineError.self) { try makeSampler(configuration, kind: .dpmpp2M, steps: 1000) }
    }
}

@Suite("Scheduler configurations that are not implemented")
struct SchedulerRefusalTests {
    @Test(
        "are refused with the key's name",
        arguments: [
            ("thresholding", JSONValue.bool(true), SamplerKind.ddim),
            ("thresholding", .bool(true), .dpmpp2M),
            ("algorithm_type", .string("sde-dpmsolver++"), .dpmpp2M),
            ("algorithm_type", .string("dpmsolver"), .dpmpp2M),
            ("solver_type", .string("rk4"), .dpmpp2M),
            ("solver_order", .integer(4), .dpmpp2M),
            ("use_lu_lambdas", .bool(true), .dpmpp2M),
            ("use_flow_sigmas", .bool(true), .dpmpp2M),
            ("variance_type", .string("learned"), .dpmpp2M),
            ("final_sigmas_type", .string("half"), .dpmpp2M),
            ("use_beta_sigmas", .bool(true), .euler),
            ("interpolation_type", .string("log_linear"), .euler),
            ("timestep_type", .string("other"), .euler),
            ("prediction_type", .string("sample"), .eulerAncestral),
            ("prediction_type", .string("sample"), .pndm),
            ("prediction_type", .string("flow_prediction"), .dpmpp2M),
            ("timestep_spacing", .string("random"), .ddim),
            ("beta_schedule", .string("sigmoid"), .ddim),
            ("beta_end", .number(1.5), .ddim),
            ("num_train_timesteps", .integer(1), .ddim),
            ("steps_offset", .integer(-1), .ddim),
            ("trained_betas", .array([.number(2)]), .ddim),
        ])
    func refused(_ key: String, _ value: JSONValue, _ kind: SamplerKind) {
        #expect(fault(key, in: [key: value], kind: kind))
    }

    @Test("an unknown scheduler class is refused by its name")
    func unknownClass() {
        #expect(fault("_class_name", in: ["_class_name": .string("LCMScheduler")], kind: nil))
    }

    @Test("noise prediction from pure noise is refused, because it would divide by zero")
    func epsilonFromPureNoise() {
        #expect(fault("prediction_type", in: ["rescale_betas_zero_snr": .bool(true)], kind: .ddim))
    }

    @Test("keys of other classes are ignored")
    func foreignKeys() throws {
        let configuration = try configuration([
            "use_beta_sigmas": .bool(true), "algorithm_type": .string("sde-dpmsolver++"),
        ])
        #expect(try makeSampler(configuration, kind: .ddim, steps: 10).timesteps.count == 10)
    }
}
