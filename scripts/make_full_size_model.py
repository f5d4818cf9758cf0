"""Writes a random model folder of the full InstructPix2Pix shape, for runs about time and memory.

The folder is laid out as timbrooks/instruct-pix2pix is in diffusers: 859,532,484 UNet parameters, 83,653,863 in the
autoencoder, 123,060,480 in the text tower, all F16. It draws nothing sensible; it loads, and every activation stays
finite. Tensors are made and written one at a time, so memory stays below a gigabyte. Needs NumPy only:

    python3 scripts/make_full_size_model.py --out full-size-model
"""

import argparse
import json
import math
import struct
import sys
from pathlib import Path

import numpy

UNET_PARAMETERS = 859_532_484
AUTOENCODER_PARAMETERS = 83_653_863
TEXT_PARAMETERS = 123_060_480

UNET_CONFIG = {
    "_class_name": "UNet2DConditionModel",
    "_diffusers_version": "0.12.0",
    "act_fn": "silu",
    "attention_head_dim": 8,
    "block_out_channels": [320, 640, 1280, 1280],
    "center_input_sample": False,
    "class_embed_type": None,
    "cross_attention_dim": 768,
    "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
    "downsample_padding": 1,
    "dual_cross_attention": False,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "in_channels": 8,
    "layers_per_block": 2,
    "mid_block_scale_factor": 1,
    "mid_block_type": "UNetMidBlock2DCrossAttn",
    "norm_eps": 1e-05,
    "norm_num_groups": 32,
    "num_class_embeds": None,
    "only_cross_attention": False,
    "out_channels": 4,
    "resnet_time_scale_shift": "default",
    "sample_size": 64,
    "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
    "upcast_attention": False,
    "use_linear_projection": False,
}

AUTOENCODER_CONFIG = {
    "_class_name": "AutoencoderKL",
    "_diffusers_version": "0.12.0",
    "act_fn": "silu",
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "in_channels": 3,
    "latent_channels": 4,
    "layers_per_block": 2,
    "norm_num_groups": 32,
    "out_channels": 3,
    "sample_size": 512,
    "scaling_factor": 0.18215,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
}

TEXT_CONFIG = {
    "architectures": ["CLIPTextModel"],
    "attention_dropout": 0.0,
    "bos_token_id": 0,
    "dropout": 0.0,
    "eos_token_id": 2,
    "hidden_act": "quick_gelu",
    "hidden_size": 768,
    "initializer_factor": 1.0,
    "initializer_range": 0.02,
    "intermediate_size": 3072,
    "layer_norm_eps": 1e-05,
    "max_position_embeddings": 77,
    "model_type": "clip_text_model",
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
    "pad_token_id": 1,
    "projection_dim": 768,
    "torch_dtype": "float16",
    "vocab_size": 49408,
}

SCHEDULER_CONFIG = {
    "_class_name": "EulerAncestralDiscreteScheduler",
    "_diffusers_version": "0.12.0",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "clip_sample": False,
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "trained_betas": None,
}

TOKENIZER_CONFIG = {
    "add_prefix_space": False,
    "bos_token": "<|startoftext|>",
    "do_lower_case": True,
    "eos_token": "<|endoftext|>",
    "errors": "replace",
    "model_max_length": 77,
    "pad_token": "<|endoftext|>",
    "tokenizer_class": "CLIPTokenizer",
    "unk_token": "<|endoftext|>",
}

