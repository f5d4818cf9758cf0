"""Who sits: where the person is in each photo of a folder, and rendered sitters who do not exist.

A drawing may leave the background out (`styles`: bare), so the operators must be told where the sitter ends.
MediaPipe's selfie segmentation says it; its weights lie in its package.
"""

import random
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from .data import pictures

EXAMPLES = Path(__file__).parents[2] / "examples"
WIDTH, ROWS = 192, 240


def write_masks(photos: list[Path], out: Path) -> int:
    """Writes OUT/STEM.png for each photo of the folders: 255 where the sitter is, 0 where not. Returns their number."""
    from mediapipe.python.solutions.selfie_segmentation import SelfieSegmentation

    out.mkdir(parents=True, exist_ok=True)
    count = 0
    with SelfieSegmentation(model_selection=0) as network:
        for path, photo in (entry for folder in photos for entry in pictures(folder)):
            share = network.process(np.array(photo)).segmentation_mask
            mask(share).save(out / f"{path.stem}.png")
            count += 1
    return count


def mask(share: np.ndarray) -> Image.Image:
    """Shares in 0...1 as an 8-bit picture."""
    return Image.fromarray((np.clip(share, 0, 1) * 255 + 0.5).astype(np.uint8))


def write_rendered(out: Path, masks: Path, count: int, seed: int = 0) -> None:
    """Renders `count` sitters with random measures to OUT/rendered_N.png, and their masks: six seconds each."""
    out.mkdir(parents=True, exist_ok=True)
    masks.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor() as pool:
        list(pool.map(partial(_render, out, masks), range(seed * 10_000, seed * 10_000 + count)))


def _render(out: Path, masks: Path, number: int) -> None:
    find_examples()
    from portraits.portrait import SHARP, render

    photo, shapes = render(person(random.Random(number)), WIDTH, ROWS)
    seen = (shapes.cover > -1e5).reshape(ROWS, SHARP, WIDTH, SHARP).mean((1, 3))
    Image.fromarray(photo).save(out / f"rendered_{number:05}.png")
    mask(seen).save(masks / f"rendered_{number:05}.png")


def find_examples() -> None:
    """Lets the package of the rendered sitters, `portraits`, be imported."""
    if str(EXAMPLES) not in sys.path:
        sys.path.append(str(EXAMPLES))


def person(rng: random.Random):
    """A sitter of `examples/portraits` with every measure drawn at random: none of those that a style is judged on."""
    find_examples()
    from portraits.person import Beard, Face, Hair, Person

    u, age, man, side = rng.uniform, rng.random() ** 2, rng.random() < 0.5, rng.choice([-1, 1])
    tan, fair = rng.random(), rng.random() ** 2
    skin = tuple(a + (b - a) * tan for a, b in zip((0.60, 0.37, 0.28), (0.12, 0.06, 0.037)))
    shade = rng.choice([(0.4, 0.3, 0.15), (0.35, 0.34, 0.33), (0.25, 0.1, 0.04)])
    colour = tuple(0.01 + fair * v * u(0.7, 1.3) for v in shade)
    style = rng.choice(["short", "short", "curly", "bald"] if man else ["long", "long", "bun", "curly", "short"])
    cloth = rng.choice([tuple(u(0.03, 0.5) for _ in "rgb"), (u(0.02, 0.6),) * 3])
    face = Face(
        width=u(0.94, 1.06), jaw=u(0.95, 1.08) if man else u(0.84, 0.97), length=u(0.93, 1.05), age=age,
        fullness=u(-0.2, 0.5), cheekbone=u(-0.2, 0.8), brow_ridge=u(0, 1) if man else u(-1, 0), lid_fold=u(0.3, 1),
        brow_height=u(-0.1, 0.2), eye_open=u(0.74, 1.1), eye_width=u(0.97, 1.05), eye_tilt=u(0.05, 0.22),
        nose_length=u(-0.3, 0.4), nose_width=u(0.88, 1.3), nose_tip=u(0, 0.3), nose_bridge=u(-0.5, 0.3),
        lips=u(0.6, 1.45), mouth_width=u(2.5, 2.95), smile=u(0.1, 0.6), neck=u(0.92, 1.08) if man else u(0.8, 0.9),
        shoulders=u(0.95, 1.1) if man else u(0.84, 0.95), larynx=u(0.2, 0.8) if man else 0.0, ears=u(0.88, 1.18),
    )  # fmt: skip
    hair = Hair(
        style=style, colour=colour, length={"long": u(12, 24), "curly": u(2, 5)}.get(style, u(4, 8)), gray=age,
        lift=u(0.8, 1.7), parting=u(-4, 4), curl=u(0.2, 0.8) if style in ("long", "curly") else 0.0,
        recede=u(0, 1.4) if man else 0.0, strands=rng.randrange(20_000, 46_000), forward=u(0, 0.8),
    )  # fmt: skip
    beard = Beard(
        density=rng.choice([0, u(0.2, 1)]), length=u(0.3, 1.3), stubble=u(0, 0.4), moustache=rng.choice([0, u(0.4, 1)]),
        colour=colour,
    )  # fmt: skip
    return Person(
        "rendered", rng.randrange(1000, 10**6), face=face, hair=hair,
        beard=beard if man and rng.random() < 0.5 else Beard(), skin=skin, blush=u(0.3, 1.6), freckles=rng.choice([0, u(0, 0.9)]), makeup=0.0 if man else u(0, 0.7),
        lip_colour=(skin[0] * 0.8, skin[1] * u(0.35, 0.6), skin[2] * 0.7), brow_colour=tuple(0.6 * v for v in colour),
        brow_density=u(0.55, 1.3), iris=rng.choice([(0.035, 0.02, 0.01), (0.08, 0.14, 0.18), (0.07, 0.13, 0.06)]),
        glasses=rng.random() < 0.2, collar=rng.choice(["crew", "vee", "turtle"]), cloth=cloth,
        trim=rng.choice([cloth, (0.42, 0.42, 0.40)]), stripes=rng.choice([0, 0, u(3, 6)]),
        yaw=side * u(0, 18), pitch=u(-3, 3), roll=u(-3, 3), key=(-side * u(0.3, 0.85), u(0.4, 0.7), u(0.6, 0.8)),
        key_strength=2.0 + 0.9 * tan, fill=u(0.18, 0.35), rim=u(0.5, 1.6), rim_side=side,
        backdrop=rng.choice(["studio", "window", "garden", "evening"]),
        backdrop_colour=tuple(u(0.05, 0.45) for _ in "rgb") if rng.random() < 0.5 else (u(0.05, 0.45),) * 3,
    )  # fmt: skip
