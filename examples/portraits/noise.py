"""Value noise on a hashed lattice, in two octaves or more.

Seeded by an integer and free of state, so that every picture comes out the
same on every run. Used for skin tone, pores, cloth, iris fibres and wobble.
"""

import numpy as np


def _hash(ix, iy, iz, seed):
    h = (ix * np.uint32(374761393) + iy * np.uint32(668265263) + iz * np.uint32(2147483647)
         + np.uint32((seed * 974711 + 12345) & 0xFFFFFFFF))
    h = (h ^ (h >> np.uint32(13))) * np.uint32(1274126177)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(2246822519)
    return ((h ^ (h >> np.uint32(15))) & np.uint32(0xFFFFFF)).astype(np.float32) * np.float32(1 / 0xFFFFFF)


def noise(x, y, z, seed=0):
    """Smooth noise in -1..1 with features about one unit across."""
    cell = [np.floor(v) for v in (x, y, z)]
    f = [np.asarray(v - c, np.float32) for v, c in zip((x, y, z), cell)]
    f = [v * v * (3 - 2 * v) for v in f]
    i = [c.astype(np.int64).astype(np.uint32) for c in cell]
    one = np.uint32(1)

    def edge(dy, dz):
        near = _hash(i[0], i[1] + dy, i[2] + dz, seed)
        far = _hash(i[0] + one, i[1] + dy, i[2] + dz, seed)
        return near + (far - near) * f[0]

    zero = np.uint32(0)
    front = edge(zero, zero)
    front = front + (edge(one, zero) - front) * f[1]
    back = edge(zero, one)
    back = back + (edge(one, one) - back) * f[1]
    return (front + (back - front) * f[2]) * 2 - 1


def fractal(x, y, z, octaves=3, seed=0):
    """Sum of octaves of noise, each half as large and twice as fine; about -1..1."""
    total, weight = 0.0, 0.0
    for k in range(octaves):
        scale = 2.03 ** k
        total = total + noise(x * scale, y * scale, z * scale, seed + k) * 0.5 ** k
        weight += 0.5 ** k
    return total / weight
