#!/usr/bin/env python3
"""Make the example pictures: one photo with its pencil drawing, and photos of other people to draw.

Nobody here exists. Heads, hair, clothes and light are geometry (`portraits/`),
rendered to look like photographs; the drawing is made from that geometry.
Every run gives the same pictures.

    python examples/render_portraits.py --out examples
"""

import argparse
from pathlib import Path

from PIL import Image

from portraits.drawing import draw
from portraits.ink import ink
from portraits.people import OTHERS, PAIR
from portraits.portrait import render


def save_photo(pixels, path):
    """Write an 8-bit RGB array as a JPEG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=90, subsampling=0)
    print(path)


def save_drawing(pixels, path):
    """Write an 8-bit RGB array as a PNG of few colours, which is all that graphite on paper needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path)


def options():
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent,
                        help="folder for pair/, pair-ink/ and photos/ (default: beside this file)")
    parser.add_argument("--width", type=int, default=512, help="width in pixels; the height is 5/4 of it")
    parser.add_argument("--only", nargs="*", default=[], help="names of sitters to render; all if none")
    parser.add_argument("--drawings", type=Path, help="folder for drawings of every sitter in both styles")
    return parser.parse_args()


def main():
    """Render every sitter; draw the one of the pair, and the others where asked."""
    asked = options()
    for person in [p for p in [PAIR, *OTHERS] if not asked.only or p.name in asked.only]:
        photo, geometry = render(person, asked.width, asked.width * 5 // 4)
        if person is PAIR:
            save_photo(photo, asked.out / "pair" / "photo.jpg")
            save_drawing(draw(geometry), asked.out / "pair" / "sketch.png")
            save_drawing(ink(geometry), asked.out / "pair-ink" / "sketch.png")
        else:
            save_photo(photo, asked.out / "photos" / f"{person.name}.jpg")
        if asked.drawings:
            save_drawing(draw(geometry), asked.drawings / f"{person.name}-pencil.png")
            save_drawing(ink(geometry), asked.drawings / f"{person.name}-ink.png")


if __name__ == "__main__":
    main()
