"""Photos: decoded once into memory, then random crops, flips and light, as float batches in 0...1."""

import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

# How often each source is drawn, by the start of its file name; sharp official portraits more often than their number.
SOURCE_WEIGHTS = {"official": 0.45, "congress": 0.25, "caltechface": 0.15, "kodak": 0.05, "rendered": 0.1}
_LONGEST = 512
# Short sides, in pixels, at which whole portraits are drawn: about 256, where the model is used most.
DRAWN_SIDES = (112.0, 384.0)
_MAGNIFIED = 1.3
# How often a sitter is put before something else: other colours, or a part of another photo out of focus.
_MOVED = 0.25
# The most that a drawing by eye is out of place, root mean square, as a share of its side.
_ASTRAY = 0.03


def pictures(folder: str | Path) -> Iterator[tuple[Path, Image.Image]]:
    """The folder's photos in order of their names, RGB, brought down to at most 512 pixels."""
    for path in sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png")):
        image = Image.open(path).convert("RGB")
        image.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
        yield path, image


class Photos:
    """All pictures of some folders as uint8 tensors, and a seeded stream of crops.

    The fourth channel is the sitter's mask, from MASKS/STEM.png; all 255 for a photo without one.
    """

    def __init__(self, *folders: str | Path, masks: str | Path | None = None):
        self.masked = masks is not None
        self.groups: dict[str, list[torch.Tensor]] = {}
        for path, image in (entry for folder in folders for entry in pictures(folder)):
            mask = Path(masks or "") / f"{path.stem}.png"
            if masks and mask.exists():
                image.putalpha(Image.open(mask).convert("L").resize(image.size))
            else:
                image.putalpha(255)
            pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()
            self.groups.setdefault(path.name.split("_")[0], []).append(pixels)
        if not self.groups:
            raise ValueError(f"no .jpg or .png picture in {', '.join(map(str, folders))}")

    def __len__(self) -> int:
        return sum(map(len, self.groups.values()))

    def crops(self, count: int, size: int, rng: random.Random) -> tuple[torch.Tensor, torch.Tensor]:
        """Photos [count, 3, size, size] in 0...1: crop, flip, background, light and colour changed; and the share of the
        sitter in each pixel, [count, 1, size, size]."""
        found = [self._crop(size, rng) for _ in range(count)]
        for x in found:
            if rng.random() < _MOVED and x[:, 3].min() < 0.1:
                x[:, :3] = torch.lerp(self._behind(size, rng), x[:, :3], x[:, 3:])
        return torch.cat([relight(x[:, :3], rng) for x in found]), torch.cat(found)[:, 3:]

    def _behind(self, size: int, rng: random.Random) -> torch.Tensor:
        """A background: a plain colour, lighter or darker to one side, or a part of any photo out of focus."""
        if rng.random() < 0.5:
            light = torch.linspace(rng.uniform(0.6, 1), rng.uniform(0.6, 1), size).expand(size, size)
            colour = torch.tensor([rng.random() for _ in range(3)]).lerp(torch.tensor(rng.random()), 0.7)
            return (light if rng.random() < 0.5 else light.T) * colour.view(1, 3, 1, 1)
        part = F.avg_pool2d(self._crop(size, rng)[:, :3], rng.choice([2, 4, 8]))
        return F.interpolate(part, (size, size), mode="bicubic").clamp(0, 1)

    def _crop(self, size: int, rng: random.Random) -> torch.Tensor:
        names = list(self.groups)
        photo = rng.choice(self.groups[rng.choices(names, [SOURCE_WEIGHTS.get(n, 0.1) for n in names])[0]])
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
        return F.interpolate(x, (size, size), mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)


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


def misplaced(x: torch.Tensor, rng: random.Random) -> torch.Tensor:
    """Drawings by somebody who places things by eye: half of them bent by a smooth field.

    For the instruction encoder alone, which has to know the style of a drawing that does not quite lie over its photo.
    As a target such a drawing would teach to blur.
    """
    side, bent = x.shape[3], []
    for drawing in x[:, None]:
        if rng.random() < 0.5:
            generator = torch.Generator().manual_seed(rng.getrandbits(31))
            coarse = torch.randn(1, 2, *[rng.randint(3, 6)] * 2, generator=generator)
            field = F.interpolate(coarse, (side, side), mode="bicubic", align_corners=True)
            # In units of half a side, as grid_sample wants it.
            field = field * (2 * rng.uniform(0, _ASTRAY) / field.square().mean().sqrt())
            straight = F.affine_grid(torch.eye(2, 3)[None], list(drawing.shape), align_corners=False)
            drawing = F.grid_sample(
                drawing, straight + field.permute(0, 2, 3, 1), "bicubic", "reflection", align_corners=False
            )
        bent.append(drawing)
    return torch.cat(bent).clamp(0, 1)
