"""A second hand: brush and ink. Bold contours, flat white, solid blacks in the deepest shade and in dark hair.

Drawn from the same geometry as the pencil drawing and aligned with the same
photograph, but with nothing between black and white.
"""

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter, zoom

from .contours import link, pieces, thin
from .drawing import Plan, breaks, runs
from .features import draw_features
from .scene import HAIR, SKIN
from .sdf import ramp
from .strands import children, radiance
from .strokes import DETAIL, Sheet

WEIGHT = 1.9


def ink(geometry, seed=8):
    """The drawing (rows, width, 3) in black ink on white."""
    plan = Plan(geometry)
    sheet = Brush(plan.width, plan.rows, seed)
    for line in link(thin(breaks(plan) > 0.3), 12):
        for xy in pieces(line, sheet.rng, 60, 160, 6):
            c, r = xy[:, 0].astype(int), xy[:, 1].astype(int)
            shade = gaussian_filter(maximum_filter(plan.dark, 5)[r, c], 6)
            sheet.stroke(xy, 1.3, 1.5 + 1.6 * float(shade.mean()), 0.25, (0.2, 0.3))
    draw_features(sheet, plan)
    locks = Brush(plan.width, plan.rows, seed + 1)
    for strands in plan.strands:
        hairs(sheet, locks, plan, strands)
    return sheet.picture(blacks(plan), locks)


class Brush(Sheet):
    """A sheet that takes ink: a mark is there or it is not."""

    def stroke(self, xy, pressure=0.6, width=1.0, wobble=0.5, taper=(0.25, 0.35)):
        """As in pencil, but wider and always at full strength; the faintest marks are left out."""
        if np.max(pressure) > 0.34:
            super().stroke(xy, 1.5, width * WEIGHT * 0.75, wobble * 0.6, taper)

    def marks(self):
        """Share of ink per fine pixel."""
        return ramp(self.density(), 0.35, 0.75)

    def picture(self, solid, locks):
        """The drawing as 8-bit RGB: solid areas, white locks cut out of them, black lines over all."""
        fine = zoom(solid, DETAIL, order=1)
        fine = ramp(fine + 0.05 * gaussian_filter(self.rng.normal(size=fine.shape), 2.5) * 6, 0.42, 0.58)
        black = np.maximum(fine * (1 - locks.marks()), self.marks())
        black = black.reshape(self.rows, DETAIL, self.width, DETAIL).mean((1, 3))
        return np.clip(255 - black[..., None] * np.array((237, 237, 232)) + 0.5, 0, 255).astype(np.uint8)


def blacks(plan):
    """Areas filled with ink, 0..1: deep shade on the skin and the mass of dark hair."""
    deep = ramp(gaussian_filter(plan.dark, 2.0), 0.66, 0.74) * (plan.kind == SKIN) * ~plan.haired
    tone = float(np.mean(plan.scene.person.hair.colour))
    mass = (plan.kind == HAIR) | plan.scalp | (plan.hairy & (plan.kind != SKIN))
    mass = gaussian_filter(mass.astype(np.float32), 1.5)
    return np.maximum(gaussian_filter(deep.astype(np.float32), 1.2), mass * (tone < 0.06))


def hairs(sheet, locks, plan, strands):
    """Hair: black strokes, and where it shines white ones for the locks."""
    curves, _ = children(strands, sheet.rng, 1, 24)
    light = radiance(strands, plan.lights, curves, np.arange(len(curves))).mean(2)
    xy = plan.project(curves)
    seen = plan.visible(xy, curves[..., 2], 0.5, plan.cover)
    shine = light > np.percentile(light, 78)
    for i in np.flatnonzero(sheet.rng.random(len(curves)) < (0.3 if strands.kind == "hair" else 0.4)):
        for a, b in runs(seen[i]):
            sheet.stroke(xy[i, a:b], 1.0, 0.75, 0.3, (0.3, 0.5))
        for a, b in runs(seen[i] & shine[i], 5):
            locks.stroke(xy[i, a:b], 1.0, 0.9, 0.3, (0.4, 0.5))
