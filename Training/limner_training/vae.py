"""The small autoencoder: an encoder that is set by hand, a decoder that is trained; and what the two keep of a picture.

Factor 2, six latent channels: of every 2 x 2 pixels the brightness in the four bands of a Haar transform, and two mean
colours. So the latents lose nothing of a gray drawing. A decoder that begins with nearest-neighbour upsampling cannot
undo the transform exactly, so it is trained, on latents with a little noise, so that small errors of the diffusion
model stay small in the picture.

A convolution, a group norm and SiLU make a linear map when every number x is carried beside its negative and a large
constant of both signs: the mean of such a group is 0, its deviation all but constant, and SiLU(x) - SiLU(-x) = x.
"""

import math
import random

import torch
from diffusers import AutoencoderKL
from torch import nn

from . import operators, styles
from .data import Photos
from .losses import edge_l1, l1
from .runlog import Run, rate, reduced

NOISE = 0.05
LATENTS = 6
# Brightness, blue less brightness, red less brightness, from red, green and blue (BT.601).
_COLOUR = ((0.299, 0.587, 0.114), (-0.299, -0.587, 0.886), (0.701, -0.587, -0.114))
# Signs of the four bands over pixels (0,0), (0,1), (1,0), (1,1), and gains that bring the latents nearer to one size.
_HAAR = ((1, 1, 1, 1), (1, -1, 1, -1), (1, 1, -1, -1), (1, -1, -1, 1))
_GAINS = (1.25, 5.0, 5.0, 5.0, 3.0, 3.0)
# Drawings are mostly paper: the mean brightness, in -1...1, that becomes 0.
_PAPER = 0.4
_CONSTANT = 64.0


def build(channels: tuple[int, int] = (24, 48), groups: int = 4) -> AutoencoderKL:
    """The autoencoder with its encoder set, and a decoder that shows every 2 x 2 pixels in one colour."""
    if len(channels) != 2 or channels[0] < 3 or channels[0] % groups or channels[1] % groups:
        raise ValueError(f"channels {channels} must be two multiples of {groups} groups")
    model = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        block_out_channels=channels,
        layers_per_block=1,
        latent_channels=LATENTS,
        norm_num_groups=groups,
        sample_size=256,
        mid_block_add_attention=False,
        scaling_factor=2.0,
    )
    with torch.no_grad():
        for name, module in model.named_modules():
            if name.endswith("conv2"):
                nn.init.zeros_(module.weight)
                nn.init.zeros_(module.bias)
        _set_encoder(model)
        _set_decoder(model)
    return model


def _set_encoder(model: AutoencoderKL) -> None:
    encoder = model.encoder
    first, down = encoder.conv_in, encoder.down_blocks[0].downsamplers[0].conv
    for layer in (first, down, encoder.conv_out, model.quant_conv):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    first.weight[:3, :, 1, 1] = torch.tensor(_COLOUR)
    for k, gain in enumerate(_GAINS):
        signs = torch.tensor(_HAAR[k] if k < 4 else _HAAR[0], dtype=torch.float32)
        down.weight[k, max(0, k - 3), :2, :2] = gain * signs.view(2, 2) / 4
    down.bias[0] = -_GAINS[0] * _PAPER
    places = _carry(encoder.down_blocks[1].resnets[0].conv_shortcut, encoder.conv_norm_out, LATENTS)
    for k, place in enumerate(places):
        encoder.conv_out.weight[k, place, 1, 1], encoder.conv_out.weight[k, place + 1, 1, 1] = 1, -1
    encoder.conv_out.bias[LATENTS:] = 2 * math.log(NOISE)
    model.quant_conv.weight[:, :, 0, 0] = torch.eye(2 * LATENTS)


def _set_decoder(model: AutoencoderKL) -> None:
    decoder, up = model.decoder, model.decoder.up_blocks[0].upsamplers[0].conv
    nn.init.zeros_(model.post_quant_conv.bias)
    model.post_quant_conv.weight[:, :, 0, 0] = torch.eye(LATENTS)
    decoder.conv_in.weight[:LATENTS] = 0
    decoder.conv_in.weight[:LATENTS, :, 1, 1] = torch.eye(LATENTS)
    decoder.conv_in.bias[:LATENTS] = 0
    # Red, green and blue from the mean brightness and the two colours.
    up.weight[:3], up.bias[:3] = 0, _PAPER
    colours = torch.linalg.inv(torch.tensor(_COLOUR))
    for k, latent in enumerate((0, 4, 5)):
        up.weight[:3, latent, 1, 1] = colours[:, k] / _GAINS[latent]
    places = _carry(decoder.up_blocks[1].resnets[0].conv_shortcut, decoder.conv_norm_out, 3)
    nn.init.zeros_(decoder.conv_out.weight)
    nn.init.zeros_(decoder.conv_out.bias)
    for k, place in enumerate(places):
        decoder.conv_out.weight[k, place, 1, 1], decoder.conv_out.weight[k, place + 1, 1, 1] = 1, -1


