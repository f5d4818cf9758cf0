#!/usr/bin/env python3
"""Write which weight of a single-file (CompVis) checkpoint is which weight of the tiny model: single-file-keys.json.

The CompVis layout of a model of any size is laid out here from its blocks, every tensor a number of its own, and
diffusers' converters say what they make of each. Needs torch and diffusers from PyPI; no network.
"""
import json, os
os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch, diffusers
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
from safetensors import safe_open

HERE = os.path.dirname(os.path.abspath(__file__))
load = lambda part: json.load(open(os.path.join(HERE, "tiny-ip2p", part, "config.json")))
unet, vae = load("unet"), load("vae")
BOTH = lambda *names: [f"{n}.{e}" for n in names for e in ("weight", "bias")]
RES = BOTH("in_layers.0", "in_layers.2", "emb_layers.1", "out_layers.0", "out_layers.3")
T = "transformer_blocks.0."
ATT = BOTH("norm", "proj_in", "proj_out", *(T + n for n in ("norm1", "norm2", "norm3", "ff.net.0.proj", "ff.net.2",
           "attn1.to_out.0", "attn2.to_out.0"))) + [T + f"attn{i}.to_{c}.weight" for i in (1, 2) for c in "qkv"]
keys = ["time_embed.0", "time_embed.2", "input_blocks.0.0", "out.0", "out.2"]
keys = BOTH(*keys)
put = lambda prefix, names: keys.extend(f"{prefix}.{n}" for n in names)
number, last = 1, len(unet["block_out_channels"]) - 1
width = unet["block_out_channels"][0]
stack = [width]
for b, kind in enumerate(unet["down_block_types"]):
    for _ in range(unet["layers_per_block"]):
        out = unet["block_out_channels"][b]
        put(f"input_blocks.{number}.0", RES + (BOTH("skip_connection") if width != out else []))
        if "Cross" in kind: put(f"input_blocks.{number}.1", ATT)
        width = out; stack.append(width); number += 1
    if b < last: put(f"input_blocks.{number}.0", BOTH("op")); stack.append(width); number += 1
for n, names in ((0, RES), (1, ATT), (2, RES)): put(f"middle_block.{n}", names)
number = 0
for b, kind in enumerate(unet["up_block_types"]):
    for layer in range(unet["layers_per_block"] + 1):
        put(f"output_blocks.{number}.0", RES + BOTH("skip_connection")); place = 1
        if "Cross" in kind: put(f"output_blocks.{number}.1", ATT); place = 2
        if layer == unet["layers_per_block"] and b < last: put(f"output_blocks.{number}.{place}", BOTH("conv"))
        number += 1
unet_keys, keys = keys, []
keys.extend(BOTH("quant_conv", "post_quant_conv"))
RES = BOTH("norm1", "conv1", "norm2", "conv2")
n, layers, channels = len(vae["block_out_channels"]), vae["layers_per_block"], vae["block_out_channels"]
for half in ("encoder", "decoder"):
    keys.extend(BOTH(*(f"{half}.{m}" for m in ("conv_in", "conv_out", "norm_out"))))
    for m in ("block_1", "block_2"): put(f"{half}.mid.{m}", RES)
    put(f"{half}.mid.attn_1", BOTH("norm", "q", "k", "v", "proj_out"))
for b in range(n):
    for layer in range(layers):
        put(f"encoder.down.{b}.block.{layer}", RES + (BOTH("nin_shortcut") if layer == 0 and b and channels[b] != channels[b - 1] else []))
    if b < n - 1: put(f"encoder.down.{b}.downsample", BOTH("conv"))
    for layer in range(layers + 1):
        put(f"decoder.up.{b}.block.{layer}", RES + (BOTH("nin_shortcut") if layer == 0 and b < n - 1 and channels[b] != channels[b + 1] else []))
    if b: put(f"decoder.up.{b}.upsample", BOTH("conv"))
vae_keys = keys

def mapping(prefix, names, convert, config, part):
    state = {prefix + k: torch.tensor([[float(i)]]) for i, k in enumerate(names)}
    made = {k: prefix + names[int(v.flatten()[0])] for k, v in convert(dict(state), config).items()}
    with safe_open(os.path.join(HERE, "tiny-ip2p", part, "diffusion_pytorch_model.safetensors"), "pt") as f: real = set(f.keys())
    assert set(made) == real, sorted(set(made) ^ real)[:10]
    assert len(made) == len(names)
    return made

json.dump({"diffusers": diffusers.__version__,
           "unet": mapping("model.diffusion_model.", unet_keys, convert_ldm_unet_checkpoint, unet, "unet"),
           "vae": mapping("first_stage_model.", vae_keys, convert_ldm_vae_checkpoint, vae, "vae")},
          open(os.path.join(HERE, "single-file-keys.json"), "w"), indent=0)
print(len(unet_keys), len(vae_keys))
