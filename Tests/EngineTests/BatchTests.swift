// Edits that are drawn together on the tiny model: each comes out as it would alone.
import Foundation
import Testing

import LimnerEngine

@Suite("Batches of edits")
struct BatchTests {
    private let model: DiffusionModel

    init() throws { model = try DiffusionModel(folder: Golden.modelFolder) }

    /// Another photo, sentence and seed for each number; the latent's sides are odd.
    private func edit(_ number: Int) -> Edit {
        let sentences = ["make it a pencil sketch", "charcoal", "a drawing in ink with thick lines"]
        let shape = [1, 5 * model.stride, 7 * model.stride, 3]
        return Edit(
            photo: random(shape, seed: 70 + UInt64(number), scale: 0.4),
            instruction: model.instruction(sentences[number]), noise: .seed(UInt64(number)))
    }

    /// The pictures of `edits`, drawn together.
    private func pictures(_ edits: [Edit], _ settings: EditSettings) throws -> [Tensor] {
        var latents: Tensor?
        for step in try Editor(model, edits: edits, settings: settings) {
            #expect(step.predictedOriginal.shape == step.latents.shape)
            latents = step.latents
        }
        let drawn = try #require(latents)
        return try edits.indices.map { try model.picture(drawn.batch($0..<$0 + 1)) }
    }

    private func difference(_ a: Tensor, _ b: Tensor) -> Float {
        a.shape == b.shape ? zip(a.values, b.values).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
    }

    @Test(
        "an edit in a batch gives the picture that it gives alone, wherever it stands",
        arguments: [Guidance(text: 1, image: 1), Guidance(text: 5, image: 1), Guidance(text: 5, image: 1.5)],
        [SamplerKind.eulerAncestral, .ddim, .dpmpp2M, .pndm])
    func together(guidance: Guidance, sampler: SamplerKind) throws {
        let settings = EditSettings(steps: 4, guidance: guidance, sampler: sampler)
        let edits = (0..<3).map(edit)
        let alone = try edits.map { try pictures([$0], settings)[0] }
        #expect(difference(alone[0], alone[1]) > 0.01)
        for order in [[0, 1], [2, 0, 1]] {
            let drawn = try pictures(order.map { edits[$0] }, settings)
            for (picture, number) in zip(drawn, order) {
                #expect(difference(picture, alone[number]) <= 1e-5, "edit \(number) among \(order)")
            }
        }
    }

    @Test("photo, instruction and seed each make a difference of their own in a batch")
    func parts() throws {
        let settings = EditSettings(steps: 2, guidance: Guidance(text: 5, image: 1.5))
        let (first, other) = (edit(0), edit(1))
        var edits = [first, first, first, first]
        edits[1].photo = other.photo
        edits[2].instruction = other.instruction
        edits[3].noise = other.noise
        let drawn = try pictures(edits, settings)
        for changed in drawn.dropFirst() { #expect(difference(changed, drawn[0]) > 1e-3) }
    }

    @Test("given noise is the edit's own, too")
    func given() throws {
        let settings = EditSettings(steps: 3, guidance: Guidance(text: 5, image: 1.5), sampler: .eulerAncestral)
        var edits = [edit(0), edit(1)]
        edits[1].noise = .given(latents: random([1, 4, 5, 7], seed: 81), steps: random([3, 4, 5, 7], seed: 82))
        let drawn = try pictures(edits, settings)
        for index in edits.indices {
            #expect(try difference(drawn[index], pictures([edits[index]], settings)[0]) <= 1e-5)
        }
    }

    @Test(
        "what edits drawn together may not differ in is named",
        arguments: ["edits", "photo", "instruction", "latents", "noise"])
    func refusals(name: String) {
        var edits = [edit(0), edit(1)]
        switch name {
        case "edits": edits = []
        case "photo": edits[1].photo = random([1, 7 * model.stride, 5 * model.stride, 3], seed: 90)
        case "instruction": edits[1].instruction = Instruction(rows: random([77, 16], seed: 91), wordCount: 1)
        case "latents": edits[1].noise = .given(latents: random([1, 4, 7, 5], seed: 92), steps: nil)
        default: edits[1].noise = .given(latents: random([1, 4, 5, 7], seed: 93), steps: nil)
        }
        let settings = EditSettings(steps: 2, guidance: Guidance(text: 5, image: 1.5), sampler: .eulerAncestral)
        #expect {
            try Editor(model, edits: edits, settings: settings)
        } throws: { error in
            if case EngineError.setting(name, _) = error { true } else { false }
        }
    }
}
