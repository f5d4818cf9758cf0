"""A whole sitter in front of the camera: head, neck, shoulders, clothes, hair mass, glasses.

World frame: x to the right, y up, z to the camera, centimetres, the eyes near
the origin. The head turns about the top of the neck. `Scene.parts` gives the
distance to each kind of surface; their minimum is what rays march on.
"""

import numpy as np

from .head import Head
from .sdf import bump, cone, ellipsoid, ramp, smooth_max, smooth_min

SKIN, EYE, CLOTH, HAIR, FRAME = range(5)
BUN_CENTRE, BUN_RADII = (0, 12.9, -8.0), (2.9, 2.3, 2.8)
PIVOT = np.array([0.0, -5.0, -8.5])


def rotation(yaw, pitch, roll):
    """Head to world, from degrees: yaw turns to the right, pitch raises the face, roll tips it."""
    a, b, c = np.radians([yaw, -pitch, roll])
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    nod = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    tip = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return turn @ nod @ tip


class Scene:
    """Distances of everything that is solid in one portrait."""

    def __init__(self, person):
        self.person = person
        self.head = Head(person.face)
        self.turn = rotation(person.yaw, person.pitch, person.roll)
        self.half = rotation(person.yaw / 2, person.pitch / 2, person.roll / 2)

    # Frames

    def to_head(self, x, y, z, turn=None):
        """World to head frame; three arrays in, three out."""
        m = (self.turn if turn is None else turn).T.astype(np.float32)
        dx, dy, dz = x - PIVOT[0], y - PIVOT[1], z - PIVOT[2]
        return tuple(m[i, 0] * dx + m[i, 1] * dy + m[i, 2] * dz + np.float32(PIVOT[i]) for i in range(3))

    def to_world(self, x, y, z):
        """Head frame to world."""
        m = self.turn.astype(np.float32)
        dx, dy, dz = x - PIVOT[0], y - PIVOT[1], z - PIVOT[2]
        return tuple(m[i, 0] * dx + m[i, 1] * dy + m[i, 2] * dz + np.float32(PIVOT[i]) for i in range(3))

    # Distances

    def distance(self, x, y, z):
        """To the nearest surface of any kind."""
        d = None
        for part in self.parts(x, y, z).values():
            d = part if d is None else np.minimum(d, part)
        return d

    def blockers(self, x, y, z):
        """To what throws shadows over a distance: everything, without the small features of the face."""
        hx, hy, hz = self.to_head(x, y, z)
        neck, torso = self.neck(x, y, z), self.torso(x, y, z)
        d = np.minimum(self.head.plain(hx, hy, hz), np.minimum(neck, torso))
        d = np.minimum(d, self.cloth(x, y, z, self.collar(x, y, z), torso))
        if self.person.hair.style != "bald":
            d = np.minimum(d, self.hair(hx, hy, hz, x, y, z))
        return np.minimum(d, self.frame(hx, hy, hz)) if self.person.glasses else d

    def parts(self, x, y, z):
        """Distance to each kind of surface."""
        hx, hy, hz = self.to_head(x, y, z)
        head = self.head.distance(hx, hy, hz)
        neck = self.neck(x, y, z)
        torso = self.torso(x, y, z)
        found = {
            SKIN: smooth_min(smooth_min(head, neck, 1.3), torso, 2.5),
            EYE: self.head.eyeball(hx, hy, hz),
            CLOTH: self.cloth(x, y, z, self.collar(x, y, z), torso),
        }
        if self.person.hair.style != "bald":
            found[HAIR] = self.hair(hx, hy, hz, x, y, z)
        if self.person.glasses:
            found[FRAME] = self.frame(hx, hy, hz)
        return found

    def neck(self, x, y, z):
        """To the neck, which turns half as far as the head."""
        f = self.person.face
        nx, ny, nz = self.to_head(x, y, z, self.half)
        ax = np.sqrt(nx * nx + 0.05)
        d = cone(nx, ny, nz, (0, -6, -7.6), (0, -19, -9.5), 4.4 * f.neck, 5.2 * f.neck)
        cord = cone(ax, ny, nz, (4.2, -7.0, -9.2), (1.3, -17.5, -4.5), 1.0, 0.7)
        d = smooth_min(d, cord, 1.8)
        if f.larynx > 0:
            d = smooth_min(d, ellipsoid(nx, ny, nz, (0, -13.0, -3.7), (0.8, 1.8, 0.5 + 0.35 * f.larynx)), 1.6)
        return d

    def collar(self, x, y, z):
        """To a plain column, leaning as a neckline does, from which necklines are measured."""
        size = self.person.face.neck
        return cone(x * 0.94, y, z, (0, -7.0, -3.6), (0, -25.0, -14.0), 5.4 * size, 5.4 * size)

    def torso(self, x, y, z):
        """To the bare shoulders and chest."""
        s = self.person.face.shoulders
        ax = np.sqrt(x * x + 0.3)
        d = ellipsoid(x, y, z, (0, -28.6, -9.5), (20.5 * s, 12.0, 8.6))
        d = smooth_min(d, cone(ax, y, z, (3.0, -12.0, -10.5), (16.5 * s, -20.2, -10.5), 2.2, 3.6), 4.0)
        bone = cone(ax, y, z, (1.2, -18.0, -3.8), (14.0 * s, -17.5, -7.5), 0.8, 0.8)
        return smooth_min(d, bone, 1.8)

    def gap(self, x, z):
        """How far from the neck the cloth begins, seen from above: lower in front for a V."""
        front = ramp(z, -8.0, -2.0)
        if self.person.collar == "vee":
            return 0.6 + front * np.maximum(4.4 - 0.9 * np.abs(x), 0.0)
        return 0.35 + 0.0 * x

    def cloth(self, x, y, z, neck, torso):
        """To the clothes: the torso, a little larger, with an opening for the neck."""
        drape = 0.16 * np.sin(0.55 * x + 0.3 * y + 1.4 * np.sin(0.21 * y + 0.1 * x)) * ramp(y, -17.0, -22.0)
        body = torso - 0.55 - drape
        if self.person.collar == "turtle":
            roll = neck - 0.75 - 0.05 * np.sin(y * 7.0)
            tube = smooth_max(roll, y + 0.12 * z + 11.6, 0.5)
            return smooth_min(body, tube, 1.2) * 0.85
        gap = self.gap(x, z)
        rib = 0.16 * ramp(neck - gap, 1.25, 1.05)
        return smooth_max(body - rib, gap - neck, 0.25) * 0.85

    # Hair mass: what the strands lie on and what throws their shadow

    def hairline(self, ax, z):
        """Height in the canonical frame above which hair grows, by depth z and |x|."""
        h = self.person.hair
        line = np.interp(z, [-15, -12.5, -10.5, -8.6, -7.2, -5.6, -4.6, -3.2, -1.0, 0.6, 2.2],
                         [-7, -6.5, -4.0, 0.2, 1.2, -0.6, 0.4, 3.6, 6.0, 6.6, 6.6]).astype(np.float32)
        line = line - h.recede * 0.25 * bump(ax, 1.6) + h.recede * bump(ax - 3.8, 1.8) * ramp(z, -6.0, -2.0)
        return line + h.hairline * ramp(z, -5.0, -2.0)

    def growth(self, x, y, z, soft=0.6):
        """Share of hair on the scalp at canonical points, 0..1."""
        return ramp(y - self.hairline(np.abs(x), z), -soft, soft)

    def hair(self, hx, hy, hz, x, y, z):
        """To the mass of the hair, world frame."""
        h = self.person.hair
        cx, cy, cz = self.head.canonical(hx, hy, hz)
        d = self.head.scalp(hx, hy, hz)
        cover = self.growth(cx, cy - 1.7, cz, 1.5)
        side = ramp(hy, 1.0, 7.5) if h.style == "short" else 1.0
        dent = 0.5 * (1 - h.forward) * bump(hx - h.parting, 1.2) if h.style in ("short", "long") else 0.0
        thick = h.lift * (0.2 + 0.8 * side) * (1 - dent)
        cap = (d - thick * 0.5 * cover + 0.5 * (1 - cover)) * 0.75
        if h.style == "bun":
            cap = smooth_min(cap, self.bun(hx, hy, hz), 0.7)
        if h.style == "long":
            cap = smooth_min(cap, self.fall(hx, hy, hz, x, y, z), 1.2)
        return cap

    def bun(self, hx, hy, hz):
        """To the bun on top of the head, head frame."""
        return ellipsoid(hx, hy, hz, BUN_CENTRE, BUN_RADII)

    def fall(self, hx, hy, hz, x, y, z):
        """To long hair hanging behind the neck."""
        h = self.person.hair
        bottom = 2.0 - h.length
        back = ellipsoid(x, y, z, (0, bottom * 0.5, -12.5), (7.4, 3.0 - bottom * 0.6, 3.4))
        return smooth_max(back, bottom - y, 1.0)

    # Glasses

    def rim(self, ax, y):
        """Signed distance in the front plane to the outline of a lens (negative inside)."""
        dx, dy = ax - self.person.face.eye_gap - 0.1, y + 0.35
        wide, high, corner = 2.45, 1.95, 1.25
        qx, qy = np.abs(dx) - wide + corner, np.abs(dy) - high + corner
        return np.hypot(np.maximum(qx, 0), np.maximum(qy, 0)) + np.minimum(np.maximum(qx, qy), 0) - corner

    def frame(self, hx, hy, hz):
        """To the frame of the glasses, head frame."""
        ax = np.abs(hx)
        surface = hz - (2.15 - 0.045 * ax * ax)
        ring = np.hypot(self.rim(ax, hy), surface) - 0.17
        bridge = cone(ax, hy, hz, (0.0, 0.35, 2.5), (0.95, 0.2, 2.1), 0.16, 0.16)
        reach = 7.25 * self.person.face.width
        arm = cone(ax, hy, hz, (5.6, 0.5, 0.75), (reach, 0.4, -7.5), 0.18, 0.16)
        return np.minimum(np.minimum(ring, bridge), arm)
