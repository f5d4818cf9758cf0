"""The diffusers side of scripts/bench: loads once, then does one piece of work per line read and prints its seconds.

`sketch` draws every photo in F32 with the folder's own scheduler, encoding and decoding included. `tune` makes the
steps of tuning alone: forward and backward of the instructed branch and AdamW, without the two other branches that
guidance needs, and without a probe, which is less than Limner does in the same measurement.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import diffusers
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from PIL import Image

SENTENCE = "turn it into a pencil sketch"


def sized(path, long_side, stride):
    """The photo with that long side and sides rounded up to the stride, as Limner's canvas."""
    photo = Image.open(path).convert("RGB")
    scale = long_side / max(photo.size)
    return photo.resize([-(-round(side * scale) // stride) * stride for side in photo.size], Image.LANCZOS)


def sketch(pipe, photos, steps, text_guidance, image_guidance):
    for photo in photos:
        pipe(SENTENCE, image=photo, num_inference_steps=steps, guidance_scale=text_guidance,
             image_guidance_scale=image_guidance, generator=torch.Generator().manual_seed(0))


def tune(pipe, photo, steps):
    with torch.no_grad():
        ids = pipe.tokenizer(SENTENCE, padding="max_length", max_length=pipe.tokenizer.model_max_length,
                             return_tensors="pt").input_ids
        rows = pipe.text_encoder(ids)[0]
        picture = pipe.image_processor.preprocess(photo)
        latent = pipe.vae.encode(picture).latent_dist.mode()
    rows = rows.detach().clone().requires_grad_(True)
    optimizer = torch.optim.AdamW([rows], lr=1e-3)
    for step in range(steps):
        noise = torch.randn_like(latent)
        optimizer.zero_grad()
        prediction = pipe.unet(torch.cat([latent + noise, latent], dim=1), 1000 * step // steps, rows).sample
        torch.nn.functional.mse_loss(prediction, noise).backward()
        optimizer.step()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--tune-steps", type=int, required=True)
    parser.add_argument("photos", nargs="+")
    options = parser.parse_args()
    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(
        options.model, torch_dtype=torch.float32, safety_checker=None, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    pipe.unet.requires_grad_(False)
    defaults = Path(options.model, "limner.json")
    defaults = json.loads(defaults.read_text()) if defaults.exists() else {}
    guidance = defaults.get("text_guidance", 7.5), defaults.get("image_guidance", 1.5)
    photos = [sized(path, options.size, pipe.vae_scale_factor) for path in options.photos]
    tune(pipe, photos[0], 1)
    print(f"{diffusers.__version__} on torch {torch.__version__}, {torch.get_num_threads()} threads, F32", flush=True)
    for line in sys.stdin:
        begun = time.perf_counter()
        if line.strip() == "sketch":
            sketch(pipe, photos, options.steps, *guidance)
        else:
            tune(pipe, photos[0], options.tune_steps)
        print(f"{time.perf_counter() - begun:.3f}", flush=True)


if __name__ == "__main__":
    main()
