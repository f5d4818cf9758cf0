"""The way edges run in a picture, and paths that follow it."""

import numpy as np
from scipy.ndimage import gaussian_filter, sobel

LEAN = (0.7, -0.7)


def tangents(gray: np.ndarray, spread: float, habit: float) -> np.ndarray:
    """Unit directions [rows, columns, (x, y)] along the edges, from the structure tensor averaged over `spread` pixels.

    Where the tensor is weaker than `habit` says nothing about form, the directions turn to the slant of a right
    hand's strokes.
    """
    smooth = gaussian_filter(gray, 1)
    gx, gy = sobel(smooth, 1), sobel(smooth, 0)
    xx, yy, xy = (gaussian_filter(v, spread) for v in (gx * gx, gy * gy, gx * gy))
    # The habit enters as the gradient that a stroke in its direction would leave.
    cos, sin = yy - xx + habit * (LEAN[0] ** 2 - LEAN[1] ** 2), -2 * xy + 2 * habit * LEAN[0] * LEAN[1]
    angle = np.arctan2(sin, cos) / 2
    return np.stack([np.cos(angle), np.sin(angle)], -1)


def paths(field: np.ndarray, starts: np.ndarray, steps: int, step: float) -> np.ndarray:
    """Paths [n, 2 steps + 1, (x, y)] through starts: `steps` steps of `step` pixels both ways along the field."""

    def walk(sign: float) -> list[np.ndarray]:
        at, way, out = starts, None, []
        for _ in range(steps):
            column, row = (np.clip(at[:, i].astype(int), 0, field.shape[1 - i] - 1) for i in (0, 1))
            turn = field[row, column]
            ahead = sign if way is None else np.where((turn * way).sum(1, keepdims=True) < 0, -1, 1)
            way = turn * ahead
            at = at + way * step
            out.append(at)
        return out

    return np.stack([*reversed(walk(-1.0)), starts, *walk(1.0)], 1)


def brushed(noise: np.ndarray, field: np.ndarray, steps: int) -> np.ndarray:
    """Line integral convolution (Cabral and Leedom 1993): the noise averaged along the field's paths."""
    rows, columns = noise.shape
    y, x = np.mgrid[0:rows, 0:columns] + 0.5
    way = paths(field, np.stack([x.ravel(), y.ravel()], 1), steps, 1.0).astype(int)
    column, row = np.clip(way[..., 0], 0, columns - 1), np.clip(way[..., 1], 0, rows - 1)
    out = noise[row, column].mean(1).reshape(noise.shape)
    return (out - out.mean()) / out.std()