def _carry(shortcut: nn.Conv2d, norm: nn.GroupNorm, count: int) -> list[int]:
    """Lets inputs 0..<count pass `shortcut` and `norm` beside their negatives; the outputs where each begins."""
    width = norm.num_channels // norm.num_groups
    pairs = width // 2 - 1
    if pairs < 1 or norm.num_groups * pairs < count:
        raise ValueError(f"{norm.num_channels} channels in {norm.num_groups} groups cannot carry {count} numbers")
    used = -(-count // pairs)
    shortcut.weight[: used * width], shortcut.bias[: used * width] = 0, 0
    norm.weight[: used * width] = _CONSTANT * math.sqrt(2 / width)
    places = []
    for k in range(count):
        group, pair = divmod(k, pairs)
        shortcut.bias[group * width], shortcut.bias[group * width + 1] = _CONSTANT, -_CONSTANT
        norm.weight[group * width : group * width + 2] = 0
        places.append(group * width + 2 * (pair + 1))
        shortcut.weight[places[-1], k, 0, 0], shortcut.weight[places[-1] + 1, k, 0, 0] = 1, -1
    return places


def brightness(z: torch.Tensor) -> torch.Tensor:
    """Unscaled latents [B, LATENTS, H, W] -> the brightness of every pixel, [B, 1, 2H, 2W] in -1...1."""
    bands = [z[:, k] / gain + (_PAPER if k == 0 else 0) for k, gain in enumerate(_GAINS[:4])]
    return _unfold(torch.stack(bands, 1))


def white(noise: torch.Tensor) -> torch.Tensor:
    """Noise over latents [B, LATENTS, H, W], deviation 1 -> as noise over pixels [B, 1, 2H, 2W], white, deviation 1."""
    return _unfold(noise[:, :4] / 2)


def _unfold(bands: torch.Tensor) -> torch.Tensor:
    signs = torch.tensor(_HAAR, dtype=bands.dtype, device=bands.device)
    return nn.functional.pixel_shuffle(torch.einsum("bkhw,kp->bphw", bands, signs), 2)


def pictures(photos: Photos, count: int, size: int, rng: random.Random, photo_share: float = 0.35) -> torch.Tensor:
    """A mixed batch of photos and drawings, [count, 3, size, size] in -1...1."""
    x, _ = photos.crops(count, size, rng)
    drawn = operators.draw(
        x, styles.batch([styles.sample(rng)[1] for _ in range(count)]), torch.randn(count, 1, size, size)
    )
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
    channels: tuple[int, int] = (24, 48),
    groups: int = 4,
    batch: int = 4,
    size: int = 128,
    peak: float = 7e-4,
    seed: int = 0,
    device: str = "cpu",
    max_steps: int | None = None,
) -> AutoencoderKL:
    """Trains the decoder until the run's minutes are used (or max_steps); resumes from the run's checkpoint. The
    encoder stays as it was set, so a UNet can be trained on its latents meanwhile."""
    torch.manual_seed(seed)
    model = build(channels, groups).to(device, memory_format=torch.channels_last).requires_grad_(False)
    decoder = [*model.decoder.parameters(), *model.post_quant_conv.parameters()]
    for weight in decoder:
        weight.requires_grad_(True)
    optimizer = torch.optim.AdamW(decoder, lr=peak, betas=(0.9, 0.98), weight_decay=1e-4)
    step, state = 0, run.load(device)
    if state:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step = state["step"]
    rng = random.Random(seed * 1_000_003 + step)
    total = 0.0

    def save():
        run.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step})

    while run.progress() < 1 and (max_steps is None or step < max_steps):
        for group in optimizer.param_groups:
            group["lr"] = rate(run.progress(), step, peak)
        x = pictures(photos, batch, size, rng).to(device, memory_format=torch.channels_last)
        with reduced(device):
            z = model.encode(x).latent_dist.mode()
            y = model.decode(z + NOISE * torch.randn_like(z)).sample.float()
        loss = (l1(y, x) + edge_l1(y, x) + 5 * l1(_colour(y), _colour(x))).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(decoder, 1.0)
        optimizer.step()
        total, step = total + loss.item(), step + 1
        if step % 50 == 0:
            run.log(step=step, samples=step * batch, loss=total / 50)
            total = 0.0
        if step % 400 == 0:
            save()
    save()
    return model


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
