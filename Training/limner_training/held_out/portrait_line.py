"""Portrait line: few pen lines that swell and taper, where the Hessian sees a dark line or the border of a shape."""

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, gaussian_filter1d, zoom
from skimage.filters import apply_hysteresis_threshold, sato
from skimage.morphology import remove_small_objects, skeletonize

from .pen import pull
from .picture import gray, sheet

FINE = 2
SHORTEST = 9


def draw(photo: Image.Image) -> Image.Image:
    """The line drawing of a photo."""
    g = np.clip(zoom(gray(photo), FINE, order=3, mode="nearest"), 0, 1)
    strength = np.maximum(creases(g), borders(g))
    mask = apply_hysteresis_threshold(strength, 0.28, 0.6)
    bones = skeletonize(remove_small_objects(mask, max_size=40))
    lines = [tapered(line, strength) for line in traced(bones)]
    return sheet(pull(lines, gray(photo).shape), ink=(26, 24, 26))


def creases(g: np.ndarray) -> np.ndarray:
    """Strength of dark lines at three scales, 0...1 for what is worth a line; relative to the light there."""
    ridge = sato(np.log(g + 0.15), sigmas=(1.5, 2.2, 3.2), black_ridges=True, mode="nearest")
    return ridge / np.percentile(ridge, 98.5)


def borders(g: np.ndarray) -> np.ndarray:
    """The same for borders: the bright lines of the gradient's magnitude."""
    dy, dx = np.gradient(gaussian_filter(np.log(g + 0.15), 2.0))
    ridge = sato(np.hypot(dx, dy), sigmas=(2.0, 3.0), black_ridges=False, mode="nearest")
    return ridge / np.percentile(ridge, 98.5)


def traced(bones: np.ndarray) -> list[np.ndarray]:
    """Skeleton [rows, columns] -> paths [n, (x, y)], begun at ends, going straight on at crossings, smoothed."""
    left = set(zip(*(v.tolist() for v in np.nonzero(bones)[::-1]), strict=True))
    ring = [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)]

    def around(p):
        return [(p[0] + dx, p[1] + dy) for dx, dy in ring if (p[0] + dx, p[1] + dy) in left]

    found = []
    for start in sorted(left, key=lambda p: (len(around(p)) != 1, p)):
        path = [start] if start in left else []
        while path:
            left.discard(path[-1])
            ahead = np.subtract(path[-1], path[max(0, len(path) - 5)])
            options = around(path[-1])
            if not options:
                break
            path.append(max(options, key=lambda q: float(np.dot(ahead, np.subtract(q, path[-1])))))
        if len(path) >= SHORTEST:
            found.append(gaussian_filter1d(np.array(path, float) + 0.5, 2.0, axis=0, mode="nearest"))
    return found


def tapered(line: np.ndarray, strength: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A path in fine pixels -> points in the picture's pixels and radii: thick where strong, pointed at ends."""
    column, row = line.astype(int).T
    force = gaussian_filter1d(np.clip(strength[row, column], 0, 2), 6, mode="nearest")
    ends = np.sin(np.pi * np.linspace(0.02, 0.98, len(line))) ** 0.5
    return line / FINE, (0.22 + 0.55 * force) * ends
