"""Signed-distance primitives and their smooth unions.

Points travel as three float32 arrays (x, y, z), in centimetres, so that each
operation runs over contiguous memory. A distance is negative inside. Smooth
unions round over a width k, in centimetres. Nothing here knows about faces.
"""

import numpy as np


def smooth_min(a, b, k):
    """The smaller of two distances, with the seam between them rounded over k."""
    h = np.maximum(k - np.abs(a - b), 0.0)
    return np.minimum(a, b) - h * h * (0.25 / k)


def smooth_max(a, b, k):
    """The larger of two distances, with the seam between them rounded over k."""
    h = np.maximum(k - np.abs(a - b), 0.0)
    return np.maximum(a, b) + h * h * (0.25 / k)


def sphere(x, y, z, centre, radius):
    """Exact distance to a sphere."""
    dx, dy, dz = x - centre[0], y - centre[1], z - centre[2]
    return np.sqrt(dx * dx + dy * dy + dz * dz) - radius


def ellipsoid(x, y, z, centre, radii):
    """First-order distance to an ellipsoid along the axes; good near its surface."""
    dx, dy, dz = (x - centre[0]) / radii[0], (y - centre[1]) / radii[1], (z - centre[2]) / radii[2]
    near = np.sqrt(dx * dx + dy * dy + dz * dz)
    dx, dy, dz = dx / radii[0], dy / radii[1], dz / radii[2]
    slope = np.sqrt(dx * dx + dy * dy + dz * dz)
    return near * (near - 1.0) / (slope + 1e-6)


def cone(x, y, z, start, end, start_radius, end_radius):
    """A capsule whose radius runs from one end to the other."""
    ax, ay, az = end[0] - start[0], end[1] - start[1], end[2] - start[2]
    dx, dy, dz = x - start[0], y - start[1], z - start[2]
    t = np.clip((dx * ax + dy * ay + dz * az) * (1.0 / (ax * ax + ay * ay + az * az)), 0.0, 1.0)
    dx, dy, dz = dx - ax * t, dy - ay * t, dz - az * t
    return np.sqrt(dx * dx + dy * dy + dz * dz) - (start_radius + (end_radius - start_radius) * t)


def ramp(value, low, high):
    """Smooth step from 0 at low to 1 at high (either order)."""
    t = np.clip((value - low) * (1.0 / (high - low)), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def bump(value, width):
    """A Gaussian bell of the given width, 1 at zero."""
    return np.exp(-(value * value) * (1.0 / (width * width)))


def polyline_distance(x, y, points):
    """Distance in the plane to a polyline, and the arc fraction of the nearest point."""
    best = np.full(x.shape, 1e9, np.float32)
    where = np.zeros(x.shape, np.float32)
    pieces = len(points) - 1
    for i, ((ax, ay), (bx, by)) in enumerate(zip(points, points[1:])):
        ex, ey = bx - ax, by - ay
        t = np.clip(((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey), 0.0, 1.0)
        d = (x - ax - ex * t) ** 2 + (y - ay - ey * t) ** 2
        closer = d < best
        best = np.where(closer, d, best)
        where = np.where(closer, (i + t) / pieces, where)
    return np.sqrt(best), where
