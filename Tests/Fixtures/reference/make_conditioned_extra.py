#!/usr/bin/env python3
"""Write what diffusers computes with a tiny UNet whose residual blocks are scaled and shifted by a pooled instruction
(`conditioned-unet/`), and what torch computes with a tiny instruction encoder (`instruction-encoder/`) and with the tuning objective on the clean latent:
conditioned-extra.safetensors.

Needs torch, diffusers and safetensors from PyPI and the project's own `Training`; seeded; no network; a few seconds.
"""
import json, os, sys
os.environ.setdefault("HF_HUB_OFFLINE", "1")
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../Training"))
import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file
from limner_training.export import save_encoder
from limner_training.losses import tone_and_contrast
from limner_training.model import InstructionEncoder
from limner_training.vae import LATENTS

torch.manual_seed(20261123)
unet = UNet2DConditionModel(
    sample_size=8, in_channels=8, out_channels=4, block_out_channels=(8, 16), layers_per_block=1,
    down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    cross_attention_dim=16, attention_head_dim=2, norm_num_groups=4,
    resnet_time_scale_shift="scale_shift", addition_embed_type="text", addition_embed_type_num_heads=4).eval()
unet.save_pretrained(os.path.join(HERE, "conditioned-unet"))
x, rows = torch.randn(2, 8, 10, 6), torch.randn(2, 7, 16)
t = torch.tensor([999, 250])
wanted = torch.randn(2, 4, 10, 6)
watched = rows.clone().requires_grad_(True)
seen = {}
unet.add_embedding.register_forward_hook(lambda module, inputs, output: seen.update(pooled=output))
out = unet(x, t, watched).sample
loss = (out - wanted).square().mean()
loss.backward()

encoder = InstructionEncoder((8, 16), 12, 3, 16).eval()
save_encoder(encoder, os.path.join(HERE, "instruction-encoder"))
photo, sketch = torch.randn(1, LATENTS, 10, 6), torch.randn(1, LATENTS, 10, 6)
with torch.no_grad():
    proposed = encoder(photo, sketch)
guess, clean = torch.randn(1, 4, 12, 7, requires_grad=True), torch.randn(1, 4, 12, 7)
tone_loss = tone_and_contrast(guess, clean).mean()
tone_loss.backward()
tensors = dict(guess=guess, clean=clean, tone_loss=tone_loss.reshape(1), tone_gradient=guess.grad,
               x=x, rows=rows, out=out, pooled=seen["pooled"], wanted=wanted, loss=loss.reshape(1), gradient=watched.grad,
               photo=photo, sketch=sketch, proposed=proposed)
save_file({k: v.detach().contiguous() for k, v in tensors.items()}, os.path.join(HERE, "conditioned-extra.safetensors"))
