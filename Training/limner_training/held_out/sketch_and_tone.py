"""Sketch and tone: after Lu, Xu and Jia, "Combining sketch and tone for pencil drawing production" (NPAR 2012).

Lines are gradients classified into eight directions and drawn out along them; tone is the photo's, matched to the
histogram that pencil drawings have; both are multiplied, the tone as layers of one graphite texture.
"""

import numpy as np
from PIL import Image
from scipy.ndimage import convolve, gaussian_filter
from scipy.sparse import diags_array, eye_array, kron
from scipy.sparse.linalg import spsolve

from .picture import chance, gray, sheet, tooth

DIRECTIONS = 8
BRIGHT, MILD, DARK = 0.52, 0.30, 0.18


def draw(photo: Image.Image) -> Image.Image:
    """The pencil drawing of a photo."""
    g = gray(photo)
    texture = np.clip(0.7 + 0.06 * tooth(g.shape, chance(photo), 0.6), 0.45, 0.9)
    return sheet(1 - lines(g) * layers(texture, tone(g)), ink=(30, 30, 34))


def lines(g: np.ndarray) -> np.ndarray:
    """The line drawing S, 1 where the paper is bare (their equations 1 to 4)."""
    g = gaussian_filter(g, 0.8)
    dx, dy = np.diff(g, axis=1, append=g[:, -1:]), np.diff(g, axis=0, append=g[-1:])
    gradient = np.hypot(dx, dy)
    kernels = [segment(max(2, len(g) // 64), np.pi * i / DIRECTIONS) for i in range(DIRECTIONS)]
    best = np.argmax([convolve(gradient, k, mode="nearest") for k in kernels], 0)
    drawn = sum(convolve(np.where(best == i, gradient, 0), k, mode="nearest") for i, k in enumerate(kernels))
    return (1 - np.clip(drawn / np.percentile(drawn, 99) - 0.07, 0, 1)) ** 1.3


def segment(reach: int, angle: float) -> np.ndarray:
    """A straight line of 2 reach + 1 pixels as a kernel."""
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    k = np.clip(1 - np.abs(across), 0, 1) * (np.abs(along) <= reach)
    return k / k.sum()


def tone(g: np.ndarray) -> np.ndarray:
    """The photo with the histogram of a pencil drawing: much bright, some mild, little dark (equations 5 to 8)."""
    v = np.arange(256)
    parts = np.exp(-(255 - v) / 9), ((v >= 105) & (v <= 225)) * 1.0, np.exp(-((v - 65) ** 2) / (2 * 16**2))
    wanted = np.cumsum(sum(w * p / p.sum() for w, p in zip((BRIGHT, MILD, DARK), parts, strict=True)))
    rank = np.searchsorted(np.sort(g.ravel()), g.ravel(), side="right") / g.size
    return np.interp(rank, wanted, v / 255).reshape(g.shape)


def layers(texture: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The texture laid over itself until it has the wanted tone: texture^b, b smooth (equations 9 and 10)."""
    rows, columns = texture.shape

    def roughness(n: int):
        d = diags_array([-np.ones(n - 1), np.ones(n - 1)], offsets=[0, 1], shape=(n - 1, n))
        return d.T @ d

    smooth = kron(eye_array(rows), roughness(columns)) + kron(roughness(rows), eye_array(columns))
    log = np.log(texture).ravel()
    system = (0.2 * smooth + diags_array(log**2)).tocsc()
    b = spsolve(system, log * np.log(np.clip(wanted, 0.02, 0.995)).ravel())
    return np.exp(log * np.clip(b, 0, None)).reshape(texture.shape)
