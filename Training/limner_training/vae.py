"""Trains the small autoencoder on photos and procedural drawings, and measures what it keeps of them.

Factor 2, four latent channels. The decoder is trained on latents with a little noise, so that small errors of the
diffusion model stay small in the picture; a penalty keeps the latents near unit size.
"""

import math
import random

import torch
from diffusers import AutoencoderKL

from . import operators, styles
from .data import Photos
from .losses import edge_l1, l1
from .runlog import Run, rate

NOISE = 0.08


def build(channels=(32, 48, 64), groups: int = 16) -> AutoencoderKL:
    """An untrained autoencoder with stride 2^(len(channels) - 1)."""
    n = len(channels)
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * n,
        up_block_types=("UpDecoderBlock2D",) * n,
        block_out_channels=channels,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=groups,
        sample_size=256,
        mid_block_add_attention=False,
    )


def pictures(photos: Photos, count: int, size: int, rng: random.Random, photo_share: float = 0.35) -> torch.Tensor:
    """A mixed batch of photos and drawings, [count, 3, size, size] in -1...1."""
    x = photos.crops(count, size, rng)
    drawn = operators.draw(x, styles.batch([styles.sample(rng)[1] for _ in range(count)]))
    keep = torch.tensor([rng.random() < photo_share for _ in range(count)]).view(-1, 1, 1, 1)
    return torch.where(keep, x, drawn) * 2 - 1


def _colour(x: torch.Tensor) -> torch.Tensor:
    """Colour without detail: means over 4 x 4 pixels, less the mean of the three channels, and that mean itself."""
    x = torch.nn.functional.avg_pool2d(x, 4)
    gray = x.mean(1, keepdim=True)
    return torch.cat([x - gray, 0.3 * gray], 1)


def train(
    photos: Photos,
    run: Run,
    *,
    channels=(32, 48, 64),
    groups: int = 16,
    batch: int = 6,
    size: int = 96,
    peak: float = 2e-3,
    colour_weight: float = 5.0,
    seed: int = 0,
    device: str = "cpu",
    max_steps: int | None = None,
) -> AutoencoderKL:
    """Trains until the run's minutes are used (or max_steps); resumes from the run's checkpoint."""
    torch.manual_seed(seed)
    model = build(channels, groups).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(model.parameters(), lr=peak, betas=(0.9, 0.98), weight_decay=1e-4)
    step, state = 0, run.load(device)
    if state:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    rng = random.Random(seed * 1_000_003 + step)
    total = 0.0
    while run.progress() < 1 and (max_steps is None or step < max_steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(run.progress(), step, peak)
        x = pictures(photos, batch, size, rng).to(device, memory_format=torch.channels_last)
        with torch.autocast(device, dtype=torch.bfloat16):
            posterior = model.encode(x).latent_dist
            z = posterior.mean
            y = model.decode(z + NOISE * torch.randn_like(z)).sample
        y, z = y.float(), z.float()
        loss = (l1(y, x) + edge_l1(y, x) + colour_weight * l1(_colour(y), _colour(x))).mean()
        keep = 2e-3 * (z.square() - 1).clamp_min(0).mean() + 1e-4 * z.mean((0, 2, 3)).square().mean()
        width = 1e-4 * (posterior.logvar.float() - 2 * math.log(NOISE)).square().mean()
        optimizer.zero_grad(set_to_none=True)
        (loss + keep + width).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total, step = total + loss.item(), step + 1
        if step % 50 == 0:
            run.log(step=step, samples=step * batch, loss=total / 50, latent_std=z.std().item())
            total = 0.0
        if step % 400 == 0:
            run.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step})
    model.register_to_config(scaling_factor=round(1 / latent_std(model, photos, size, device), 4))
    run.save(
        {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "step": step,
            "scaling": model.config.scaling_factor,
        }
    )
    return model


def polish(
    model: AutoencoderKL,
    photos: Photos,
    run: Run,
    *,
    batch: int = 4,
    size: int = 128,
    peak: float = 7e-4,
    seed: int = 1,
    max_steps: int | None = None,
) -> AutoencoderKL:
    """Trains the decoder alone for the run's minutes; the latents, and so a trained UNet, stay as they are."""
    torch.manual_seed(seed)
    model.requires_grad_(False)
    decoder = [*model.decoder.parameters(), *model.post_quant_conv.parameters()]
    for weight in decoder:
        weight.requires_grad_(True)
    optimizer, rng, step, total = torch.optim.AdamW(decoder, lr=peak, betas=(0.9, 0.98)), random.Random(seed), 0, 0.0
    while run.progress() < 1 and (max_steps is None or step < max_steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(run.progress(), step, peak, warmup=20)
        x = pictures(photos, batch, size, rng, photo_share=0.2)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            z = model.encode(x).latent_dist.mode()
            y = model.decode(z + NOISE * torch.randn_like(z)).sample.float()
        loss = (l1(y, x) + edge_l1(y, x) + 8 * l1(_colour(y), _colour(x))).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder, 1.0)
        optimizer.step()
        total, step = total + loss.item(), step + 1
        if step % 25 == 0:
            run.log(step=step, samples=step * batch, loss=total / 25)
            total = 0.0
    return model


@torch.no_grad()
def latent_std(model: AutoencoderKL, photos: Photos, size: int, device: str = "cpu", count: int = 64) -> float:
    """Standard deviation of the latents of photos and drawings."""
    x = pictures(photos, count, size, random.Random(7)).to(device)
    return torch.cat([model.encode(part).latent_dist.mode() for part in x.split(8)]).std().item()


@torch.no_grad()
def ceiling(model: AutoencoderKL, photos: Photos, size: int = 256, count: int = 48) -> dict[str, float]:
    """PSNR (dB, mean over pictures) of encoding and decoding photos and drawings of the given size."""
    result = {}
    for name, share in (("photos", 1.0), ("drawings", 0.0)):
        x = pictures(photos, count, size, random.Random(11), share)
        y = torch.cat([model.decode(model.encode(p).latent_dist.mode()).sample for p in x.split(4)]).clamp(-1, 1)
        mse = ((x - y) / 2).square().mean((1, 2, 3)).clamp_min(1e-10)
        result[name] = (-10 * torch.log10(mse)).mean().item()
    return result
