"""The hair of the head: where it grows and which way it lies.

Guides are grown in the head frame, step by step over the scalp, along a
combing field with some gravity; long hair that leaves the head falls and rests
on the shoulders.
"""

import numpy as np

from .facehair import beard, brows, lashes
from .roots import gradient, random_directions, surface_along
from .scene import BUN_CENTRE, BUN_RADII
from .sdf import ramp
from .strands import Strands, rooted


def all_strands(scene, lights, rng):
    """Every kind of hair of the sitter, from the skin outward."""
    found = [beard(scene, lights, rng), brows(scene, lights, rng), lashes(scene, lights, rng),
             scalp(scene, lights, rng), bun(scene, lights, rng)]
    return [s for s in found if s is not None]


def scalp(scene, lights, rng):
    """The hair of the head, or None for a bald sitter."""
    h = scene.person.hair
    if h.style == "bald":
        return None
    head = scene.head
    ways = random_directions(rng, 7000)
    if h.forward > 0:
        more = random_directions(rng, 9000)
        ways = np.concatenate([ways, more[(more[:, 2] > 0.35) & (more[:, 1] > 0.25)]])
    roots = surface_along(head.scalp, np.array([0, 2.5, -6.5], np.float32), ways, 14.0)
    share = scene.growth(*head.canonical(*roots.T), 0.7)
    outward = gradient(head.scalp, roots) @ scene.turn.T.astype(np.float32)
    keep = (rng.random(len(roots)) < share) & (outward[:, 2] > -0.4)
    guides = grow(scene, roots[keep].astype(np.float32), share[keep], rng)
    if h.style == "long":
        guides = guides[~over_face(head, guides)]
    world, normal, lit, depth = rooted(scene, lights.key, guides, head.scalp, h.lift)
    if h.style == "long":
        normal = fall_normals(scene, world, normal)
        depth = np.maximum(depth, 0.75 * rng.uniform(0.6, 1, (len(world), 1)).astype(np.float32))
    colour = strand_colours(h, len(guides), rng)
    per = max(4, h.strands // max(len(guides), 1))
    return Strands(world, normal, lit, depth, colour, children=per, spread=0.28 if h.curl == 0 else 0.2,
                   clump=0.55, wave=0.10 + 0.3 * h.curl, kind="hair")


def over_face(head, guides):
    """Which guides (n, m, 3) cross the face."""
    x, y, z = (head.canonical(*(guides[..., i] for i in range(3))))
    return ((np.abs(x) < 6.1) & (y < 4.8) & (z > -4.5)).any(1)


def bun(scene, lights, rng):
    """Hair wound round the bun, or None without one."""
    h = scene.person.hair
    if h.style != "bun":
        return None
    count = 420
    axis = np.array([0.25, 0.85, 0.45]) + rng.normal(0, 0.12, (count, 3))
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    start = np.cross(axis, random_directions(rng, count))
    start /= np.linalg.norm(start, axis=1, keepdims=True)
    height = rng.uniform(-0.95, 0.95, (count, 1, 1))
    turn = np.linspace(0, 2.2, 22)[None, :, None]
    ring = start[:, None] * np.cos(turn) + np.cross(axis, start)[:, None] * np.sin(turn)
    ball = axis[:, None] * height + ring * np.sqrt(1 - height ** 2)
    guides = (np.array(BUN_CENTRE) + ball * np.array(BUN_RADII) * rng.uniform(0.98, 1.05, (count, 1, 1)))
    world, normal, lit, _ = rooted(scene, lights.key, guides.astype(np.float32), scene.bun, 0.5)
    depth = np.full(lit.shape, 0.8, np.float32) * rng.uniform(0.6, 1.0, (count, 1)).astype(np.float32)
    return Strands(world, normal, lit, depth, strand_colours(h, count, rng), children=22, spread=0.12, clump=0.1,
                   wave=0.1)


def strand_colours(hair, count, rng):
    """A colour for each guide, some of them white."""
    colour = np.array(hair.colour, np.float32) * rng.uniform(0.65, 1.4, (count, 1))
    white = 0.42 * rng.uniform(0.7, 1.15, (count, 1))
    return np.where((rng.random(count) < hair.gray)[:, None], white, colour).astype(np.float32)


def fall_normals(scene, world, normal):
    """Normals of hanging hair: away from the axis of head and neck."""
    away = world - np.array([0, 0, -8.5], np.float32)
    away[..., 1] = 0
    away /= np.linalg.norm(away, axis=2, keepdims=True) + 1e-6
    share = ramp(world[..., 1], 3.0, -3.0)[..., None]
    mixed = normal + (away - normal) * share
    return (mixed / (np.linalg.norm(mixed, axis=2, keepdims=True) + 1e-6)).astype(np.float32)


def comb(scene, p, down):
    """Which way hair is combed at head-frame points (n, 3)."""
    h = scene.person.hair
    x, y, z = p.T
    one = np.ones_like(x)
    if h.style == "bun":
        return np.stack([0 - x, BUN_CENTRE[1] - 0.4 - y, BUN_CENTRE[2] - z], 1)
    side = np.where(x > h.parting, 1.0, -1.0)
    if h.style == "long":
        top = np.stack([side * 1.3, 0.1 * one, -0.55 * ramp(z, -6.0, 1.0)], 1)
        wall = down + np.stack([0 * x, 0 * x, -0.75 * ramp(z, -7.0, -2.0)], 1)
        share = ramp(np.abs(x) + 0.25 * np.maximum(7 - y, 0), 3.0, 6.0)[:, None]
        return top * (1 - share) + wall * share
    across = np.stack([side, 0.15 * one, 0.30 - 0.1 * z * (z < 0)], 1)
    ahead = np.stack([0.28 * side + 0.05 * x, -0.1 * one, one], 1)
    top = across * (1 - h.forward) + ahead * h.forward
    wall = np.stack([0 * x, -1.0 * one, -0.45 * one], 1)
    share = ramp(np.abs(x) + 0.35 * np.maximum(6 - y, 0), 4.2, 6.6)[:, None]
    return top * (1 - share) + wall * share


def grow(scene, roots, share, rng):
    """Guide curves (n, m, 3) in the head frame from roots on the scalp."""
    h = scene.person.hair
    n = len(roots)
    length = h.length * rng.uniform(0.75, 1.1, n).astype(np.float32) * (0.45 + 0.55 * share)
    if h.style == "short":
        length *= (0.25 + 0.75 * ramp(roots[:, 1], 2.5, 8.0)) * (1 - 0.5 * ramp(np.abs(roots[:, 0]), 3.0, 5.5))
    if h.style == "bun":
        length = np.minimum(np.linalg.norm(roots - np.array(BUN_CENTRE), axis=1) * 0.95, 22).astype(np.float32)
    steps = int(np.clip(h.length / 0.45, 10, 44)) if h.style != "bun" else 26
    step = (length / steps)[:, None]
    down = (scene.turn.T @ np.array([0, -1, 0])).astype(np.float32)
    rest = rng.uniform(0.1, 1.0, n).astype(np.float32) * h.lift * (0.35 + 0.65 * share)
    if h.style == "short":
        rest *= 0.15 + 0.85 * ramp(roots[:, 1], 1.0, 7.5)
    phase = rng.uniform(0, 6.28, n).astype(np.float32)
    jitter = rng.normal(0, 0.08 if h.style == "long" else 0.2, (n, 3)).astype(np.float32)
    p, path = roots.copy(), [roots.copy()]
    way = gradient(scene.head.scalp, p)
    for k in range(steps):
        n_out = gradient(scene.head.scalp, p)
        way = steer(scene, p, way, n_out, down, jitter, k)
        p = p + way * step
        p = settle(scene, p, n_out, rest * min(1.0, (k + 1) / 4.0))
        shape = waved if h.style == "long" else curled
        path.append(shape(p, way, n_out, phase, k * step[:, 0], h.curl))
    return np.stack(path, 1)


def steer(scene, p, way, n_out, down, jitter, k):
    """The next direction of growth: combing along the scalp, lifting at the root, falling in the free air."""
    h = scene.person.hair
    if h.style == "curly":
        aim = n_out * 1.0 + jitter * 2.0
    else:
        aim = comb(scene, p, down)
        aim = aim / (np.linalg.norm(aim, axis=1, keepdims=True) + 1e-6)
        away = scene.head.scalp(p[:, 0], p[:, 1], p[:, 2])
        if h.style == "long":
            free = ramp(away, 1.2, 3.0)[:, None]
            aim = aim * (1 - free) + (down + hang(p) * 0.35) * free
        aim = aim - n_out * (aim * n_out).sum(1, keepdims=True) * (0.0 if h.style == "long" else 0.9)
        aim = aim / (np.linalg.norm(aim, axis=1, keepdims=True) + 1e-6) + jitter
        if k < 3 and h.style != "bun":
            aim = aim + n_out * (0.2 if h.style == "long" else 0.5) * h.lift
    way = 0.55 * way + 0.45 * aim
    return way / (np.linalg.norm(way, axis=1, keepdims=True) + 1e-6)


def hang(p):
    """The pull of long hair toward the curtain beside and behind the face, at head-frame points."""
    x, y, z = p.T
    side = np.where(x >= 0, 1.0, -1.0)
    goal = np.stack([side * 7.9, y, -7.0 + 0 * y], 1)
    front = ramp(z, -12.0, -9.0)[:, None]
    return (goal - p) * front


def beside_face(p):
    """How far to move points of long hair sideways so that the face stays free."""
    x, y, z = p.T
    inside = ramp(y, 6.0, 4.5) * ramp(z, -6.0, -4.0) * np.maximum(6.6 - np.abs(x), 0)
    side = np.where(x >= 0, 1.0, -1.0)
    return np.stack([side * inside * 0.5, 0 * x, -0.25 * inside], 1)


def settle(scene, p, n_out, rest):
    """Keep hair at its place in the thickness: out of the head, and on the shoulders where it meets them."""
    h = scene.person.hair
    away = scene.head.scalp(p[:, 0], p[:, 1], p[:, 2])
    pull = 0.0 if h.style in ("long", "curly") else 0.6
    move = np.where(away < rest, rest - away, (rest - away) * pull)
    p = p + n_out * move[:, None]
    if h.style == "long":
        wx, wy, wz = scene.to_world(*p.T)
        body = np.minimum(scene.torso(wx, wy, wz) - 0.9, scene.neck(wx, wy, wz) - 0.6)
        p = p + beside_face(p)
        away = np.where(wz > -8.5, 1.0, -1.0)[:, None] * (scene.turn.T @ np.array([0.0, 0.1, 1.0]))[None]
        p = p + np.maximum(0.2 - body, 0)[:, None] * away
    return p.astype(np.float32)


def curled(p, way, n_out, phase, along, radius):
    """A point moved onto a helix round its guide."""
    if radius <= 0:
        return p
    side = np.cross(way, n_out)
    turn = phase + along * 2.6 / max(radius, 0.2)
    grown = np.minimum(along * 0.8, 1.0) * radius
    return (p + side * (np.cos(turn) * grown)[:, None] + n_out * (np.sin(turn) * grown)[:, None]).astype(np.float32)


def waved(p, way, n_out, phase, along, radius):
    """A point moved sideways in slow waves that neighbours share."""
    side = np.cross(way, n_out)
    swing = np.sin(along * 0.75 + 0.15 * phase + 0.5 * np.sign(p[:, 0])) * np.minimum(along / 9.0, 1.0) * radius
    return (p + side * swing[:, None]).astype(np.float32)
