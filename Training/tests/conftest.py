"""A folder of toy photographs, made here: gradients and discs."""

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    y, x = np.mgrid[0:80, 0:64]
    for i in range(6):
        disc = (x - 20 - 4 * i) ** 2 + (y - 40) ** 2 < 200
        pixels = np.stack([x * 3, y * 3, 255 * disc - 60 * i * disc], -1).clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"official_{i}.png")
    return folder