MODEL_INDEX = {
    "_class_name": "StableDiffusionInstructPix2PixPipeline",
    "_diffusers_version": "0.12.0",
    "feature_extractor": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "EulerAncestralDiscreteScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


class Shapes:
    """Collects (name, shape, standard deviation or constant) in the order the file will hold them."""

    def __init__(self):
        self.tensors = []

    def add(self, name, shape, scale=0.0, centre=0.0):
        self.tensors.append((name, shape, scale, centre))

    def norm(self, name, channels):
        self.add(f"{name}.weight", (channels,), 0.0, 1.0)
        self.add(f"{name}.bias", (channels,))

    def linear(self, name, outputs, inputs, bias=True):
        self.add(f"{name}.weight", (outputs, inputs), 1 / math.sqrt(inputs))
        if bias:
            self.add(f"{name}.bias", (outputs,), 0.02)

    def convolution(self, name, outputs, inputs, side=3):
        self.add(f"{name}.weight", (outputs, inputs, side, side), 1 / math.sqrt(inputs * side * side))
        self.add(f"{name}.bias", (outputs,), 0.02)

    def resnet(self, name, outputs, inputs, time=None):
        self.norm(f"{name}.norm1", inputs)
        self.convolution(f"{name}.conv1", outputs, inputs)
        if time:
            self.linear(f"{name}.time_emb_proj", outputs, time)
        self.norm(f"{name}.norm2", outputs)
        self.convolution(f"{name}.conv2", outputs, outputs)
        if outputs != inputs:
            self.convolution(f"{name}.conv_shortcut", outputs, inputs, 1)

    def attention(self, name, channels, context):
        for part, inputs in (("to_q", channels), ("to_k", context), ("to_v", context)):
            self.linear(f"{name}.{part}", channels, inputs, bias=False)
        self.linear(f"{name}.to_out.0", channels, channels)

    def transformer(self, name, channels, context):
        block = f"{name}.transformer_blocks.0"
        self.norm(f"{name}.norm", channels)
        self.convolution(f"{name}.proj_in", channels, channels, 1)
        for index, width in ((1, channels), (2, context)):
            self.norm(f"{block}.norm{index}", channels)
            self.attention(f"{block}.attn{index}", channels, width)
        self.norm(f"{block}.norm3", channels)
        self.linear(f"{block}.ff.net.0.proj", 8 * channels, channels)
        self.linear(f"{block}.ff.net.2", channels, 4 * channels)
        self.convolution(f"{name}.proj_out", channels, channels, 1)


def unet_shapes():
    shapes, widths, time, context = Shapes(), UNET_CONFIG["block_out_channels"], 1280, 768
    shapes.convolution("conv_in", widths[0], 8)
    shapes.linear("time_embedding.linear_1", time, widths[0])
    shapes.linear("time_embedding.linear_2", time, time)
    skips = [widths[0]]
    channels = widths[0]
    for level, width in enumerate(widths):
        block = f"down_blocks.{level}"
        for layer in range(2):
            shapes.resnet(f"{block}.resnets.{layer}", width, channels, time)
            channels = width
            if level < 3:
                shapes.transformer(f"{block}.attentions.{layer}", width, context)
            skips.append(width)
        if level < 3:
            shapes.convolution(f"{block}.downsamplers.0.conv", width, width)
            skips.append(width)
    shapes.resnet("mid_block.resnets.0", channels, channels, time)
    shapes.transformer("mid_block.attentions.0", channels, context)
    shapes.resnet("mid_block.resnets.1", channels, channels, time)
    for level, width in enumerate(reversed(widths)):
        block = f"up_blocks.{level}"
        for layer in range(3):
            shapes.resnet(f"{block}.resnets.{layer}", width, channels + skips.pop(), time)
            channels = width
            if level > 0:
                shapes.transformer(f"{block}.attentions.{layer}", width, context)
        if level < 3:
            shapes.convolution(f"{block}.upsamplers.0.conv", width, width)
    shapes.norm("conv_norm_out", channels)
    shapes.convolution("conv_out", 4, channels)
    return shapes.tensors


def autoencoder_middle(shapes, name, channels):
    """The middle of encoder and decoder, its attention named as the files of that time name it."""
    shapes.resnet(f"{name}.resnets.0", channels, channels)
    shapes.norm(f"{name}.attentions.0.group_norm", channels)
    for part in ("query", "key", "value", "proj_attn"):
        shapes.linear(f"{name}.attentions.0.{part}", channels, channels)
    shapes.resnet(f"{name}.resnets.1", channels, channels)


def autoencoder_shapes():
    shapes, widths = Shapes(), AUTOENCODER_CONFIG["block_out_channels"]
    shapes.convolution("encoder.conv_in", widths[0], 3)
    channels = widths[0]
    for level, width in enumerate(widths):
        for layer in range(2):
            shapes.resnet(f"encoder.down_blocks.{level}.resnets.{layer}", width, channels)
            channels = width
        if level < 3:
            shapes.convolution(f"encoder.down_blocks.{level}.downsamplers.0.conv", width, width)
    autoencoder_middle(shapes, "encoder.mid_block", channels)
    shapes.norm("encoder.conv_norm_out", channels)
    shapes.convolution("encoder.conv_out", 8, channels)
    shapes.convolution("quant_conv", 8, 8, 1)
    shapes.convolution("post_quant_conv", 4, 4, 1)
    shapes.convolution("decoder.conv_in", channels, 4)
    autoencoder_middle(shapes, "decoder.mid_block", channels)
    for level, width in enumerate(reversed(widths)):
        for layer in range(3):
            shapes.resnet(f"decoder.up_blocks.{level}.resnets.{layer}", width, channels)
            channels = width
        if level < 3:
            shapes.convolution(f"decoder.up_blocks.{level}.upsamplers.0.conv", width, width)
    shapes.norm("decoder.conv_norm_out", channels)
    shapes.convolution("decoder.conv_out", 3, channels)
    return shapes.tensors


def text_shapes():
    shapes, width = Shapes(), TEXT_CONFIG["hidden_size"]
    shapes.add("text_model.embeddings.token_embedding.weight", (TEXT_CONFIG["vocab_size"], width), 0.5)
    shapes.add("text_model.embeddings.position_embedding.weight", (77, width), 0.1)
    for layer in range(TEXT_CONFIG["num_hidden_layers"]):
        block = f"text_model.encoder.layers.{layer}"
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            shapes.linear(f"{block}.self_attn.{part}", width, width)
        shapes.norm(f"{block}.layer_norm1", width)
        shapes.linear(f"{block}.mlp.fc1", 3072, width)
        shapes.linear(f"{block}.mlp.fc2", width, 3072)
        shapes.norm(f"{block}.layer_norm2", width)
    shapes.norm("text_model.final_layer_norm", width)
    return shapes.tensors


def write_safetensors(path, tensors, expected, seed):
    """Length, JSON header padded to eight bytes, then the tensors as F16, little-endian, without gaps."""
    header, offset, count = {"__metadata__": {"format": "pt"}}, 0, 0
    for name, shape, _, _ in tensors:
        size = math.prod(shape)
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [offset, offset + 2 * size]}
        offset, count = offset + 2 * size, count + size
    if count != expected:
        sys.exit(f"{path}: {count:,} parameters where {expected:,} belong; the shapes are wrong")
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    random = numpy.random.Generator(numpy.random.SFC64(seed))
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for _, shape, scale, centre in tensors:
            values = numpy.full(math.prod(shape), centre, dtype=numpy.float32)
            if scale:
                values += scale * random.standard_normal(values.size, dtype=numpy.float32)
            file.write(values.astype("<f2").tobytes())
    print(f"{path}: {count:,} parameters")


