"""Geometry: sitters who do not exist, drawn from their shapes in pencil and in ink by the scripts in `examples/`."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from PIL import Image

from ..sitters import find_examples
from . import GEOMETRY, head_square


def portraits(size: int, count: int) -> Iterator[tuple[str, Image.Image, dict[str, Image.Image]]]:
    """Name, photo and drawings of the first `count` sitters; half a minute of one core each at 256."""
    with ProcessPoolExecutor() as pool:
        yield from pool.map(partial(portrait, size=size), range(count))


def portrait(index: int, size: int) -> tuple[str, Image.Image, dict[str, Image.Image]]:
    """One sitter, drawn half as large again: at a picture's own pixels the strokes would be too coarse for a face.

    The renderer asks for whole blocks of pixels, hence the steps of 16.
    """
    find_examples()
    from portraits.drawing import draw
    from portraits.ink import ink
    from portraits.people import MORE, OTHERS, PAIR
    from portraits.portrait import render

    person, width = [PAIR, *OTHERS, *MORE][index], size * 3 // 32 * 16
    photo, shapes = render(person, width, width * 5 // 4)
    photo, pencil, brush = (head_square(Image.fromarray(p), size) for p in (photo, draw(shapes), ink(shapes)))
    return person.name, photo, dict(zip(GEOMETRY, (pencil, brush), strict=True))
