"""Finding the places where hair is rooted: points on a distance field, and its slope there."""

import numpy as np

from .march import normals


def surface_along(distance, centre, directions, start, steps=30):
    """Points where rays from far outside toward a centre meet a surface."""
    reach = np.full(len(directions), start, np.float32)
    for _ in range(steps):
        p = centre + directions * reach[:, None]
        reach -= distance(p[:, 0], p[:, 1], p[:, 2]) * 0.9
    return centre + directions * reach[:, None]


def random_directions(rng, count):
    """Unit vectors spread over the sphere."""
    v = rng.normal(size=(count, 3)).astype(np.float32)
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def gradient(distance, p, eps=0.3):
    """Unit gradient of a distance at points (n, 3)."""
    return np.stack(normals(distance, p[:, 0], p[:, 1], p[:, 2], eps), 1)


def on_face(scene, cx, cy):
    """Head-frame points of the face under canonical (x, y), seen from the front."""
    x, y, _ = scene.head.sitter(cx, cy, cx)
    z = np.full(len(x), 6.0, np.float32)
    for _ in range(40):
        z = z - scene.head.distance(x.astype(np.float32), y.astype(np.float32), z) * 0.8
    return np.stack([x, y, z], 1).astype(np.float32)
