"""Photos: decoded once into memory, then random crops, flips and light, as float batches in 0...1."""

import math
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

# How often each source is drawn, by the start of its file name; sharp official portraits more often than their number.
SOURCE_WEIGHTS = {"official": 0.5, "congress": 0.28, "caltechface": 0.17, "kodak": 0.05}
_LONGEST = 512
# Short sides, in pixels, at which whole portraits are drawn: about 256, where the model is used most.
DRAWN_SIDES = (112.0, 384.0)
_MAGNIFIED = 1.3


class Photos:
    """All pictures of a folder as uint8 tensors, and a seeded stream of crops."""

    def __init__(self, folder: str | Path, limit: int | None = None):
        self.groups: dict[str, list[torch.Tensor]] = {}
        for path in sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png"))[:limit]:
            image = Image.open(path).convert("RGB")
            image.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
            pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()
            self.groups.setdefault(path.name.split("_")[0], []).append(pixels)
        if not self.groups:
            raise ValueError(f"no .jpg or .png picture in {folder}")

    def __len__(self) -> int:
        return sum(map(len, self.groups.values()))

    def crops(self, count: int, size: int, rng: random.Random) -> torch.Tensor:
        """[count, 3, size, size] in 0...1: crop, flip, light and colour changed."""
        names = list(self.groups)
        weights = [SOURCE_WEIGHTS.get(n, 0.1) for n in names]
        return torch.cat(
            [self._crop(rng.choice(self.groups[rng.choices(names, weights)[0]]), size, rng) for _ in range(count)]
        )

    def _crop(self, photo: torch.Tensor, size: int, rng: random.Random) -> torch.Tensor:
        h, w = photo.shape[1:]
        # The window is part of a picture whose short side would be drawn at this many pixels; no source is magnified
        # more than _MAGNIFIED times.
        drawn = max(size, math.exp(rng.uniform(*map(math.log, DRAWN_SIDES))))
        side = min(max(int(min(h, w) * size / drawn), math.ceil(size / _MAGNIFIED)), h, w)
        # Portraits have their face in the upper half and in the middle.
        top = int((h - side) * (rng.random() ** 1.3 if h >= w else rng.random()))
        left = int((w - side) * (rng.random() + rng.random()) / 2)
        x = photo[None, :, top : top + side, left : left + side].float() / 255
        if rng.random() < 0.5:
            x = x.flip(3)
        x = F.interpolate(x, (size, size), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
        return relight(x, rng)


def relight(x: torch.Tensor, rng: random.Random) -> torch.Tensor:
    """Gamma, contrast, saturation, a cast, sometimes a gradient of light."""
    x = x.clamp(1e-4, 1) ** (2 ** rng.uniform(-0.5, 0.5))
    gray = x.mean(1, keepdim=True)
    x = gray + (x - gray) * (0.0 if rng.random() < 0.08 else rng.uniform(0.5, 1.3))
    x = (x - 0.5) * rng.uniform(0.8, 1.2) + 0.5 + rng.uniform(-0.08, 0.08)
    x = x * torch.tensor([rng.uniform(0.92, 1.08) for _ in range(3)]).view(1, 3, 1, 1)
    if rng.random() < 0.2:
        ramp = torch.linspace(rng.uniform(0.6, 1), rng.uniform(0.9, 1.15), x.shape[3])
        x = x * (ramp if rng.random() < 0.5 else ramp.flip(0))
    return x.clamp(0, 1)


def weather(x: torch.Tensor, rng: random.Random) -> torch.Tensor:
    """A little blur or noise now and then, for the model's input only: the target is drawn from the clean photo."""
    if rng.random() < 0.15:
        x = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    if rng.random() < 0.25:
        generator = torch.Generator().manual_seed(rng.getrandbits(31))
        x = x + torch.randn(x.shape, generator=generator) * rng.uniform(0.005, 0.03)
    return x.clamp(0, 1)
