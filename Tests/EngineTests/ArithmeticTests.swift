// The count of operations against PyTorch's own FlopCounterMode, run on diffusers' networks of the same configurations:
// forward passes without gradients, and forward plus backward down to the instruction.

import LimnerEngine
import Testing

@Suite("The arithmetic of the networks")
struct ArithmeticTests {
    /// What differs from diffusers' defaults in the full InstructPix2Pix UNet.
    private func full() throws -> UNetConfiguration {
        try UNetConfiguration(file(["in_channels": .integer(8), "cross_attention_dim": .integer(768)]))
    }

    /// The UNet of limner-mini: the instruction also joins the time embedding.
    private func mini() throws -> UNetConfiguration {
        let (plain, attends) = (JSONValue.string("DownBlock2D"), JSONValue.string("CrossAttnDownBlock2D"))
        let (up, upAttends) = (JSONValue.string("UpBlock2D"), JSONValue.string("CrossAttnUpBlock2D"))
        return try UNetConfiguration(
            file([
                "in_channels": .integer(8), "addition_embed_type": .string("text"),
                "addition_embed_type_num_heads": .integer(8), "attention_head_dim": .integer(4),
                "block_out_channels": .array([32, 64, 96, 160].map { .integer($0) }),
                "cross_attention_dim": .integer(128), "down_block_types": .array([plain, plain, attends, attends]),
                "up_block_types": .array([upAttends, upAttends, up, up]), "layers_per_block": .integer(1),
                "norm_num_groups": .integer(16), "resnet_time_scale_shift": .string("scale_shift"),
            ]))
    }

    private func file(_ members: [String: JSONValue]) -> JSONFile { JSONFile(path: "config.json", members: members) }

    @Test("three branches of the full UNet at 512 take 2,410 GFLOP, by kind")
    func branches512() throws {
        let count = try full().arithmetic(batch: 3, height: 64, width: 64, tokens: 77).forward
        #expect(count.convolution == 1_332_121_436_160)
        #expect(count.linear == 537_457_459_200 + 162_367_733_760)
        #expect(count.attention == 378_156_810_240)
    }

    @Test("three branches at 256 take 540 GFLOP")
    func branches256() throws {
        let count = try full().arithmetic(batch: 3, height: 32, width: 32, tokens: 77).forward
        #expect(count.total == 540_390_113_280)
    }

    @Test("a tuning step counts only the adjoints above the first cross-attention")
    func tuningStep() throws {
        let small = try full().arithmetic(batch: 1, height: 32, width: 32, tokens: 77)
        #expect((small.forward + small.backward).total == 360_934_522_880)
        #expect(small.backward.convolution == 106_978_344_960)
        let large = try full().arithmetic(batch: 1, height: 64, width: 64, tokens: 77)
        #expect((large.forward + large.backward).total == 1_669_259_264_000)
    }

    @Test("an instruction that joins the time embedding is followed through every block")
    func pooledInstruction() throws {
        let step = try mini().arithmetic(batch: 1, height: 128, width: 128, tokens: 77)
        #expect(3 * step.forward.total == 43_613_402_112)
        #expect(step.backward.convolution == 10_637_803_520)
        #expect((step.forward + step.backward).total == 30_215_140_352)
    }

    @Test(
        "the autoencoder's two ways",
        arguments: [
            (256, 272_722_165_760.0, 622_187_282_432.0), (512, 1_116_658_466_816.0, 2_514_518_933_504.0),
        ])
    func autoencoder(side: Int, encoding: Double, decoding: Double) throws {
        let levels = { (name: String) in JSONValue.array(Array(repeating: .string(name), count: 4)) }
        let autoencoder = try AutoencoderConfiguration(
            file([
                "block_out_channels": .array([128, 256, 512, 512].map { .integer($0) }),
                "layers_per_block": .integer(2), "down_block_types": levels("DownEncoderBlock2D"),
                "up_block_types": levels("UpDecoderBlock2D"),
            ]))
        #expect(autoencoder.encoding(batch: 1, height: side, width: side).total == encoding)
        #expect(autoencoder.decoding(batch: 1, height: side, width: side).total == decoding)
    }

    @Test("the text tower of 12 layers, and limner-mini's of 3")
    func textTower() throws {
        let full = try TextEncoderConfiguration(
            file([
                "hidden_size": .integer(768), "intermediate_size": .integer(3072), "num_attention_heads": .integer(12),
            ]))
        #expect(full.arithmetic(tokens: 77).total == 13_298_503_680)
        let mini = try TextEncoderConfiguration(
            file([
                "hidden_size": .integer(128), "intermediate_size": .integer(384), "num_attention_heads": .integer(4),
                "num_hidden_layers": .integer(3),
            ]))
        #expect(mini.arithmetic(tokens: 77).total == 84_801_024)
    }
}
