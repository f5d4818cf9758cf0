"""A pinhole camera and sphere tracing over a scene, in blocks that stay in cache.

`trace` gives the depth of the first surface for each pixel; `normals`,
`shadow` and `occlusion` work on lists of surface points. Image rows run down,
world y runs up.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import minimum_filter

BLOCK = 24576
FAR = 45.0
STRIDE = 8


@dataclass
class Camera:
    """Looks along -z from `distance` cm in front of the eyes; `height` cm of the sitter fill the frame."""

    width: int
    rows: int
    distance: float = 130.0
    height: float = 35.5
    centre: tuple = (0.0, -2.3)

    @property
    def pixels_per_cm(self):
        """Scale in the plane of the eyes."""
        return self.rows / self.height

    def rays(self):
        """Unit directions of all pixels, row-major, as three arrays."""
        px, py = np.meshgrid(np.arange(self.width) + 0.5, np.arange(self.rows) + 0.5)
        x = (px - self.width / 2) / self.pixels_per_cm
        y = (self.rows / 2 - py) / self.pixels_per_cm
        z = np.full_like(x, -self.distance)
        norm = np.sqrt(x * x + y * y + z * z)
        return tuple((v / norm).astype(np.float32).ravel() for v in (x, y, z))

    @property
    def origin(self):
        """Where the camera stands."""
        return self.centre[0], self.centre[1], self.distance

    def project(self, x, y, z):
        """World points to pixel coordinates (column, row)."""
        scale = self.pixels_per_cm * self.distance / (self.distance - z)
        return (x - self.centre[0]) * scale + self.width / 2, self.rows / 2 - (y - self.centre[1]) * scale


def in_blocks(function, *arrays):
    """Apply a function of flat arrays block by block and join what it returns."""
    out = [function(*(a[i:i + BLOCK] for a in arrays)) for i in range(0, max(len(arrays[0]), 1), BLOCK)]
    if isinstance(out[0], tuple):
        return tuple(np.concatenate(v) for v in zip(*out))
    return np.concatenate(out)


def trace(scene, camera, steps=70):
    """Distance along the ray to the first surface of each pixel, and whether there is one."""
    coarse = replace(camera, width=camera.width // STRIDE, rows=camera.rows // STRIDE)
    start = _march(scene, coarse, np.full(coarse.width * coarse.rows, camera.distance - 16.0, np.float32), steps)[0]
    start = minimum_filter(start.reshape(coarse.rows, coarse.width), 3) - 0.3
    start = np.repeat(np.repeat(start, STRIDE, 0), STRIDE, 1).ravel()
    return _march(scene, camera, start, steps)


def _march(scene, camera, start, steps):
    ox, oy, oz = (np.float32(v) for v in camera.origin)
    far = np.float32(camera.distance - 16.0 + FAR)

    def block(dx, dy, dz, t):
        t = t.copy()
        hit = np.zeros(dx.shape, bool)
        live = np.arange(len(dx))
        for _ in range(steps):
            s = t[live]
            d = scene.distance(ox + dx[live] * s, oy + dy[live] * s, oz + dz[live] * s)
            t[live] = s + d * np.float32(0.9)
            done = d < 0.004
            hit[live[done]] = True
            live = live[~done & (t[live] < far)]
            if len(live) == 0:
                break
        hit[live] = True
        return t, hit & (t < far)

    return in_blocks(block, *camera.rays(), start)


def normals(distance, x, y, z, eps=0.025):
    """Unit gradient of a distance function at points, from four samples."""
    def block(x, y, z):
        n = [0.0, 0.0, 0.0]
        for sx, sy, sz in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
            d = distance(x + np.float32(sx * eps), y + np.float32(sy * eps), z + np.float32(sz * eps))
            n = [n[0] + sx * d, n[1] + sy * d, n[2] + sz * d]
        size = np.sqrt(n[0] ** 2 + n[1] ** 2 + n[2] ** 2) + 1e-9
        return tuple((v / size).astype(np.float32) for v in n)

    return in_blocks(block, x, y, z)


def shadow(scene, x, y, z, light, softness=7.0, steps=20, reach=16.0):
    """Share of a broad light that reaches each point, 0..1."""
    lx, ly, lz = (np.float32(v) for v in light)

    def block(x, y, z):
        t = np.full(x.shape, 0.22, np.float32)
        lit = np.ones(x.shape, np.float32)
        for _ in range(steps):
            d = scene.blockers(x + lx * t, y + ly * t, z + lz * t)
            lit = np.minimum(lit, 0.5 + 0.5 * softness * d / t)
            t = np.minimum(t + np.clip(d, 0.12, 2.2), reach)
        lit = np.clip(lit, 0, 1)
        return lit * lit * (3 - 2 * lit)

    return in_blocks(block, x, y, z)


def occlusion(scene, x, y, z, nx, ny, nz):
    """Share of the surroundings each point sees, 0..1, from distances along its normal."""
    def block(x, y, z, nx, ny, nz):
        missing = np.zeros(x.shape, np.float32)
        for reach, weight in ((0.15, 1.0), (0.45, 0.75), (1.0, 0.42), (2.0, 0.2), (3.6, 0.1)):
            d = scene.distance(x + nx * reach, y + ny * reach, z + nz * reach)
            missing += weight * np.maximum(reach - d, 0)
        return np.exp(-missing * 0.95)

    return in_blocks(block, x, y, z, nx, ny, nz)