def byte_alphabet():
    """The 256 printable stand-ins for bytes that byte-level BPE vocabularies start with, in their usual order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + index) for index in range(len(others))]


def merges():
    """48,894 pairs, each made of tokens that exist before it and each spelling a new token."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    twos = [a + b for a in letters for b in letters]
    pairs = [(a, b) for a in letters for b in letters]
    pairs += [(a, b + "</w>") for a in letters for b in letters]
    pairs += [(two, a + "</w>") for two in twos for a in letters]
    pairs += [(two, a) for two in twos for a in letters]
    pairs += [(first, second) for first in twos for second in twos]
    return pairs[: 49408 - 512 - 2]


def write_tokenizer(folder):
    folder.mkdir(parents=True, exist_ok=True)
    alphabet, pairs = byte_alphabet(), merges()
    tokens = alphabet + [character + "</w>" for character in alphabet] + ["".join(pair) for pair in pairs]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    assert len(vocabulary) == 49408 and vocabulary["<|endoftext|>"] == 49407
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2"] + [f"{first} {second}" for first, second in pairs]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_json(folder / "tokenizer_config.json", TOKENIZER_CONFIG)
    special = {key: TOKENIZER_CONFIG[key] for key in ("bos_token", "eos_token", "pad_token", "unk_token")}
    write_json(folder / "special_tokens_map.json", special)


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--out", type=Path, required=True, help="folder to write; about 2.1 GB")
    out = parser.parse_args().out
    write_json(out / "model_index.json", MODEL_INDEX)
    write_json(out / "unet/config.json", UNET_CONFIG)
    write_json(out / "vae/config.json", AUTOENCODER_CONFIG)
    write_json(out / "text_encoder/config.json", TEXT_CONFIG)
    write_json(out / "scheduler/scheduler_config.json", SCHEDULER_CONFIG)
    write_tokenizer(out / "tokenizer")
    weights = "diffusion_pytorch_model.safetensors"
    write_safetensors(out / "text_encoder/model.safetensors", text_shapes(), TEXT_PARAMETERS, seed=1)
    write_safetensors(out / "vae" / weights, autoencoder_shapes(), AUTOENCODER_PARAMETERS, seed=2)
    write_safetensors(out / "unet" / weights, unet_shapes(), UNET_PARAMETERS, seed=3)


if __name__ == "__main__":
    main()
