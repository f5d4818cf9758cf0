"""Draws photos with diffusers' own pipeline and with Limner, from the same model folder, instruction and noise, and
prints the PSNR between the two. The instruction is a sentence, or a tuned style's rows, whose tone curves are applied.

    python scripts/parity_diffusers.py --limner .build/release/limner --model Models/limner-mini \\
        --text "a pencil sketch" examples/photos/*.jpg
    python scripts/parity_diffusers.py … --registry REGISTRY --style NAME PHOTOS

Needs torch, diffusers and transformers; both sides compute in F32. Exits 1 when a picture is below --least dB.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file


def sized(path, long_side, stride):
    """The photo with that long side and sides in multiples of the stride, which neither program then changes."""
    photo = Image.open(path).convert("RGB")
    scale = long_side / max(photo.size)
    return photo.resize([max(stride, round(side * scale / stride) * stride) for side in photo.size], Image.LANCZOS)


def theirs(pipe, photo, options, defaults, latents):
    curves = None
    if options.style:
        path = options.registry / "styles" / options.style / "style.safetensors"
        style = load_file(path)
        rows, curves = style["instruction"][None], style.get("tone_curves")
        told = {"prompt_embeds": rows, "negative_prompt_embeds": empty_rows(pipe)}
    else:
        told = {"prompt": options.text}
    picture = pipe(**told, image=photo, num_inference_steps=options.steps or defaults["steps"], latents=latents.clone(),
                   guidance_scale=defaults["text_guidance"], image_guidance_scale=defaults["image_guidance"],
                   output_type="np").images[0]
    levels = np.round(picture * 255)
    if curves is None:
        return levels
    levels = levels.astype(np.uint8)
    with safe_open(path, "np") as file:
        if file.metadata().get("tone_source") == "luma":
            levels = np.repeat(np.array(Image.fromarray(levels).convert("L"))[..., None], 3, -1)
    return np.stack([np.round(curves[c].numpy()[levels[..., c]]) for c in range(3)], -1)


def empty_rows(pipe):
    ids = pipe.tokenizer("", padding="max_length", max_length=pipe.tokenizer.model_max_length,
                         return_tensors="pt").input_ids
    with torch.no_grad():
        return pipe.text_encoder(ids)[0]


def ours(options, folder):
    told = ["--registry", options.registry, "--style", options.style] if options.style else ["--text", options.text]
    steps = ["--steps", str(options.steps)] if options.steps else []
    subprocess.run([options.limner, "sketch", "--model", options.model, *told, *steps, "--size", "original",
                    "--latents", folder / "noise.safetensors", "--output", folder / "ours.png", folder / "photo.png"],
                   check=True, stdout=subprocess.DEVNULL)
    return np.asarray(Image.open(folder / "ours.png").convert("RGB")).astype(float)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--limner", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--text", default="turn it into a pencil sketch")
    parser.add_argument("--registry", type=Path)
    parser.add_argument("--style")
    parser.add_argument("--steps", type=int, help="default: the model's")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--least", type=float, default=40.0)
    parser.add_argument("photos", type=Path, nargs="+")
    options = parser.parse_args()
    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(options.model, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    defaults = {"steps": 20, "text_guidance": 7.5, "image_guidance": 1.5}
    if (options.model / "limner.json").exists():
        defaults |= json.loads((options.model / "limner.json").read_text())
    stride, lowest = pipe.vae_scale_factor, np.inf
    for number, path in enumerate(options.photos):
        with tempfile.TemporaryDirectory() as name:
            folder, photo = Path(name), sized(path, options.size, stride)
            photo.save(folder / "photo.png")
            shape = (1, pipe.unet.config.out_channels, photo.height // stride, photo.width // stride)
            latents = torch.randn(shape, generator=torch.Generator().manual_seed(number))
            save_file({"latents": latents}, folder / "noise.safetensors")
            error = np.square(theirs(pipe, photo, options, defaults, latents) - ours(options, folder)).mean()
        psnr = 10 * np.log10(255**2 / max(error, 1e-9))
        lowest = min(lowest, psnr)
        print(f"{path}: {psnr:.1f} dB")
    print(f"lowest of {len(options.photos)}: {lowest:.1f} dB")
    sys.exit(int(lowest < options.least))


if __name__ == "__main__":
    main()
