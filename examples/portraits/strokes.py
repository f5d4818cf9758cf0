"""Graphite on paper: strokes with weight, taper and wobble, laid on a sheet with a tooth.

A stroke is a polyline in pixels of the finished drawing with a pressure per
point. Strokes are collected first and laid down all at once; graphite adds up
and the paper saturates.
"""

import numpy as np
from scipy.ndimage import gaussian_filter

DETAIL = 2
PAPER = np.array((250, 247, 240), np.float32)
GRAPHITE = np.array((46, 45, 49), np.float32)


class Sheet:
    """A sheet of paper of a given size on which strokes are collected."""

    def __init__(self, width, rows, seed):
        self.width, self.rows = width, rows
        self.rng = np.random.default_rng(seed)
        self.laid = []

    def stroke(self, xy, pressure=0.6, width=1.0, wobble=0.5, taper=(0.25, 0.35)):
        """Draw one stroke: xy (n, 2), pressure a number or (n,), width in pixels, taper as shares of the length."""
        xy = np.asarray(xy, np.float32)
        steps = np.hypot(*np.diff(xy, axis=0).T)
        length = float(steps.sum())
        if length < 1.0:
            return
        count = max(4, int(length * DETAIL * 1.4))
        at = np.concatenate([[0], np.cumsum(steps)]) / length
        t = np.linspace(0, 1, count)
        x, y = np.interp(t, at, xy[:, 0]), np.interp(t, at, xy[:, 1])
        force = np.interp(t, at, np.broadcast_to(pressure, at.shape))
        drift = wobble * min(1.0, length / 30.0)
        a, b, c = self.rng.uniform(0, 6.28, 3)
        x = x + drift * (0.6 * np.sin(a + t * length / 17) + 0.35 * np.sin(b + t * length / 6.1))
        y = y + drift * (0.6 * np.sin(c + t * length / 15) + 0.35 * np.sin(a + t * length / 5.3))
        ends = np.minimum(np.clip(t / max(taper[0], 1e-3), 0, 1), np.clip((1 - t) / max(taper[1], 1e-3), 0, 1))
        ends = ends * (2 - ends)
        force = force * (0.25 + 0.75 * ends) * (1 + 0.13 * np.sin(b + t * length / 9))
        wide = width * (0.55 + 0.45 * ends) * (0.75 + 0.4 * np.clip(force, 0, 1))
        self.laid.append(np.stack([x, y, force, wide], 1).astype(np.float32))

    def density(self):
        """Graphite per fine pixel, before the paper takes it up."""
        rows, width = self.rows * DETAIL, self.width * DETAIL
        total = np.zeros(rows * width, np.float64)
        if not self.laid:
            return total.reshape(rows, width)
        s = np.concatenate(self.laid)
        x, y, sigma = s[:, 0] * DETAIL, s[:, 1] * DETAIL, np.maximum(s[:, 3] * DETAIL * 0.42, 0.5)
        cx, cy = np.floor(x).astype(np.int32), np.floor(y).astype(np.int32)
        for dy in range(-3, 4):
            for dx in range(-3, 4):
                px, py = cx + dx, cy + dy
                r2 = (px + 0.5 - x) ** 2 + (py + 0.5 - y) ** 2
                ok = (px >= 0) & (px < width) & (py >= 0) & (py < rows) & (r2 < 9 * sigma ** 2)
                amount = s[ok, 2] * np.exp(-r2[ok] / (2 * sigma[ok] ** 2)) / (1.4 * sigma[ok]) * 0.62
                total += np.bincount(py[ok] * width + px[ok], amount, rows * width)
        return total.reshape(rows, width)

    def picture(self):
        """The drawing (rows, width, 3) as 8-bit RGB."""
        d = self.density()
        tooth = gaussian_filter(self.rng.normal(size=d.shape), 1.1)
        tooth += 0.5 * gaussian_filter(self.rng.normal(size=d.shape), 2.6) * 2.4
        tooth /= tooth.std()
        caught = d * np.clip(1.0 + 0.42 * tooth, 0.15, 2.2) + 0.07 * gaussian_filter(d, 5)
        dark = 0.93 * (1 - np.exp(-1.25 * caught))
        dark = dark.reshape(self.rows, DETAIL, self.width, DETAIL).mean((1, 3))
        grain = gaussian_filter(self.rng.normal(size=dark.shape), 0.8)[..., None] * 3.0
        sheet = PAPER + grain + 1.5 * gaussian_filter(self.rng.normal(size=dark.shape), 25)[..., None] * 12
        return np.clip(sheet + (GRAPHITE - sheet) * dark[..., None] + 0.5, 0, 255).astype(np.uint8)
