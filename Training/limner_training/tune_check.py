"""The point of it all, tried: tune the instruction on one pair of a style drawn in another way, then sketch other
photos.

The style is made with Pillow's own filters, which share nothing with the training operators. The tuned rows lie
strictly between BOS and EOS; the loss is the guided v-MSE in its one-branch form, since only the text branch carries
a gradient, or tone and contrast of the clean latent, as the model's defaults say.
"""

import json
import random
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from PIL import Image

from .held_out.comic import draw as foreign_style
from .losses import tone_and_contrast

SENTENCE = "turn it into a pencil sketch with thick strong lines"


def fit(image: Image.Image, size: int, stride: int = 16) -> Image.Image:
    """Long side `size`, sides rounded to the stride."""
    scale = size / max(image.size)
    return image.resize([max(stride, round(s * scale / stride) * stride) for s in image.size], Image.Resampling.LANCZOS)


def rows_of(pipe: StableDiffusionInstructPix2PixPipeline, text: str) -> tuple[torch.Tensor, int]:
    """The instruction's rows [1, 77, D] and how many lie between BOS and EOS."""
    tokens = pipe.tokenizer(text, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
    free = int((tokens[0, 1:] == pipe.tokenizer.eos_token_id).int().argmax())
    with torch.no_grad():
        return pipe.text_encoder(tokens).last_hidden_state, free


def latents(pipe: StableDiffusionInstructPix2PixPipeline, image: Image.Image) -> torch.Tensor:
    """The unscaled mode of the picture's latents."""
    x = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 127.5 - 1
    with torch.no_grad():
        return pipe.vae.encode(x).latent_dist.mode()


def tune(
    pipe,
    photo: Image.Image,
    sketch: Image.Image,
    text: str = SENTENCE,
    steps: int = 40,
    learning_rate: float = 0.3,
    text_guidance: float = 1.0,
    first_timestep: int = 990,
    objective: str = "prediction",
    unit_gradients: bool = False,
    seed: int = 0,
) -> tuple[torch.Tensor, list[float]]:
    """The tuned rows [1, 77, D] and the loss at each step, with image guidance 1.

    Timesteps are drawn from first_timestep up: a model that sketches in one step needs the last ones only. With
    unit_gradients every step's gradient is brought to length 1.
    """
    for part in (pipe.unet, pipe.vae, pipe.text_encoder):
        part.requires_grad_(False)
    start, free = rows_of(pipe, text)
    null, _ = rows_of(pipe, "")
    seen, clean = latents(pipe, photo), latents(pipe, sketch) * pipe.vae.config.scaling_factor
    content = start[:, 1 : free + 1].clone().requires_grad_(True)
    optimizer = torch.optim.AdamW([content], lr=learning_rate, weight_decay=0.0)
    order = [first_timestep + int((i + 0.5) * (1000 - first_timestep) / steps) for i in range(steps)]
    random.Random(seed).shuffle(order)
    generator, curve = torch.Generator().manual_seed(seed), []
    for t in order:
        a = pipe.scheduler.alphas_cumprod[t]
        noise = torch.randn(clean.shape, generator=generator)
        noisy = torch.cat([a.sqrt() * clean + (1 - a).sqrt() * noise, seen], 1)
        with torch.no_grad():
            image_branch = pipe.unet(noisy, t, null).sample
        wanted = image_branch + (a.sqrt() * noise - (1 - a).sqrt() * clean - image_branch) / text_guidance
        rows = torch.cat([start[:, :1], content, start[:, free + 1 :]], 1)
        off = text_guidance * (pipe.unet(noisy, t, rows).sample - wanted)
        if objective == "tone_and_contrast":
            loss = tone_and_contrast(clean - (1 - a).sqrt() * off, clean).mean()
        else:
            loss = off.square().mean()
        optimizer.zero_grad()
        loss.backward()
        if unit_gradients and content.grad.norm() > 0:
            content.grad /= content.grad.norm()
        optimizer.step()
        curve.append(loss.item())
    return torch.cat([start[:, :1], content.detach(), start[:, free + 1 :]], 1), curve


def sketch(
    pipe, photo: Image.Image, rows: torch.Tensor, steps: int, text_guidance: float, image_guidance: float, seed: int = 0
) -> Image.Image:
    """One sketch with the diffusers pipeline."""
    null, _ = rows_of(pipe, "")
    return pipe(
        prompt_embeds=rows,
        negative_prompt_embeds=null,
        image=photo,
        num_inference_steps=steps,
        guidance_scale=text_guidance,
        image_guidance_scale=image_guidance,
        generator=torch.Generator().manual_seed(seed),
    ).images[0]


def sheet(rows: list[list[Image.Image]]) -> Image.Image:
    """Pictures in rows on white."""
    height = [max(i.height for i in row) for row in rows]
    out = Image.new("RGB", (max(sum(i.width for i in row) for row in rows), sum(height)), "white")
    for y, row in enumerate(rows):
        x = 0
        for image in row:
            out.paste(image, (x, sum(height[:y])))
            x += image.width
    return out


def check(model: Path, photos: Path, out: Path, seed: int = 0, count: int = 4) -> None:
    """Tunes on the first photo of the folder; a contact sheet of photo, wanted, untuned and tuned sketch of each."""

    pipe = StableDiffusionInstructPix2PixPipeline.from_pretrained(model, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    defaults = json.loads((model / "limner.json").read_text())
    paths = sorted(p for p in photos.iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png"))[: count + 1]
    pictures = [fit(Image.open(p).convert("RGB"), defaults["size"]) for p in paths]
    settings = {k: v for k, v in defaults["tuning"].items() if k != "match_tones"}
    tuned, curve = tune(pipe, pictures[0], foreign_style(pictures[0]), seed=seed, **settings)
    fifth = max(1, len(curve) // 5)
    print(f"loss: first fifth {np.mean(curve[:fifth]):.4f}, last fifth {np.mean(curve[-fifth:]):.4f}")
    start, _ = rows_of(pipe, SENTENCE)
    how = (defaults["steps"], defaults["text_guidance"], defaults["image_guidance"], seed)
    sheet([[p, foreign_style(p), sketch(pipe, p, start, *how), sketch(pipe, p, tuned, *how)] for p in pictures]).save(
        out
    )
