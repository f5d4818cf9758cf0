"""Pencil and pen on a fine grid, brought down to the picture's pixels."""

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

FINE = 3
INK_FINE = 4


def lay(points: np.ndarray, pressure: np.ndarray, shape: tuple[int, int], width: float) -> np.ndarray:
    """Graphite per pixel of strokes: points [n, m, (x, y)] half a pixel apart, pressure [n, m]; `width` is a deviation.

    A stroke of pressure 1 leaves about 1 along its middle; strokes add up.
    """
    rows, columns = shape[0] * FINE, shape[1] * FINE
    x, y = (np.floor(points[..., i].ravel() * FINE).astype(int) for i in (0, 1))
    ok = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    total = np.bincount(y[ok] * columns + x[ok], pressure.ravel()[ok], rows * columns).reshape(rows, columns)
    sigma = width * FINE
    total = gaussian_filter(total, sigma) * (np.sqrt(2 * np.pi) * sigma * 0.5 * FINE)
    return total.reshape(shape[0], FINE, shape[1], FINE).mean((1, 3))


def pull(lines: list[tuple[np.ndarray, np.ndarray]], shape: tuple[int, int]) -> np.ndarray:
    """Ink 0...1 of pen lines, each points [n, (x, y)] and radii [n] in pixels."""
    image = Image.new("L", (shape[1] * INK_FINE, shape[0] * INK_FINE))
    pen = ImageDraw.Draw(image)
    for points, radii in lines:
        for (x, y), r in zip(points * INK_FINE, radii * INK_FINE, strict=True):
            pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
    return np.asarray(image.reduce(INK_FINE), np.float64) / 255
