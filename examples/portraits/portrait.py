"""One portrait from a sitter: trace, shade, grow hair, put behind it a background, develop as a photograph.

`render` also keeps what the drawing needs (`Geometry`): depth, normals, kinds
of surface and light per pixel at the working size, which is twice the size of
the picture.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter

from . import surface
from .backdrop import backdrop
from .hair import all_strands
from .lights import Lights
from .march import Camera, in_blocks, normals, occlusion, shadow, trace
from .noise import fractal
from .scene import CLOTH, EYE, FRAME, HAIR, SKIN, Scene
from .sdf import ramp
from .strands import paint

SHARP = 2


@dataclass
class Geometry:
    """Per-pixel answers at the working size, and the strands; what a drawing is made from."""

    camera: Camera
    scene: Scene
    lights: Lights
    hit: np.ndarray
    kind: np.ndarray            # (rows, width): kinds of surface, -1 for none
    depth: np.ndarray           # z toward the camera, of solids
    normal: np.ndarray          # (rows, width, 3)
    tone: np.ndarray            # light on a gray sitter, 0..1 and more
    lit: np.ndarray
    ao: np.ndarray
    cover: np.ndarray           # z with strands painted in
    strands: list = field(default_factory=list)


def render(person, width=512, rows=640):
    """The photograph (rows, width, 3) as 8-bit RGB, and its geometry."""
    scene, lights = Scene(person), Lights(person)
    camera = Camera(width * SHARP, rows * SHARP)
    rng = np.random.default_rng(person.seed)
    geometry, points = survey(scene, camera, lights)
    canvas = shade(geometry, points)
    zbuffer = geometry.depth.ravel().copy()
    zbuffer[~np.isfinite(zbuffer)] = -1e6
    for strands in all_strands(scene, lights, rng):
        paint(strands, lights, camera, canvas, zbuffer, rng)
        geometry.strands.append(strands)
    geometry.cover = zbuffer.reshape(geometry.depth.shape)
    seen = zbuffer > -1e5
    behind = backdrop(person, camera.width, camera.rows).reshape(-1, 3)
    picture = np.where(seen[:, None], canvas, behind).reshape(camera.rows, camera.width, 3)
    return develop(picture, person), geometry


def survey(scene, camera, lights):
    """Trace all pixels and measure the surfaces they meet."""
    t, hit = trace(scene, camera)
    origin = np.array(camera.origin, np.float32)
    rays = np.stack(camera.rays(), 1)[hit]
    points = origin + rays * t[hit][:, None]
    x, y, z = (np.ascontiguousarray(points[:, i]) for i in range(3))
    n = normals(scene.distance, x, y, z)
    kind = in_blocks(lambda x, y, z: _nearest(scene, x, y, z), x, y, z)
    lit = shadow(scene, x, y, z, lights.key)
    ao = occlusion(scene, x, y, z, *n)
    normal = np.stack(n, 1)
    shape = (camera.rows, camera.width)

    def full(values, fill, dtype=np.float32):
        out = np.full(shape + values.shape[1:], fill, dtype)
        out.reshape((-1,) + values.shape[1:])[hit] = values
        return out

    gray = lights.diffuse(normal, lit, ao, (0.15,) * 3).mean(1)
    return Geometry(camera, scene, lights, hit.reshape(shape), full(kind, -1, np.int8), full(z, -np.inf),
                    full(normal, 0), full(gray, 0), full(lit, 0), full(ao, 0), None), points


def _nearest(scene, x, y, z):
    parts = scene.parts(x, y, z)
    keys = np.array(list(parts), np.int8)
    return keys[np.argmin(np.stack(list(parts.values())), 0)]


def shade(geometry, points):
    """Radiance of all solid surfaces: (rows·width, 3)."""
    scene, lights, person = geometry.scene, geometry.lights, geometry.scene.person
    hit = geometry.hit.ravel()
    kind = geometry.kind.ravel()[hit]
    x, y, z = (np.ascontiguousarray(points[:, i]) for i in range(3))
    view = np.array(geometry.camera.origin, np.float32) - points
    view /= np.linalg.norm(view, axis=1, keepdims=True)
    head = np.stack(scene.to_head(x, y, z), 1)
    out = np.zeros((len(points), 3), np.float32)
    canvas = np.zeros((len(hit), 3), np.float32)
    take = {k: np.flatnonzero(kind == k) for k in (SKIN, EYE, CLOTH, HAIR, FRAME)}
    n, lit, ao = (v.reshape(-1, *v.shape[2:])[hit] for v in (geometry.normal, geometry.lit, geometry.ao))
    out[take[SKIN]] = _shade_skin(geometry, take[SKIN], hit, head, points, n, view, lit, ao)
    i = take[EYE]
    if len(i):
        out[i] = surface.eyes(person, scene, *head[i].T, lights, n[i], view[i], lit[i], ao[i])
    i = take[CLOTH]
    neck = in_blocks(scene.collar, x[i], y[i], z[i])
    colour = surface.cloth(person, x[i], y[i], z[i], neck, scene.gap(x[i], z[i]))
    out[i] = colour * lights.diffuse(n[i], lit[i], ao[i], (0.1,) * 3)
    i = take[HAIR]
    out[i] = np.array(person.hair.colour, np.float32) * 0.6 * lights.diffuse(n[i], lit[i], ao[i] * 0.8, (0.2,) * 3)
    i = take[FRAME]
    out[i] = (np.array(person.glasses_colour, np.float32) * lights.diffuse(n[i], lit[i], ao[i], (0.0,) * 3)
              + 1.5 * lights.gloss(n[i], view[i], lit[i], ao[i], 60))
    canvas[hit] = out
    return canvas


def _shade_skin(geometry, i, hit, head, points, n, view, lit, ao):
    """Skin: light that seeps sideways, more of the red; pores; a soft and a sharp gloss."""
    scene, lights, person = geometry.scene, geometry.lights, geometry.scene.person
    cx, cy, cz = scene.head.canonical(*head[i].T)
    colour, oily = surface.skin(person, scene, cx, cy, cz)
    light = lights.diffuse(n[i], lit[i], ao[i], (0.24, 0.12, 0.08))
    sheet = np.zeros(hit.shape + (3,), np.float32)
    mask = np.zeros(hit.shape, np.float32)
    where = np.flatnonzero(hit)[i]
    sheet[where], mask[where] = light, 1
    shape = geometry.hit.shape
    scale = geometry.camera.pixels_per_cm
    for c, radius in enumerate((0.11, 0.06, 0.04)):
        weight = gaussian_filter(mask.reshape(shape), radius * scale) + 1e-4
        soft = gaussian_filter(sheet[:, c].reshape(shape), radius * scale) / weight
        sheet[:, c] = soft.ravel()
    rough = pores(geometry, where, points[i], n[i])
    micro = (1 + 0.35 * ((rough - n[i]) @ lights.key))[:, None]
    gloss = (lights.gloss(rough, view[i], lit[i], ao[i], 14) * 0.7
             + lights.gloss(rough, view[i], lit[i], ao[i], 42) * 0.5)
    return colour * sheet[where] * micro + gloss * oily[:, None]


def pores(geometry, where, points, n):
    """Normals roughened by fine noise, by its slope on the picture plane."""
    x, y, z = points.T
    height = 0.6 * fractal(x * 13, y * 13, z * 13, 2, 60) + 0.5 * fractal(x * 4, y * 4, z * 4, 2, 61)
    sheet = np.zeros(geometry.hit.shape, np.float32)
    sheet.ravel()[where] = height
    down, right = np.gradient(sheet)
    slope = np.stack([-right.ravel()[where], down.ravel()[where], np.zeros(len(where))], 1)
    slope *= 0.42 * geometry.camera.pixels_per_cm / 36.0
    out = n + np.clip(slope, -0.25, 0.25)
    return (out / np.linalg.norm(out, axis=1, keepdims=True)).astype(np.float32)


def develop(picture, person):
    """From linear light at the working size to an 8-bit photograph: lens, exposure, curve, grain."""
    rng = np.random.default_rng(person.seed + 900)
    rows, width, _ = picture.shape
    picture = np.minimum(picture, 4.0)
    glow = np.stack([gaussian_filter(picture[..., c], rows / 60) for c in range(3)], -1)
    picture = 0.95 * picture + 0.05 * glow
    picture = np.stack([gaussian_filter(picture[..., c], 0.7) for c in range(3)], -1)
    small = picture.reshape(rows // SHARP, SHARP, width // SHARP, SHARP, 3).mean((1, 3))
    y, x = np.mgrid[0:small.shape[0], 0:small.shape[1]]
    off = ((x / small.shape[1] - 0.5) ** 2 + (y / small.shape[0] - 0.5) ** 2)
    small = small * (1 - 0.35 * off)[..., None] * 1.08
    bright = small * (1 + small / 6.0) / (0.72 + small) * 0.86
    coded = np.where(bright < 0.0031308, 12.92 * bright, 1.055 * np.maximum(bright, 1e-6) ** (1 / 2.4) - 0.055)
    coded = coded + 0.06 * np.sin((np.clip(coded, 0, 1) - 0.5) * 2 * np.pi) * 0.5
    grain = gaussian_filter(rng.normal(size=small.shape), (0.6, 0.6, 0)) * 0.016
    return (np.clip(coded + grain * (0.5 + 0.5 * ramp(coded, 1, 0.3)), 0, 1) * 255 + 0.5).astype(np.uint8)
