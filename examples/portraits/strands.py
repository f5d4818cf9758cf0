"""Hair as strands: curves in space, shaded along their length and drawn with a depth test.

A tuft is a guide curve; each guide carries children that start beside it and
draw together toward its tip. `Strands` holds guides of one kind; `children`
spreads them; `paint` puts them into the picture.
"""

from dataclasses import dataclass

import numpy as np

from .march import normals, shadow
from .sdf import ramp


@dataclass
class Strands:
    """Guide curves (n, m, 3) in world space with what is needed to shade them."""

    points: np.ndarray
    normals: np.ndarray         # (n, m, 3): of the mass of hair they lie in
    lit: np.ndarray             # (n, m): share of the key light
    depth: np.ndarray           # (n, m): 0 at the scalp, 1 at the outside
    colour: np.ndarray          # (n, 3)
    children: int = 1
    spread: float = 0.3         # cm between children at the root
    clump: float = 0.5          # how far they draw together
    wave: float = 0.1           # cm of waviness at the tip
    gloss: float = 1.0
    cover: float = 0.75         # how much of a pixel a strand hides
    kind: str = "hair"


def resample(values, count):
    """Linear interpolation of (n, m, ...) to count samples along the second axis."""
    m = values.shape[1]
    t = np.linspace(0, m - 1, count)
    i = np.minimum(t.astype(int), m - 2)
    f = (t - i).astype(np.float32).reshape((1, -1) + (1,) * (values.ndim - 2))
    return values[:, i] * (1 - f) + values[:, i + 1] * f


def children(strands, rng, per_guide, count):
    """Spread children round each guide: points (n·k, count, 3), and the guide's index of each."""
    n = len(strands.points)
    index = np.repeat(np.arange(n), per_guide)
    guide = resample(strands.points, count)[index]
    t = np.linspace(0, 1, count, dtype=np.float32)[None, :, None]
    offset = rng.normal(0, strands.spread, (len(index), 1, 3)).astype(np.float32)
    out = strands.normals[index, :1]
    offset = offset - out * np.minimum((offset * out).sum(2, keepdims=True), 0) * 0.7
    phase = rng.uniform(0, 6.28, (len(index), 1, 3)).astype(np.float32)
    rate = rng.uniform(2, 7, (len(index), 1, 1)).astype(np.float32)
    sway = np.sin(phase + rate * t) - np.sin(phase)
    return guide + offset * (1 - strands.clump * t) + strands.wave * sway * t, index


def radiance(strands, lights, points, index, view=(0, 0, 1)):
    """Colour of each sample of the children (N, m, 3): Kajiya and Kay's strand light, softened by the mass."""
    m = points.shape[1]
    tangent = np.gradient(points, axis=1)
    tangent /= np.linalg.norm(tangent, axis=2, keepdims=True) + 1e-6
    normal = resample(strands.normals, m)[index]
    lit = resample(strands.lit[..., None], m)[index, :, 0]
    depth = resample(strands.depth[..., None], m)[index, :, 0]
    ao = 0.38 + 0.62 * depth
    colour = strands.colour[index][:, None, :]
    view = np.asarray(view, np.float32)
    up = 0.5 + 0.5 * normal[..., 1:2]
    total = colour * (lights.ground + (lights.sky - lights.ground) * up) * ao[..., None]
    for direction, tint, seen in ((lights.key, lights.key_colour, lit), (lights.fill, lights.fill_colour, ao),
                                  (lights.rim, lights.rim_colour, ao * ao)):
        facing = np.maximum((normal @ direction + 0.25) / 1.25, 0) * seen * ao
        along = tangent @ direction
        body = np.sqrt(np.maximum(1 - along ** 2, 0))
        total = total + colour * (facing * body)[..., None] * tint * 0.9
        half = direction + view
        half = half / np.linalg.norm(half)
        shine = 0.0
        for shift, power, share in ((-0.08, 60, 0.35), (0.10, 14, 0.35)):
            slant = np.clip((tangent + shift * normal) @ half, -1, 1)
            lobe = np.sqrt(1 - slant ** 2) ** power * share
            shine = shine + lobe[..., None] * (0.09 + (2.4 * colour if power < 20 else 0.5 * colour))
        total = total + shine * facing[..., None] * tint * strands.gloss
    return total


def paint(strands, lights, camera, canvas, zbuffer, rng, batch=2500):
    """Draw strands into canvas (rows·width, 3) where they are nearer than zbuffer (rows·width, z upward)."""
    n = max(1, batch // max(strands.children, 1))
    for i in range(0, len(strands.points), n):
        part = Strands(**{**strands.__dict__, **{k: getattr(strands, k)[i:i + n] for k in (
            "points", "normals", "lit", "depth", "colour")}})
        coarse, index = children(part, rng, strands.children, min(part.points.shape[1] * 2, 48))
        colour = radiance(part, lights, coarse, index) * rng.uniform(0.5, 1.5, (len(index), 1, 1))
        _splat(coarse, colour.astype(np.float32), strands.cover, camera, canvas, zbuffer)


def _splat(points, colour, cover, camera, canvas, zbuffer):
    col, row = camera.project(points[..., 0], points[..., 1], points[..., 2])
    length = np.hypot(np.diff(col, axis=1), np.diff(row, axis=1)).sum(1)
    order = np.argsort(length)
    for group in np.array_split(order, 6):
        if len(group) == 0:
            continue
        count = int(np.clip(length[group].max() * 1.15, 6, 900))
        fade = cover * (1 - 0.65 * np.linspace(0, 1, points.shape[1]) ** 3)
        fade = np.broadcast_to(fade[None, :, None], (len(group), points.shape[1], 1))
        stack = np.concatenate([col[group, :, None], row[group, :, None], points[group, :, 2:], colour[group], fade], 2)
        _plot(resample(stack.astype(np.float32), count).reshape(-1, 7), camera, canvas, zbuffer)


def _plot(s, camera, canvas, zbuffer):
    c, r = s[:, 0].astype(np.int32), s[:, 1].astype(np.int32)
    inside = (c >= 0) & (c < camera.width) & (r >= 0) & (r < camera.rows)
    cell = (r * camera.width + c)[inside]
    s = s[inside]
    front = s[:, 2] > zbuffer[cell]
    s, cell = s[front], cell[front]
    order = np.argsort(s[:, 2], kind="stable")
    s, cell = s[order], cell[order]
    behind = np.where((zbuffer[cell] > -1e5)[:, None], canvas[cell], s[:, 3:6])
    canvas[cell] = behind + (s[:, 3:6] - behind) * s[:, 6:]
    zbuffer[cell] = s[:, 2]


def rooted(scene, key, head_points, mass, lift):
    """Shading of guides given in the head frame (n, m, 3) over a mass: a head-frame distance function.

    Returns world points, normals, share of the key light, and depth in the hair.
    """
    n, m, _ = head_points.shape
    flat = [head_points[..., i].ravel().astype(np.float32) for i in range(3)]
    world = np.stack(scene.to_world(*flat), 1).reshape(n, m, 3).astype(np.float32)
    grad = np.stack(normals(mass, *flat, eps=0.35), 1) @ scene.turn.T.astype(np.float32)
    grad = grad.reshape(n, m, 3).astype(np.float32)
    height = mass(*flat).reshape(n, m)
    depth = ramp(height, -0.15, max(lift, 0.2))
    start = world + grad * np.maximum(0.6 * lift - height, 0.3)[..., None]
    lit = shadow(scene, *(np.ascontiguousarray(start[..., i]).ravel() for i in range(3)), key)
    return world, grad, lit.reshape(n, m).astype(np.float32), depth.astype(np.float32)
