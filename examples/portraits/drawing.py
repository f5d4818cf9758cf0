"""A pencil drawing of a sitter, made from the geometry of the scene and its light.

Contours come from breaks in depth, normals and kinds of surface; the features
from their own curves; hair from its strands; hatching from the light on a
gray sitter, along directions that follow the form. The photograph is not read.
"""

import numpy as np
from scipy.ndimage import gaussian_filter, maximum_filter, minimum_filter

from .contours import link, pieces, thin
from .features import draw_features
from .portrait import SHARP
from .scene import CLOTH, EYE, FRAME, HAIR, SKIN
from .sdf import ramp
from .strands import children, radiance
from .strokes import Sheet


class Plan:
    """The geometry at the size of the drawing."""

    def __init__(self, geometry):
        g = geometry
        pick = (slice(SHARP // 2, None, SHARP),) * 2
        self.scene, self.lights, self.strands, self.camera = g.scene, g.lights, g.strands, g.camera
        self.kind, self.depth, self.cover = g.kind[pick], g.depth[pick], g.cover[pick]
        self.rows, self.width = self.kind.shape
        self.normal = np.stack([gaussian_filter(g.normal[..., i], 1.5)[pick] for i in range(3)], -1)
        self.tone = gaussian_filter(g.tone, 1.5)[pick]
        self.hairy = self.cover > np.where(np.isfinite(self.depth), self.depth, -1e5) + 0.01
        self.scalp, self.beard = self.hair_areas()
        self.haired = (self.hairy & ~self.beard) | self.scalp
        self.dark = darkness(self)

    def hair_areas(self):
        """Where the skin seen is scalp under hair, and where it is under a beard: two masks."""
        r, c = np.nonzero(self.kind == SKIN)
        z = self.depth[r, c]
        away = (self.camera.distance - z) / (self.camera.pixels_per_cm / SHARP * self.camera.distance)
        x = self.camera.centre[0] + (c + 0.5 - self.width / 2) * away
        y = self.camera.centre[1] + (self.rows / 2 - r - 0.5) * away
        point = self.scene.head.canonical(*self.scene.to_head(x, y, z))
        scalp, beard = np.zeros_like(self.hairy), np.zeros_like(self.hairy)
        if self.scene.person.hair.style != "bald":
            scalp[r, c] = self.scene.growth(*point) > 0.6
        beard[r, c] = self.hairy[r, c] & (point[1] < -2.0) & ~scalp[r, c]
        return scalp, beard

    def project(self, points):
        """World points (..., 3) to pixels of the drawing (..., 2)."""
        col, row = self.camera.project(points[..., 0], points[..., 1], points[..., 2])
        return np.stack([col, row], -1) / SHARP

    def visible(self, xy, z, slack=0.35, over=None):
        """Whether points are in front of what the buffers hold there."""
        c = np.clip(xy[..., 0].astype(int), 0, self.width - 1)
        r = np.clip(xy[..., 1].astype(int), 0, self.rows - 1)
        inside = (xy[..., 0] >= 0) & (xy[..., 0] < self.width) & (xy[..., 1] >= 0) & (xy[..., 1] < self.rows)
        return inside & (z > (self.depth if over is None else over)[r, c] - slack)


def darkness(plan):
    """How dark each pixel of the drawing wants to be, 0..1, from light on a gray sitter and local colour."""
    person = plan.scene.person
    lit = plan.tone / np.percentile(plan.tone[plan.kind == SKIN], 92)
    dark = 1 - np.clip(lit, 0, 1.0) ** 0.75
    skin = 0.45 * (1 - np.mean(person.skin) / 0.36)
    local = {SKIN: np.clip(skin, 0, 0.3), CLOTH: 0.42 * (1 - min(1.0, 2.2 * float(np.mean(person.cloth)) ** 0.6)),
             HAIR: 0.25, EYE: 0.0, FRAME: 0.5}
    for kind, share in local.items():
        where = plan.kind == kind
        dark[where] = dark[where] * (1 - 0.5 * share) + share
    hair = 0.75 * (1 - min(1.0, float(np.mean(person.beard.colour)) / 0.15))
    dark[plan.beard] = np.maximum(dark[plan.beard], hair)
    dark[plan.kind < 0] = 0
    return np.clip(dark, 0, 1)


def draw(geometry, seed=7):
    """The drawing (rows, width, 3) of a surveyed sitter, aligned with its photograph."""
    plan = Plan(geometry)
    sheet = Sheet(plan.width, plan.rows, seed)
    hatch(sheet, plan)
    contour(sheet, plan)
    draw_features(sheet, plan)
    for strands in plan.strands:
        draw_strands(sheet, plan, strands)
    return sheet.picture()


# Contours

def breaks(plan):
    """Strength 0..1 of the break in the geometry at each pixel."""
    z = np.where(np.isfinite(plan.depth), plan.depth, -60)
    jump = maximum_filter(z, 3) - minimum_filter(z, 3)
    slope = 2.2 / np.maximum(np.abs(plan.normal[..., 2]), 0.12) / plan.camera.pixels_per_cm * SHARP
    strength = ramp(jump, 0.35 + slope, 0.9 + slope)
    bend = sum(maximum_filter(plan.normal[..., i], 3) - minimum_filter(plan.normal[..., i], 3) for i in range(3))
    strength = np.maximum(strength, 0.55 * ramp(bend, 0.5, 1.2) * (plan.kind >= 0))
    kinds = maximum_filter(plan.kind, 3) != minimum_filter(plan.kind, 3)
    hair_only = (plan.kind == HAIR) | plan.hairy | plan.scalp
    strength = np.maximum(strength, 0.8 * kinds)
    eye = maximum_filter((plan.kind == EYE).astype(np.uint8), 7) > 0
    return np.where(hair_only | eye, 0, strength)


def contour(sheet, plan):
    """Silhouettes and creases: heavier on the side away from the light."""
    strength = breaks(plan)
    for line in link(thin(strength > 0.3), 9):
        for xy in pieces(line, sheet.rng):
            c, r = xy[:, 0].astype(int), xy[:, 1].astype(int)
            force = gaussian_filter(maximum_filter(strength, 3)[r, c], 3)
            shade = gaussian_filter(plan.dark[r, c], 4)
            sheet.stroke(xy, 0.35 + 0.45 * force + 0.4 * shade, 1.15 + 0.5 * shade.mean(), 0.5, (0.12, 0.2))
            if sheet.rng.random() < 0.45:
                sheet.stroke(xy + sheet.rng.normal(0, 0.9, 2), 0.3 * force + 0.1, 0.9, 0.8)


# Hatching

def direction(plan, lean):
    """Unit directions (rows, width, 2) in the picture that cross the form, from an axis leaning by an angle."""
    axis = np.array([np.cos(lean), np.sin(lean), 0.25])
    t = np.cross(plan.normal + np.array([0, 0, 0.6]), axis)[..., :2] * (1, -1)
    return t / (np.linalg.norm(t, axis=-1, keepdims=True) + 1e-6)


def hatch(sheet, plan):
    """Layers of strokes: a light one, a denser one, and one across for the deepest darks."""
    for lean, threshold, gap, weight, reach in ((0.70, 0.20, 3.4, 0.34, 30), (0.80, 0.42, 2.9, 0.45, 24),
                                                (0.15, 0.60, 3.2, 0.42, 18)):
        field = direction(plan, lean)
        for x, y in lattice(sheet.rng, plan, lean, gap, reach):
            path = follow(plan, field, x, y, threshold, reach * sheet.rng.uniform(0.6, 1.25))
            if path is not None:
                over = np.clip((path[:, 2] - threshold) * 2.2, 0.12, 1.0)
                sheet.stroke(path[:, :2], weight * (0.35 + 0.75 * over), 0.95, 0.35, (0.15, 0.45))


def lattice(rng, plan, lean, gap, reach):
    """Jittered seeds in rows along the stroke direction of a flat form."""
    along = np.array([np.sin(lean), np.cos(lean)])
    across = np.array([along[1], -along[0]])
    half = np.hypot(plan.width, plan.rows) / 2
    centre = np.array([plan.width, plan.rows]) / 2
    for a in np.arange(-half, half, gap):
        for b in np.arange(-half + rng.uniform(0, reach), half, reach * 0.8):
            x, y = centre + across * (a + rng.normal(0, 0.4)) + along * (b + rng.normal(0, reach * 0.2))
            if 0 <= x < plan.width and 0 <= y < plan.rows:
                yield x, y


def follow(plan, field, x, y, threshold, length, step=1.5):
    """A path (n, 3) of x, y and darkness both ways from a seed while it stays dark and on one surface."""
    kind = plan.kind[int(y), int(x)]
    if kind not in (SKIN, CLOTH) or plan.dark[int(y), int(x)] < threshold or plan.haired[int(y), int(x)]:
        return None
    ends = []
    for sign in (-1, 1):
        px, py, path = x, y, []
        for _ in range(int(length / 2 / step)):
            r, c = int(py), int(px)
            if not (0 <= r < plan.rows and 0 <= c < plan.width) or plan.kind[r, c] != kind:
                break
            if plan.dark[r, c] < threshold * 0.92 or plan.haired[r, c]:
                break
            path.append((px, py, plan.dark[r, c]))
            px, py = px + sign * step * field[r, c, 0], py + sign * step * field[r, c, 1]
        ends.append(path)
    path = ends[0][::-1] + ends[1][1:]
    return np.array(path, np.float32) if len(path) > 3 else None


# Hair

DENSITY = {"hair": 4.0, "brow": 0.5, "lash": 0.55, "beard": 1.0}


def draw_strands(sheet, plan, strands):
    """Hair as strokes along its strands: pressed where it is dark, left out where it shines."""
    share = DENSITY[strands.kind]
    per = max(1, int(round(share)))
    curves, index = children(strands, sheet.rng, per, 22)
    light = radiance(strands, plan.lights, curves, index).mean(2)
    xy = plan.project(curves)
    seen = plan.visible(xy, curves[..., 2], 0.5, plan.cover)
    bright = np.clip(light / 0.22, 0, 1) ** 0.55
    for i in np.flatnonzero(sheet.rng.random(len(curves)) < min(1.0, share / per)):
        for a, b in runs(seen[i]):
            force = 0.10 + 1.0 * (1 - bright[i, a:b])
            wide = 1.0 if strands.kind == "hair" else 0.85
            sheet.stroke(xy[i, a:b], force * (0.75 if strands.kind == "hair" else 0.9), wide, 0.3, (0.1, 0.4))


def runs(flags, shortest=4):
    """Start and end of each stretch of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(a, b) for a, b in zip(edges[::2], edges[1::2]) if b - a >= shortest]
