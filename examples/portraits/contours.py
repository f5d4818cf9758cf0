"""Lines where geometry breaks: thinning of an edge map and linking into polylines.

The map comes from depth, normals and kinds of surface, never from the
photograph.
"""

import numpy as np
from scipy.ndimage import gaussian_filter1d


def thin(mask, rounds=14):
    """One pixel wide skeleton of a binary map (Zhang and Suen, 1984)."""
    m = np.pad(mask, 1).astype(np.uint8)
    for _ in range(rounds):
        before = m.sum()
        for phase in (0, 1):
            n = [np.roll(m, s, (0, 1)) for s in ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))]
            count = sum(n)
            turns = sum((n[i] == 0) & (n[(i + 1) % 8] == 1) for i in range(8))
            first = n[0] * n[2] * (n[4] if phase == 0 else n[6])
            second = (n[2] if phase == 0 else n[0]) * n[4] * n[6]
            m[(m == 1) & (count >= 2) & (count <= 6) & (turns == 1) & (first == 0) & (second == 0)] = 0
        if m.sum() == before:
            break
    return m[1:-1, 1:-1].astype(bool)


def link(skeleton, shortest=6):
    """Polylines (n, 2) in pixels (column, row) along a skeleton, ends first, smoothed a little."""
    left = {(int(r), int(c)) for r, c in zip(*np.nonzero(skeleton))}

    def around(p):
        r, c = p
        return [q for q in ((r, c + 1), (r, c - 1), (r + 1, c), (r - 1, c), (r + 1, c + 1), (r + 1, c - 1),
                            (r - 1, c + 1), (r - 1, c - 1)) if q in left]

    lines = []
    order = sorted(left, key=lambda p: (len(around(p)) != 1, p))
    for start in order:
        if start not in left:
            continue
        line = [start]
        left.discard(start)
        while True:
            options = around(line[-1])
            if not options:
                break
            line.append(straightest(line, options))
            left.discard(line[-1])
        if len(line) >= shortest:
            lines.append(smooth(np.array(line, np.float32)[:, ::-1] + 0.5))
    return lines


def straightest(line, options):
    """The neighbour that bends the line least."""
    if len(line) < 4 or len(options) == 1:
        return options[0]
    dr, dc = line[-1][0] - line[-4][0], line[-1][1] - line[-4][1]
    return max(options, key=lambda q: (q[0] - line[-1][0]) * dr + (q[1] - line[-1][1]) * dc)


def smooth(xy, sigma=2.0):
    """A polyline without the steps of the pixel grid."""
    return gaussian_filter1d(xy, sigma, axis=0, mode="nearest")


def pieces(xy, rng, low=28, high=75, overlap=4):
    """A long line cut as a hand draws it: in pieces that overlap a little."""
    out, i = [], 0
    while i < len(xy) - 3:
        n = int(rng.uniform(low, high))
        out.append(xy[max(0, i - overlap):i + n])
        i += n
    return out
