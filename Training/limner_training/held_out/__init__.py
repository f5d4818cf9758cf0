"""Styles that no training sample is drawn in, to judge the model with: one data set of pairs per family.

Each family is one hand that keeps to one style, by other mathematics than `operators`. A hand of HANDS is the module
of its name and draws any photo; GEOMETRY's two draw sitters who do not exist.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from PIL import Image, ImageOps

PAIRS = 15
HANDS = ("sketch-and-tone", "brush", "strokes", "comic", "portrait-line", "soft-graphite")
GEOMETRY = ("geometry-pencil", "geometry-ink")
THUMBNAIL = 128


def hand(name: str) -> Callable[[Image.Image], Image.Image]:
    """The one of HANDS: RGB photo -> RGB drawing of its size, the same whenever it is asked."""
    return import_module("." + name.replace("-", "_"), __name__).draw


def head_square(picture: Image.Image, size: int) -> Image.Image:
    """The largest square, size x size: the top of a tall picture, where the head is, or the middle of a wide one."""
    return ImageOps.fit(picture, (size, size), Image.Resampling.LANCZOS, centering=(0.5, 0.0))


def write(photos: Path, out: Path, size: int = 256) -> None:
    """Writes OUT/FAMILY/{photos,sketches}/NAME.png, 15 pairs per family, and OUT/sheet.png of them all.

    The first 15 photos of the folder by name are drawn by HANDS; the pairs of GEOMETRY need no photo.
    """
    from . import geometry

    paths = sorted(p for p in photos.iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png"))[:PAIRS]
    if len(paths) < PAIRS:
        raise ValueError(f"{photos} holds {len(paths)} photographs; {PAIRS} are needed, as .jpg or .png")
    for path in paths:
        with Image.open(path) as file:
            photo = head_square(ImageOps.exif_transpose(file).convert("RGB"), size)
        save(out, path.stem, photo, {name: hand(name)(photo) for name in HANDS})
    for stem, photo, sketches in geometry.portraits(size, PAIRS):
        save(out, stem, photo, sketches)
    sheet(out).save(out / "sheet.png")


def save(out: Path, stem: str, photo: Image.Image, sketches: dict[str, Image.Image]) -> None:
    """One photo with its drawing, in each family that drew it."""
    for family, sketch in sketches.items():
        for folder, picture in (("photos", photo), ("sketches", sketch)):
            path = out / family / folder / f"{stem}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture.save(path)
    print(stem, *sketches, flush=True)


def sheet(out: Path) -> Image.Image:
    """The contact sheet: for each family a row of photos above a row of drawings."""
    page = Image.new("RGB", (PAIRS * THUMBNAIL, 2 * len(HANDS + GEOMETRY) * THUMBNAIL), "white")
    rows = [out / family / folder for family in GEOMETRY + HANDS for folder in ("photos", "sketches")]
    for y, folder in enumerate(rows):
        for x, path in enumerate(sorted(folder.glob("*.png"))):
            with Image.open(path) as file:
                small = file.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
            page.paste(small, (x * THUMBNAIL, y * THUMBNAIL))
    return page
