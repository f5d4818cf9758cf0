"""What the surfaces of a sitter look like: skin, lips, eyes, cloth, frames.

Colours are linear RGB. Skin is painted in the canonical frame of the head, so
that the same blush lies on every cheek however the head is shaped.
"""

import numpy as np

from .head import EYE_RADIUS
from .noise import fractal, noise
from .scene import PIVOT
from .sdf import bump, ramp


def blend(colour, other, share):
    """Move colours (N, 3) toward another by a share (N)."""
    return colour + (np.asarray(other, np.float32) - colour) * share[:, None]


def lip_share(head, x, y, z):
    """How much of the lips' colour a canonical point has."""
    upper, _, lower, _ = head.mouth_curves(x)
    inside = ramp(y, lower - 0.09, lower + 0.07) * ramp(y, upper + 0.06, upper - 0.08)
    return inside * ramp(np.abs(x), head.face.mouth_width * 1.02, head.face.mouth_width * 0.94) * ramp(z, -1, 0.5)


def skin(person, scene, x, y, z):
    """Colour and gloss of skin at canonical points."""
    head = scene.head
    base = np.array(person.skin, np.float32)
    ax = np.abs(x)
    front = ramp(z, -5.0, -1.0)
    red = base * np.array((1.0, 0.66, 0.62), np.float32)
    colour = np.repeat(base[None], len(x), 0)
    tone = fractal(x * 0.45, y * 0.45, z * 0.45, 3, person.seed)
    fine = fractal(x * 3.1, y * 3.1, z * 3.1, 3, person.seed + 40)
    colour = colour * (1 + 0.09 * tone + 0.08 * fine)[:, None]
    warm = (0.55 * bump(ax - 4.1, 2.0) * bump(y + 2.9, 1.9) * ramp(z, -4, -1)
            + 0.6 * bump(x, 1.7) * bump(y + 3.9 + person.face.nose_length, 1.3) * ramp(z, 1.2, 2.6)
            + 0.22 * bump(x, 1.8) * bump(y + 9.3, 1.3) * front + 0.7 * ramp(ax, 6.6, 7.6) * ramp(z, -5, -6.5))
    colour = blend(colour, red, np.clip(warm * person.blush * (1 + 0.5 * tone), 0, 1))
    colour = eye_surround(person, head, colour, x, y, z)
    colour = brow_shade(person, freckles(person, colour, x, y, z), x, y, z)
    colour = stubble(person, head, colour, x, y, z)
    if person.hair.style != "bald":
        roots = scene.growth(x, y - 0.45, z, 0.9) * (0.85 + 0.3 * fine)
        colour = blend(colour, np.array(person.hair.colour) * 0.75, np.clip(roots, 0, 0.95))
    lips = lip_share(head, x, y, z)
    lines = 0.10 * noise(x * 9, y * 1.5, z * 0, 77)
    colour = blend(colour, np.array(person.lip_colour), lips * (0.85 + lines))
    _, parting, _, _ = head.mouth_curves(x)
    seam = bump(y - parting + 0.01, 0.065) * ramp(ax, head.face.mouth_width * 1.04, head.face.mouth_width * 0.9)
    colour = colour * (1 - 0.72 * seam * ramp(z, -1, 0.5))[:, None]
    oily = 0.75 + 0.5 * bump(x, 2.2) * ramp(z, 0.5, 1.5) - 0.2 * fine
    return colour, np.where(lips > 0.4, 1.25, oily)


def eye_surround(person, head, colour, x, y, z):
    """Darker and cooler skin round the eyes, pink lid edges, and paint on them if worn."""
    u = np.abs(x) - head.eye[0]
    upper, lower, _ = head.lid_curves(u)
    near = ramp(z, -1.6, -0.5)
    hollow = (0.5 * bump(u + 0.5, 1.3) * bump(y + 1.0, 0.6) + 0.35 * bump(u, 1.5) * bump(y - 0.75, 0.45)) * near
    colour = colour * (1 - hollow[:, None] * (0.35 + 0.4 * person.face.age) * np.array((0.7, 1.0, 0.9), np.float32))
    within = ramp(np.abs(u), 1.65 * head.face.eye_width, 1.4 * head.face.eye_width) * near
    low_edge = bump(y - lower + 0.02, 0.09) * within
    colour = blend(colour, np.array(person.skin) * (1.0, 0.55, 0.5), 0.6 * low_edge)
    line = ramp(y, upper - 0.2, upper - 0.08) * ramp(y, upper + 0.2, upper + 0.05) * within
    return colour * (1 - (0.74 + 0.2 * person.makeup) * line - 0.35 * person.makeup * low_edge)[:, None]


