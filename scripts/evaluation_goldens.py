"""Makes Tests/Fixtures/evaluation: drawings made from formulas, and what other programs measure on them.

Needs Python 3.11 with numpy 2.4.6, scipy 1.17.1, scikit-image 0.26.0, Pillow 13.0.0, torch 2.13.0, torchvision 0.28.0
and piq 0.8.0; other versions should give the same numbers within the tests' tolerances.

    python scripts/evaluation_goldens.py

writes pictures.bin, the gray pictures one after another, a byte a pixel, and goldens.json: where each picture lies, and
the numbers of scikit-image (SSIM, Canny, co-occurrence), piq (FSIM), SciPy (blurs, gradients) and Pillow (contrast).
A measurement with "times" n is one of the pictures enlarged n times, each pixel repeated.
"""

import json
from pathlib import Path

import numpy as np
import piq
import torch
from PIL import Image, ImageEnhance
from scipy import ndimage
from skimage.feature import canny, graycomatrix, graycoprops
from skimage.metrics import structural_similarity

FOLDER = Path(__file__).parent.parent / "Tests/Fixtures/evaluation"
BLOCKS = 4


def to_bytes(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def photo(height, width, seed):
    """Soft light, discs with hard and soft rims, and a little grain."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    picture = 90 + 80 * x / width + 40 * np.sin(3 * y / height)
    for _ in range(9):
        centre_y, centre_x = rng.uniform(0, height), rng.uniform(0, width)
        radius, softness, tone = rng.uniform(4, width / 4), rng.uniform(0.3, 5), rng.uniform(-110, 110)
        distance = np.hypot(y - centre_y, x - centre_x)
        picture += tone / (1 + np.exp(np.clip((distance - radius) / softness, -50, 50)))
    return to_bytes(picture + rng.normal(0, 3, (height, width)))


def drawing(source, seed):
    """White paper, dark lines at the source's edges, hatching in its shadows."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0 : source.shape[0], 0 : source.shape[1]]
    soft = ndimage.gaussian_filter(source.astype(float), 1.2)
    lines = np.hypot(ndimage.sobel(soft, 0), ndimage.sobel(soft, 1))
    hatching = np.where((x + 2 * y) % 7 < 2, np.clip(120 - soft, 0, None) * 1.4, 0)
    return to_bytes(252 - 1.1 * lines - hatching - rng.uniform(0, 6, source.shape))


def feature_similarity(a, b):
    tensors = [torch.tensor(picture, dtype=torch.float32)[None, None] for picture in (a, b)]
    return piq.fsim(*tensors, chromatic=False, data_range=255).item()


def structure(a, b):
    return structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )


def gradient_structure(a, b):
    def edges(picture):
        soft = ndimage.gaussian_filter(picture.astype(float), 2.5, mode="nearest", truncate=4)
        return np.hypot(*(ndimage.sobel(soft, axis, mode="nearest") / 4 for axis in (0, 1)))

    return structure(edges(a), edges(b))


