"""Strokes: short pencil strokes that follow the form, more and darker of them where it is dark."""

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, grey_closing, sobel

from .flow import paths, tangents
from .pen import lay
from .picture import chance, gray, ramp, sheet, tooth


def draw(photo: Image.Image) -> Image.Image:
    """The hatched drawing of a photo."""
    g, rng = gray(photo), chance(photo)
    want = darkness(g)
    field = tangents(g, spread=len(g) / 110, habit=0.02)
    graphite = sum(
        layer(want, field, rng, share, length, weight)
        for share, length, weight in ((0.05, 9, 0.30), (0.07, 6, 0.42), (0.14, 2, 0.60))
    )
    graphite *= np.clip(1 + 0.25 * tooth(g.shape, rng), 0.2, 2)
    return sheet(0.92 * (1 - np.exp(-1.1 * graphite)), ink=(38, 37, 41), paper=(252, 251, 247))


def darkness(g: np.ndarray) -> np.ndarray:
    """How much graphite is wanted, 0...1: the photo's darkness the lights left bare; edges; small dark features."""
    low, high = np.percentile(g, (2, 92))
    tone = 1 - np.clip((g - low) / (high - low), 0, 1)
    smooth = gaussian_filter(g, 0.8)
    edge = np.hypot(sobel(smooth, 0), sobel(smooth, 1))
    feature = grey_closing(smooth, 2 * (len(g) // 64) + 1) - smooth
    return np.clip(ramp(tone, 0.15, 1.1) + 0.6 * ramp(edge, 0.15, 0.9) + 0.9 * ramp(feature, 0.05, 0.3), 0, 1)


def layer(want, field, rng, share, length, weight) -> np.ndarray:
    """Graphite of one layer: `share` strokes a pixel, offered everywhere and drawn where darkness wants them."""
    rows, columns = want.shape
    starts = rng.uniform((0, 0), (columns, rows), (int(share * want.size), 2))
    wanted = want[starts[:, 1].astype(int), starts[:, 0].astype(int)]
    taken = rng.random(len(wanted)) < wanted
    starts, wanted = starts[taken], wanted[taken]
    steps = 2 * length
    way = paths(field, starts, steps, 0.5)
    way = way + rng.normal(0, 0.2, (len(way), 1, 2))
    ends = np.sin(np.pi * np.linspace(0.06, 0.94, 2 * steps + 1)) ** 0.6
    return lay(way, weight * (0.45 + 0.75 * wanted)[:, None] * ends, want.shape, 0.45)
