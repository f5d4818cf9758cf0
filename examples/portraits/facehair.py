"""Hair of the face: brows, lashes, beard and moustache.

Short guides rooted on the skin, each leaving it along its own way and bending
back toward it.
"""

import numpy as np

from .roots import gradient, on_face, random_directions, surface_along
from .sdf import ramp
from .strands import Strands, rooted
from .surface import beard_area, brow_curve


def short_guides(scene, roots, ways, lengths, bend, points=6):
    """Short hairs that leave roots (n, 3) along ways (n, 3) and bend toward the skin."""
    n_out = gradient(scene.head.distance, roots, 0.1)
    t = np.linspace(0, 1, points, dtype=np.float32)[None, :, None]
    reach = t * lengths[:, None, None]
    return (roots[:, None] + ways[:, None] * reach
            + n_out[:, None] * (bend * lengths[:, None, None] * t * (1.2 - t))).astype(np.float32)


def brows(scene, lights, rng):
    """Both eyebrows."""
    p = scene.person
    count = int(430 * p.brow_density)
    if count == 0:
        return None
    s = rng.beta(1.15, 1.25, 2 * count).astype(np.float32)
    side = np.repeat([-1.0, 1.0], count)
    v = np.clip(rng.normal(0, 0.5, 2 * count), -1.2, 1.2).astype(np.float32)
    x, y, half = brow_curve(p.face, s)
    roots = on_face(scene, (side * x).astype(np.float32), (y + v * half * 1.05).astype(np.float32))
    angle = np.radians(52 - 66 * s - 22 * v) + rng.normal(0, 0.16, 2 * count)
    ways = np.stack([side * np.cos(angle), np.sin(angle), 0.05 - 0.35 * s], 1).astype(np.float32)
    lengths = (0.78 - 0.30 * s) * rng.uniform(0.75, 1.15, 2 * count)
    return face_strands(scene, lights, short_guides(scene, roots, ways, lengths.astype(np.float32), 0.16),
                        p.brow_colour, rng, children=2, spread=0.05, kind="brow")


def lashes(scene, lights, rng):
    """Upper and lower lashes of both eyes."""
    f = scene.person.face
    found = []
    for side in (-1.0, 1.0):
        for up, count, length in ((True, 170, 0.44), (False, 60, 0.18)):
            u = np.sort(rng.uniform(-1.12, 1.5, count)).astype(np.float32) * f.eye_width * 0.98
            upper, lower, _ = scene.head.lid_curves(u)
            y = (upper - 0.03) if up else (lower - 0.04)
            roots = on_face(scene, (side * (f.eye_gap + u)).astype(np.float32), y.astype(np.float32))
            fan = side * (0.12 + 0.42 * u)
            ways = np.stack([fan, np.full(count, 0.05 if up else -0.5), np.full(count, 0.9)], 1)
            ways /= np.linalg.norm(ways, axis=1, keepdims=True)
            reach = length * (0.7 + 0.3 * (u > 0)) * rng.uniform(0.8, 1.15, count)
            t = np.linspace(0, 1, 7)[None, :, None]
            curl = np.array([0, 1.0 if up else -0.35, 0])[None, None]
            found.append(roots[:, None] + (ways[:, None] * t + curl * t * t * 0.75) * reach[:, None, None])
    guides = np.concatenate(found).astype(np.float32)
    dark = np.array(scene.person.brow_colour) * (0.3 - 0.2 * scene.person.makeup)
    return face_strands(scene, lights, guides, dark, rng, children=1, spread=0.0, kind="lash")


def face_strands(scene, lights, guides, colour, rng, children, spread, kind):
    """Strands that lie on the skin."""
    world, normal, lit, _ = rooted(scene, lights.key, guides, scene.head.distance, 0.3)
    depth = np.broadcast_to(np.linspace(0.45, 1, guides.shape[1], dtype=np.float32)[None], lit.shape).copy()
    tint = np.array(colour, np.float32) * rng.uniform(0.7, 1.3, (len(guides), 1)).astype(np.float32)
    return Strands(world, normal, lit, depth, tint, children=children, spread=spread, clump=0.2, wave=0.02,
                   cover=0.95 if kind == "lash" else 0.8, gloss={"lash": 0.0, "brow": 0.15}.get(kind, 0.5), kind=kind)


def beard(scene, lights, rng):
    """Beard and moustache, or None."""
    b = scene.person.beard
    if b.density + b.moustache <= 0:
        return None
    count = int(16000 * max(b.density, b.moustache))
    ways = random_directions(rng, count)
    ways = ways[ways[:, 2] > -0.2]
    roots = surface_along(scene.head.distance, np.array([0, -5.5, -5.0], np.float32), ways, 13.0, 40)
    jaw, lip = beard_area(scene.head, *scene.head.canonical(*roots.T))
    full = np.maximum(jaw * b.density, lip * b.moustache)
    keep = rng.random(len(roots)) < full
    roots, full, lip = roots[keep], full[keep], lip[keep]
    n_out = gradient(scene.head.distance, roots, 0.2)
    side = np.sign(roots[:, :1]) * np.where(lip[:, None] > 0.3, 0.75, 0.12)
    down = np.concatenate([side, np.full_like(side, -0.85), 0 * side], 1)
    aim = n_out * 0.35 + down + rng.normal(0, 0.25, roots.shape)
    aim = (aim / np.linalg.norm(aim, axis=1, keepdims=True)).astype(np.float32)
    reach = b.length * rng.uniform(0.6, 1.1, len(roots)) * np.where(lip > 0.3, 0.75, 1.0)
    reach = reach * (0.45 + 0.55 * ramp(roots[:, 1], -4.5, -8.5))
    guides = short_guides(scene, roots, aim, reach.astype(np.float32), 0.25)
    return face_strands(scene, lights, guides, b.colour, rng, children=3 if b.density > 0 else 1,
                        spread=0.10, kind="beard")