def scoot(a, b):
    """By scikit-image's co-occurrence matrices, transposed where they count downwards and Scoot upwards."""

    def numbers(picture):
        levels = np.minimum(np.floor(picture * (6 / 255) + 1), 6).astype(np.uint8) - 1
        rows, columns = ([size * k // BLOCKS for k in range(1, BLOCKS)] for size in levels.shape)
        found = []
        for band in np.split(levels, rows, axis=0):
            for block in np.split(band, columns, axis=1):
                counts = graycomatrix(block, [1], [0, 3 * np.pi / 4, np.pi / 2, np.pi / 4], levels=6)[:, :, 0]
                directions = [counts[:, :, 0]] + [counts[:, :, k].T for k in (1, 2, 3)]
                mean = np.floor(np.mean(directions, axis=0) + 0.5).astype(np.uint32)[:, :, None, None]
                # scikit-image calls the root of Σ p² energy, and Σ p² ASM.
                found += [graycoprops(mean, "contrast")[0, 0], graycoprops(mean, "ASM")[0, 0]]
        return np.array(found)

    return 1 / (1 + np.linalg.norm(numbers(a) - numbers(b)))


METRICS = {
    "structure": structure,
    "features": feature_similarity,
    "scoot": scoot,
    "gradientStructure": gradient_structure,
}


def blurred(picture, sigma):
    return ndimage.gaussian_filter(picture.astype(float), sigma, mode="nearest", truncate=4)


def dodge_and_burn(picture, sigma):
    return to_bytes(np.minimum(255, 255.0 * picture / np.maximum(blurred(picture, sigma), 1)))


def xdog(picture, sigma, k, p, epsilon, phi):
    difference = ((1 + p) * blurred(picture, sigma) - p * blurred(picture, k * sigma)) / 255
    return to_bytes(255 * np.where(difference >= epsilon, 1, 1 + np.tanh(phi * (difference - epsilon))))


def main():
    pictures = {}
    for name, height, width, seed in [("wide", 80, 96, 1), ("odd", 131, 97, 2), ("tall", 150, 110, 3)]:
        pictures[f"{name}-photo"] = photo(height, width, seed)
        pictures[f"{name}-drawing"] = drawing(pictures[f"{name}-photo"], seed)
    pictures["small-photo"] = photo(23, 31, 6)
    pictures["wide-other"] = photo(80, 96, 4)
    pictures["odd-other"] = photo(131, 97, 5)
    # A drawing of a few lines on paper that is exactly white.
    pictures["wide-lines"] = 255 - 255 * canny(pictures["wide-photo"] / 255.0, sigma=2).astype(np.uint8)

    compared = [
        (f"{size}-photo", f"{size}-{other}", times)
        for size, other, times in [
            ("wide", "drawing", 1),
            ("wide", "other", 1),
            ("wide", "lines", 1),
            ("odd", "drawing", 1),
            ("odd", "other", 1),
            ("tall", "drawing", 1),
            ("wide", "drawing", 8),
            ("odd", "other", 6),
            ("odd", "drawing", 8),
        ]
    ]
    measurements = []
    for a, b, times in compared:
        large = [pictures[name].repeat(times, axis=0).repeat(times, axis=1) for name in (a, b)]
        values = {metric: float(measure(*large)) for metric, measure in METRICS.items()}
        measurements.append({"a": a, "b": b, "times": times, **values})

    small = pictures["small-photo"]
    blurs = [
        {"picture": "small-photo", "sigma": sigma, "values": blurred(small, sigma).round(5).ravel().tolist()}
        for sigma in (0.8, 3.3, 9.0)
    ]
    edges = []
    for name, sigma, low, high in [
        ("wide-photo", 1.0, 0.1, 0.25),
        ("odd-other", 2.2, 0.03, 0.1),
        ("tall-photo", 1.5, 0.05, 0.2),
    ]:
        found = canny(pictures[name] / 255.0, sigma, low, high, mode="nearest")
        pictures[f"{name}-edges"] = found.astype(np.uint8)
        edges.append({"picture": name, "edges": f"{name}-edges", "sigma": sigma, "low": low, "high": high})
    drawn = [
        ("dodgeAndBurn", dodge_and_burn, {"sigma": 5.0}),
        ("xdog", xdog, {"sigma": 1.1, "k": 1.6, "p": 12.0, "epsilon": 0.7, "phi": 9.0}),
    ]
    for name, draw, parameters in drawn:
        pictures[f"wide-{name}"] = draw(pictures["wide-photo"], **parameters)
    contrasted = ImageEnhance.Contrast(Image.fromarray(pictures["odd-drawing"])).enhance(1.5)
    pictures["odd-drawing-truth"] = np.asarray(contrasted)

    places, offset = [], 0
    for name, picture in pictures.items():
        height, width = picture.shape
        places.append({"name": name, "width": width, "height": height, "offset": offset})
        offset += picture.size
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "pictures.bin").write_bytes(b"".join(picture.tobytes() for picture in pictures.values()))
    goldens = {
        "pictures": places,
        "measurements": measurements,
        "blurs": blurs,
        "edges": edges,
        "drawn": [
            {"picture": "wide-photo", "drawn": f"wide-{name}", "kind": name, "parameters": parameters}
            for name, _, parameters in drawn
        ],
    }
    (FOLDER / "goldens.json").write_text(json.dumps(goldens) + "\n")


if __name__ == "__main__":
    main()