def brow_shade(person, colour, x, y, z):
    """The skin seen through the brows."""
    f = person.face
    s = (np.abs(x) - f.eye_gap + 1.75) / 3.9
    _, middle, half = brow_curve(f, np.clip(s, 0, 1))
    share = bump((y - middle) / (half + 0.05), 1.0) * ramp(s, -0.06, 0.12) * ramp(s, 1.05, 0.85) * ramp(z, -4, -2)
    return blend(colour, person.brow_colour, 0.5 * min(person.brow_density, 1.0) * share)


def brow_curve(face, s):
    """The middle line and half thickness of a brow in the canonical plane, s from nose (0) to temple (1)."""
    rise = 0.75 * np.sin(np.clip(s * 1.28, 0, 1.28) * np.pi * 0.62) - 0.35 * np.maximum(s - 0.6, 0)
    half = 0.42 * (1 - s) ** 0.55 * (0.55 + 0.45 * ramp(s, -0.05, 0.22)) + 0.06
    return face.eye_gap - 1.75 + 3.9 * s, 1.42 + face.brow_height + rise, half


def freckles(person, colour, x, y, z):
    """Small brown spots over nose and cheeks."""
    if person.freckles <= 0:
        return colour
    spots = ramp(noise(x * 4.3, y * 4.3, z * 4.3, 5), 0.42, 0.62) + 0.7 * ramp(noise(x * 7, y * 7, z * 7, 6), 0.5, 0.65)
    where = bump(y + 2.0, 2.6) * ramp(z, -4, -1) + 0.35 * ramp(z, -3, 0)
    return colour * (1 - person.freckles * np.clip(spots * where, 0, 1)[:, None] * np.array((0.28, 0.45, 0.55)))


def beard_area(head, x, y, z):
    """Where a beard grows, 0..1, at canonical points; and where a moustache does."""
    ax = np.abs(x)
    upper, _, lower, _ = head.mouth_curves(x)
    low = -0.5 * head.face.nose_length
    edge = np.interp(ax, [0, 1.5, 2.4, 3.2, 4.5, 6.0, 7.5], [-8.2, -8.3, -7.3, -6.3, -5.0, -3.2, -1.5]) + low
    jaw = ramp(y, edge + 0.55, edge - 0.55) * ramp(z, -7.6, -6.6) * ramp(y, -13.5, -12.0)
    lip = ramp(y, upper + 0.08, upper + 0.25) * ramp(y, -4.9 + low, -5.3 + low) * ramp(ax, 3.0, 2.3) * ramp(z, -1, 0)
    soul = bump(x, 0.55) * ramp(y, lower - 0.1, lower - 0.25) * ramp(z, -1, 0)
    bare = ramp(y, lower - 0.05, lower + 0.05) * ramp(y, upper + 0.05, upper) * ramp(ax, 2.7, 2.4)
    return np.clip(np.maximum(jaw, 0.8 * soul) * (1 - bare), 0, 1), lip


def stubble(person, head, colour, x, y, z):
    """The shade of shaven hair."""
    b = person.beard
    if b.stubble <= 0 and b.density <= 0:
        return colour
    jaw, lip = beard_area(head, x, y, z)
    area = np.clip(np.maximum(jaw * np.maximum(b.stubble, b.density), lip * np.maximum(b.stubble, b.moustache)), 0, 1)
    dots = 0.8 + 0.35 * noise(x * 11, y * 11, z * 11, 9)
    shade = np.array(person.skin, np.float32) * (0.36, 0.42, 0.52)
    return blend(colour, shade, np.clip(0.55 * area * dots, 0, 0.9))


