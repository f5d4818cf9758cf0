"""Soft graphite, as artists draw from a sitter: skin almost bare, hair and cloth filled softly, no background."""

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter, grey_closing, sobel, uniform_filter
from skimage.color import rgb2lab, rgb2ycbcr
from skimage.segmentation import random_walker

from .flow import brushed, tangents
from .picture import chance, gray, ramp, sheet, tooth


def draw(photo: Image.Image) -> Image.Image:
    """The soft pencil drawing of a photo."""
    g, rng = gray(photo), chance(photo)
    sitter, skin = cut_out(photo), skin_share(photo)
    flat = guided(g, radius=len(g) // 64, wander=0.004)
    fill = ramp(flat, 0.75, 0.05) * 0.95
    features = grey_closing(flat, len(g) // 18) - flat
    modelling = np.clip(features * 2.4, 0, 0.8) + 0.28 * shade(flat, skin)
    dark = fill * (1 - skin) + modelling * skin
    field = tangents(g, spread=len(g) / 100, habit=0.01)
    hair = brushed(tooth(g.shape, rng, 0.5), field, len(g) // 28)
    dark = np.clip(dark * (1 + 0.28 * hair), 0, 1)
    cover = np.maximum(dark, contours(flat)) * sitter * (1 + 0.10 * tooth(g.shape, rng, 0.6))
    return sheet(0.9 * cover, ink=(48, 47, 50), paper=(250, 249, 246))


def guided(g: np.ndarray, radius: int, wander: float) -> np.ndarray:
    """Guided filter of a picture by itself (He, Sun and Tang 2010): flat inside shapes, their borders kept."""
    size = 2 * radius + 1
    mean = uniform_filter(g, size)
    variance = uniform_filter(g * g, size) - mean * mean
    slope = variance / (variance + wander)
    return uniform_filter(slope, size) * g + uniform_filter(mean * (1 - slope), size)


def middle(rows: int, columns: int) -> np.ndarray:
    """Where a head is expected, 0...1."""
    y, x = np.mgrid[0:rows, 0:columns]
    return np.exp(-((((x + 0.5) / columns - 0.5) / 0.2) ** 2 + (((y + 0.5) / rows - 0.42) / 0.2) ** 2))


def skin_share(photo: Image.Image) -> np.ndarray:
    """How much of each pixel is skin, 0...1: first any complexion's chroma, then that of this head."""
    luma, blue, red = np.moveaxis(rgb2ycbcr(np.asarray(photo)), -1, 0)
    light = np.log(luma)
    likely = (np.hypot(blue - 106, red - 152) < 24) & (luma > 50) & (middle(*luma.shape) > 0.4)
    if likely.any():
        own = [float(np.median(v[likely])) for v in (light, blue, red)]
    else:
        own = [np.log(140), 106.0, 152.0]
    shadow = np.clip(own[0] - light, 0, None) / 0.45
    distance = shadow**2 + ((blue - own[1]) / 11) ** 2 + ((red - own[2]) / 9) ** 2
    return gaussian_filter(ramp(distance, 4.5, 2.0), 1.2)


def shade(flat: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Darkness against the sitter's own lit skin, so that every complexion is bare paper in the light."""
    lit = np.percentile(flat[skin > 0.6], 75) if (skin > 0.6).any() else 0.7
    return ramp(flat / lit, 0.95, 0.3)


def contours(flat: np.ndarray) -> np.ndarray:
    """Pencil lines along the borders of flat shapes."""
    edge = np.hypot(sobel(flat, 0), sobel(flat, 1))
    return 0.75 * ramp(edge, 0.25, 1.3)


def cut_out(photo: Image.Image) -> np.ndarray:
    """The sitter 1, the background 0: a random walk (Grady 2006) from the bust and from the border, fading outward."""
    small = photo.reduce(2)
    rows, columns = small.height, small.width
    y, x = np.mgrid[0:rows, 0:columns]
    y, x = (y + 0.5) / rows, (x + 0.5) / columns
    face = skin_share(small) * middle(rows, columns) + 1e-4
    across, down = x - np.average(x, weights=face), y - np.average(y, weights=face)
    wide = np.clip(3.4 * np.sqrt(np.average(across**2, weights=face)), 0.2, 0.45)
    away = np.hypot(across / wide, np.minimum(down, 0) / (1.25 * wide))
    seeds = np.zeros((rows, columns), int)
    seeds[((y < 0.03) | (x < 0.03) | (x > 0.97)) & (y < 0.6) & (away > 1.0)] = 2
    head = np.hypot(across / 0.62, np.where(down < 0, down / 0.9, down / 0.65)) < wide
    seeds[head | ((np.abs(across) < 0.3) & (y > 0.93))] = 1
    lab = gaussian_filter(rgb2lab(np.asarray(small)), (0.7, 0.7, 0))
    inside = random_walker(lab, seeds, beta=30, mode="bf", channel_axis=-1, return_full_prob=True)[0]
    share = ramp(inside, 0.12, 0.4) * np.maximum(ramp(away, 1.15, 0.85), ramp(down, 0.6 * wide, 1.2 * wide))
    big = Image.fromarray(share.astype(np.float32)).resize(photo.size, Image.Resampling.BICUBIC)
    return np.clip(gaussian_filter(np.asarray(big), 1.0), 0, 1)
