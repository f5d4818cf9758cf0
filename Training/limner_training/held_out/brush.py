"""Brush: bold ink by morphology. Dark lines are what a closing fills; hair and dark cloth are solid black."""

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, median_filter, zoom
from skimage.morphology import area_closing, area_opening, black_tophat, dilation, disk

from .picture import chance, gray, ramp, sheet, tooth

FINE = 2


def draw(photo: Image.Image) -> Image.Image:
    """The ink drawing of a photo."""
    g = np.clip(zoom(gray(photo), FINE, order=3, mode="nearest"), 0, 1)
    ink = np.maximum(np.maximum(lines(g), contours(g)), solids(g))
    ink = cleaned(ink, speck=max(4, g.size // 4000))
    ink = ramp(ink + 0.03 * tooth(g.shape, chance(photo), 3.0), 0.4, 0.55)
    rows, columns = photo.height, photo.width
    return sheet(ink.reshape(rows, FINE, columns, FINE).mean((1, 3)), ink=(14, 13, 18))


def lines(g: np.ndarray) -> np.ndarray:
    """Strokes where a disc's closing fills: lids, nostrils, lips, folds; less of them on a dark ground."""
    light = np.log(median_filter(g, 3) + 0.12)
    return ramp(black_tophat(light, disk(max(2, len(g) // 64))), 0.12, 0.26)


def contours(g: np.ndarray) -> np.ndarray:
    """A bold outline where big shapes meet: the darker half of a morphological gradient."""
    flat = median_filter(g, max(3, len(g) // 36))
    return ramp(dilation(flat, disk(2)) - flat, 0.10, 0.18)


def solids(g: np.ndarray) -> np.ndarray:
    """Black masses: what is dark after a wide median."""
    flat = gaussian_filter(median_filter(g, max(3, len(g) // 46)), 1.5)
    return ramp(flat, 0.31, 0.23)


def cleaned(ink: np.ndarray, speck: int) -> np.ndarray:
    """Ink without specks, and without pinholes of paper in it."""
    return area_closing(area_opening(ink, speck), speck // 3)
