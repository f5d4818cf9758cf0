"""What is behind a sitter, far out of focus: studio paper, a window, a garden, an evening street.

Shapes are drawn small and blurred, which is what a lens does to them.
"""

import numpy as np
from scipy.ndimage import gaussian_filter

from .sdf import ramp


def backdrop(person, width, rows):
    """A linear RGB picture (rows, width, 3)."""
    rng = np.random.default_rng(person.seed + 500)
    y, x = np.mgrid[0:rows, 0:width] / rows
    base = np.array(person.backdrop_colour)
    painters = {"studio": _studio, "window": _window, "garden": _garden, "evening": _evening}
    picture = painters[person.backdrop](base, x, y, width / rows, rng)
    return np.maximum(picture, 0.002).astype(np.float32)


def _studio(base, x, y, aspect, rng):
    glow = np.exp(-((x - aspect * 0.56) ** 2 + (y - 0.45) ** 2) * 3.2)
    mottle = gaussian_filter(rng.normal(size=x.shape), x.shape[0] / 14)
    mottle = mottle / (np.abs(mottle).max() + 1e-9)
    return base * (0.45 + 0.95 * glow + 0.10 * mottle)[..., None]


def _window(base, x, y, aspect, rng):
    picture = np.ones(x.shape + (3,)) * base * (0.8 + 0.3 * y)[..., None]
    for left, right in ((0.02, 0.21), (0.24, 0.36)):
        pane = (x > left * aspect * 1.3) & (x < right * aspect * 1.3) & (y > -0.1) & (y < 0.62)
        picture[pane] = np.array((1.05, 1.12, 1.2)) * (0.75 + 0.25 * y[pane])[:, None]
    shelf = (x > 0.78 * aspect) & (np.mod(y, 0.24) < 0.03)
    picture[shelf] *= 0.45
    for _ in range(26):
        left, width = rng.uniform(0.78, 1.0) * aspect, rng.uniform(0.01, 0.03)
        floor = 0.24 * rng.integers(1, 5)
        book = (x > left) & (x < left + width) & (y < floor) & (y > floor - rng.uniform(0.11, 0.17))
        picture[book] = rng.uniform(0.03, 0.2) * rng.uniform(0.6, 1.4, 3)
    return _soft(picture, x.shape[0] / 42)


def _garden(base, x, y, aspect, rng):
    picture = np.ones(x.shape + (3,)) * base * (1.25 - 0.75 * y)[..., None]
    for _ in range(70):
        shade = base * rng.uniform(0.25, 1.5) * rng.uniform(0.75, 1.25, 3)
        picture = _disc(picture, x, y, rng.uniform(0, aspect), rng.uniform(0, 1), rng.uniform(0.03, 0.12), shade, 0.6)
    picture = _soft(picture, x.shape[0] / 60)
    for _ in range(34):
        light = np.array((0.9, 1.0, 0.55)) * rng.uniform(0.3, 0.9)
        left, top, radius = rng.uniform(0, aspect), rng.uniform(0, 0.6), rng.uniform(0.012, 0.035)
        picture = _disc(picture, x, y, left, top, radius, light, 0.45)
    return _soft(picture, x.shape[0] / 220)


def _evening(base, x, y, aspect, rng):
    picture = np.ones(x.shape + (3,)) * base * (0.5 + 0.7 * y)[..., None]
    for _ in range(46):
        light = np.array([(1.0, 0.62, 0.25), (1.0, 0.85, 0.6), (0.45, 0.6, 1.0), (1.0, 0.3, 0.2)][rng.integers(4)])
        picture = _disc(picture, x, y, rng.uniform(0, aspect), rng.uniform(0.05, 0.85), rng.uniform(0.018, 0.05),
                        light * rng.uniform(0.25, 0.8), 0.5)
    return _soft(picture, x.shape[0] / 200)


def _disc(picture, x, y, cx, cy, radius, colour, share):
    r = np.hypot(x - cx, y - cy)
    mask = ramp(r, radius, radius * 0.93) * share * (0.8 + 0.3 * ramp(r, radius * 0.6, radius))
    return picture * (1 - mask[..., None]) + colour * mask[..., None]


def _soft(picture, sigma):
    return np.stack([gaussian_filter(picture[..., c], sigma) for c in range(3)], -1)
