"""What every hand here needs: gray values of a photo, its own source of chance, soft steps, and ink on paper."""

import zlib

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter


def gray(photo: Image.Image) -> np.ndarray:
    """Luma [rows, columns] in 0...1."""
    return np.asarray(photo.convert("L"), np.float64) / 255


def chance(photo: Image.Image) -> np.random.Generator:
    """A generator seeded by the photo: no two sheets have the same grain, and the same photo always has the same."""
    return np.random.default_rng(zlib.crc32(photo.tobytes()))


def ramp(x: np.ndarray, zero: float, one: float) -> np.ndarray:
    """0 at `zero`, 1 at `one`, smooth between."""
    t = np.clip((x - zero) / (one - zero), 0, 1)
    return t * t * (3 - 2 * t)


def tooth(shape: tuple[int, int], rng: np.random.Generator, size: float = 0.7) -> np.ndarray:
    """The roughness of paper: smooth noise of mean 0 and deviation 1, `size` pixels coarse."""
    noise = gaussian_filter(rng.normal(size=shape), size)
    return (noise - noise.mean()) / noise.std()


def sheet(
    cover: np.ndarray, ink: tuple[float, float, float] = (40, 40, 43), paper: tuple[float, float, float] = (255,) * 3
) -> Image.Image:
    """The picture of ink (8-bit RGB) that covers paper by 0...1."""
    share = np.clip(cover, 0, 1)[..., None]
    return Image.fromarray((np.asarray(paper) * (1 - share) + np.asarray(ink) * share + 0.5).astype(np.uint8))