def eyes(person, scene, x, y, z, lights, n, view, lit, ao):
    """Radiance of the eyeballs at head-frame points (already lit)."""
    head = scene.head
    cx, cy, cz = head.canonical(x, y, z)
    side = np.sign(cx)
    w = np.stack([(cx - side * head.eye[0]), cy, cz - head.eye[2]], 1) / EYE_RADIUS
    aim = gaze(person, scene)
    off = w - aim
    r = np.linalg.norm(off, axis=1) * EYE_RADIUS
    angle = np.arctan2(off[:, 1], off[:, 0])
    u = np.abs(cx) - head.eye[0]
    upper, lower, _ = head.lid_curves(u)
    colour = sclera(person, cx, cy, cz, u)
    colour = blend(colour, iris(person, r, angle, side), ramp(r, 0.63, 0.57))
    colour = colour * (1 - 0.97 * ramp(r, 0.27, 0.23))[:, None]
    lid = ramp(upper - cy, -0.05, 0.34) * 0.75 + 0.25
    edge = ramp(cy - lower, -0.02, 0.12) * 0.35 + 0.65
    corner = ramp(1.5 * head.face.eye_width - np.abs(u), 0.0, 0.4) * 0.4 + 0.6
    shade = (lid * edge * corner)[:, None]
    soft = np.maximum(lit, 0.25)
    out = colour * lights.diffuse(n, soft, 0.35 + 0.65 * ao, (0.3, 0.3, 0.3)) * shade
    return out + catchlight(scene, lights, off, aim, r, view, shade)


def gaze(person, scene):
    """Where both eyes look, head frame: at the camera, or past it by the sitter's gaze."""
    turn = np.radians(person.gaze)
    target = np.array([130 * np.sin(turn), -0.5, 130 * np.cos(turn)]) - PIVOT
    aim = scene.turn.T @ target
    return (aim / np.linalg.norm(aim)).astype(np.float32)


def sclera(person, x, y, z, u):
    """The white of the eye: not white, pinker to the corners."""
    colour = np.repeat(np.array([[0.54, 0.50, 0.47]], np.float32), len(x), 0)
    veins = ramp(noise(x * 6, y * 14, z * 3, 31), 0.25, 0.8) * 0.25
    colour = blend(colour, (0.52, 0.30, 0.26), np.clip(veins + 0.35 * ramp(np.abs(u), 0.8, 1.5), 0, 1))
    return blend(colour, (0.50, 0.22, 0.19), ramp(u, -1.15, -1.4))


def iris(person, r, angle, side):
    """The coloured ring: fibres, a lighter inner zone and a dark rim."""
    fibres = noise(angle * 9 + side * 40, r * 3.0, 0 * r, 3) + 0.5 * noise(angle * 21 + side * 9, r * 5.0, 0 * r, 4)
    light = 0.72 + 0.42 * fibres + 0.45 * bump(r - 0.34, 0.11)
    light = light * (1 - 0.82 * ramp(r, 0.40, 0.60))
    low = 1 + 0.5 * np.maximum(-np.sin(angle), 0)
    return np.array(person.iris, np.float32) * (light * low)[:, None]


def catchlight(scene, lights, off, aim, r, view, shade):
    """The mirror image of the key light in the cornea, and a faint one of the room."""
    flat = off - aim * (off @ aim)[:, None]
    n = aim + flat * np.where(r < 0.75, 1.9, 1.25)[:, None]
    n = (n / np.linalg.norm(n, axis=1, keepdims=True)) @ scene.turn.T.astype(np.float32)
    mirror = 2 * (n * view).sum(1)[:, None] * n - view
    window = ramp(mirror @ lights.key, np.cos(0.30), np.cos(0.22)) * 1.4 * ramp(r, 0.66, 0.6)
    wide = ramp(mirror @ lights.fill, np.cos(0.5), np.cos(0.2)) * 0.04
    glow = (window * (shade[:, 0] ** 0.5) + wide)[:, None]
    return glow * lights.key_colour / max(float(lights.key_colour.max()), 1e-3)


def cloth(person, x, y, z, neck, gap):
    """Colour of the clothes: weave, trim at the neck, and stripes over the chest."""
    base = np.repeat(np.array([person.cloth], np.float32), len(x), 0)
    edge = ramp(neck - gap, 1.2, 1.12)
    if person.collar != "turtle":
        base = blend(base, person.trim, edge)
    if person.stripes > 0:
        band = ramp(np.abs(np.mod(y + 0.02 * x * x, person.stripes) / person.stripes - 0.5), 0.22, 0.26)
        base = blend(base, person.trim, band * (1 - edge) * ramp(y, -17.5, -18.0))
    weave = 0.08 * np.sin(x * 26) * np.sin(y * 22) + 0.12 * noise(x * 7, y * 7, z * 7, 12)
    return base * (1 + weave)[:, None]
