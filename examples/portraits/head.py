"""A human head as a signed-distance field.

The head is modelled once, in a canonical frame with the measures of an average
adult, and a sitter's `Face` bends it: widths by height, lengths, and the
features one by one. `Head` answers distances in the sitter's head frame and
maps points of the canonical frame (where feature curves are written) out to it.
Order of work: skull and jaw, brow, sockets, nose, mouth, folds, lids, ears.
"""

import numpy as np

from .sdf import bump, cone, ellipsoid, polyline_distance, ramp, smooth_max, smooth_min, sphere

EYE_RADIUS = 1.75
EYE_DEPTH = -0.72
LID = 0.16


class Head:
    """Distances to one sitter's head, and the curves of the features."""

    def __init__(self, face):
        self.face = face
        self.eye = (face.eye_gap, 0.0, EYE_DEPTH)

    # Frames

    def _across(self, y):
        """Factor of the widths at a height: the jaw parameter takes over below the cheekbones."""
        low = ramp(y, -2.0, -8.5)
        return self.face.width * (1.0 + (self.face.jaw - 1.0) * low)

    def canonical(self, x, y, z):
        """From the sitter's frame to the canonical one."""
        y = np.where(y < 0, y / self.face.length, y)
        return x / self._across(y), y, z

    def sitter(self, x, y, z):
        """From the canonical frame to the sitter's."""
        return x * self._across(y), np.where(y < 0, y * self.face.length, y), z

    # Distances

    def distance(self, x, y, z):
        """To the skin of the head, in the sitter's frame."""
        return self._skin(*self.canonical(x, y, z)) * 0.9

    def scalp(self, x, y, z):
        """To the head without features: what hair lies on."""
        x, y, z = self.canonical(x, y, z)
        return self._skull(x, y, z) * 0.9

    def plain(self, x, y, z):
        """To the head with nose and ears, without lids, lips and folds."""
        x, y, z = self.canonical(x, y, z)
        ax = np.sqrt(x * x + 0.02)
        d = self._ears(self._skull(x, y, z), np.abs(x), y, z)
        return self._nose(d, ax, x, y, z) * 0.9

    def eyeball(self, x, y, z):
        """To the nearer eyeball."""
        x, y, z = self.canonical(x, y, z)
        return sphere(np.abs(x), y, z, self.eye, EYE_RADIUS) * 0.95

    def _skin(self, x, y, z):
        ax = np.sqrt(x * x + 0.02)
        d = self._skull(x, y, z)
        d = self._ears(d, np.abs(x), y, z)
        front = ramp(z, -4.5, -1.5)
        d = self._nose(d, ax, x, y, z)
        d = self._mouth(d, x, ax, y, z)
        d = self._folds(d, ax, y, front)
        return self._lids(d, ax, y, z)

    def _skull(self, x, y, z):
        f = self.face
        ax = np.sqrt(x * x + 0.5)
        d = ellipsoid(x, y, z, (0, 3.0, -7.0), (7.3, 8.5, 9.1))
        d = smooth_min(d, ellipsoid(x, y, z, (0, 4.0, -2.6), (5.7, 5.0, 4.5)), 2.0)
        d = smooth_min(d, ellipsoid(x, y, z, (0, -3.2, -3.4), (5.4, 6.4, 5.0)), 1.5)
        d = smooth_min(d, ellipsoid(x, y, z, (0, -7.6, -5.0), (4.7, 2.9, 5.2)), 1.5)
        d = smooth_min(d, cone(ax, y, z, (5.0, -5.6, -5.6), (1.4, -9.3, -0.9), 1.25, 1.55), 1.6)
        d = smooth_min(d, ellipsoid(x, y, z, (0, -9.3, -0.55 + f.chin), (2.0, 1.85, 2.0)), 2.2)
        d = smooth_min(d, ellipsoid(x, y, z, (0, -6.6, -1.25), (3.4, 3.0, 3.15)), 1.6)
        d = smooth_min(d, ellipsoid(ax, y, z, (4.0, -2.3, -1.5), (2.7, 1.7, 2.4 + 0.3 * f.cheekbone)), 2.4)
        d = smooth_min(d, ellipsoid(ax, y, z, (3.4, -5.2, -2.0 + 0.3 * f.fullness),
                                    (2.6 + 0.5 * f.fullness, 2.9, 2.9 + 0.25 * f.fullness)), 2.2)
        d = smooth_min(d, ellipsoid(ax, y, z, (4.7, 0.0, -2.7), (1.7, 2.6, 2.2)), 1.5)
        rise = f.brow_height
        ridge = cone(ax, y, z, (1.2, 1.55 + rise, 0.95), (4.9, 1.75 + rise, -0.75), 0.85, 0.75)
        d = smooth_min(d, ridge - 0.12 * f.brow_ridge, 1.2)
        socket = ellipsoid(ax, y, z, (f.eye_gap - 0.05, -0.15, 2.1), (2.05, 1.25, 1.75))
        return smooth_max(d, -socket, 1.1)

    def _ears(self, d, ax, y, z):
        scale = self.face.ears
        px, py, pz = ax - 6.55, y + 1.9, z + 7.3
        out, back = np.cos(0.42), np.sin(0.42)
        px, pz = px * out + pz * back, -px * back + pz * out
        py, pz = py * 0.98 - pz * 0.2, py * 0.2 + pz * 0.98
        px, py, pz = px / scale, py / scale, pz / scale
        plate = ellipsoid(px, py, pz, (0.35, 0.2, 0), (0.62, 3.0, 1.75))
        bowl = ellipsoid(px, py, pz, (0.95, 0.35, 0.1), (0.75, 2.25, 1.15))
        ear = smooth_max(plate, -bowl, 0.25)
        ear = smooth_min(ear, cone(px, py, pz, (0.45, 1.5, 0.1), (0.4, -0.9, -0.5), 0.22, 0.3), 0.3)
        ear = smooth_min(ear, sphere(px, py, pz, (0.2, -2.2, 0.55), 0.6), 0.5)
        ear = smooth_min(ear, ellipsoid(px, py, pz, (0.35, -0.3, 1.25), (0.4, 0.65, 0.35)), 0.3)
        return smooth_min(d, ear * scale * 0.9, 0.8)

    def _nose(self, d, ax, x, y, z):
        f = self.face
        w, low, tip = f.nose_width, -f.nose_length, f.nose_tip
        bridge = cone(x, y, z, (0, 0.6, 1.0 + f.nose_bridge), (0, -3.4 + low, 2.7 + tip), 0.56, 0.56 * w)
        d = smooth_min(d, bridge, 1.3)
        side = cone(ax, y, z, (0.5, 0.4, 0.55), (0.95 * w, -3.5 + low, 1.6), 0.48, 0.72)
        d = smooth_min(d, side, 1.4)
        d = smooth_min(d, ellipsoid(x, y, z, (0, -3.95 + low, 2.95 + tip), (0.82 * w, 0.75, 0.83)), 0.65)
        wing = ellipsoid(ax, y, z, (1.2 * w, -4.2 + low, 1.95 + 0.3 * tip), (0.58, 0.68, 0.95))
        d = smooth_min(d, wing, 0.42)
        d = smooth_min(d, cone(x, y, z, (0, -4.3 + low, 2.95 + tip), (0, -4.85 + low, 1.9), 0.33, 0.4), 0.35)
        hole = ellipsoid(ax, y + 0.35 * (ax - 0.6), z, (0.64 * w, -4.74 + low, 2.4 + 0.6 * tip), (0.33 * w, 0.27, 0.6))
        return smooth_max(d, -hole, 0.25)

    # Mouth: three curves over x, in the canonical frame

    def mouth_curves(self, x):
        """Heights of the upper border, the parting and the lower border of the lips at x, and 1..0 to the corners."""
        f = self.face
        u = np.clip(np.abs(x) / f.mouth_width, 0, 1)
        low = -6.75 - 0.5 * f.nose_length
        taper = np.maximum(1 - u ** 3, 0.0)
        parting = low + f.smile * u * u - 0.10 * bump(u - 0.0, 0.18) + 0.05 * bump(u - 0.35, 0.2)
        bow = 0.72 * (1 - u ** 2.0) - 0.13 * bump(u, 0.13) + 0.04 * bump(u - 0.24, 0.14)
        upper = parting + f.lips * bow * ramp(u, 1.0, 0.8)
        lower = parting - f.lips * 0.95 * (1 - u ** 2.6) * ramp(u, 1.0, 0.75)
        return upper, parting, lower, taper

    def _mouth(self, d, x, ax, y, z):
        f = self.face
        upper, parting, lower, taper = self.mouth_curves(x)
        front = ramp(z, -1.5, 0.5)
        above = np.clip((y - parting) / (upper - parting + 0.08), -0.2, 1.8)
        below = np.clip((parting - y) / (parting - lower + 0.08), -0.2, 1.8)
        roll_up = np.where(y > parting, bump(above - 0.42, 0.55), bump((y - parting) / 0.1 + 0.2, 1.0) * 0.5)
        roll_low = np.where(y < parting, bump(below - 0.45, 0.55), bump((y - parting) / 0.1 + 0.2, 1.0) * 0.5)
        full = (0.55 + 0.45 * f.lips) * taper
        push = 0.30 * full * roll_up * (1 + 0.25 * bump(x, 0.45)) + 0.38 * full * roll_low
        groove = 0.2 * bump(y - parting, 0.10) * ramp(ax, f.mouth_width * 1.06, f.mouth_width * 0.85)
        corner = 0.05 * bump(np.hypot(ax - f.mouth_width - 0.1, y - parting), 0.5)
        rim = 0.05 * bump(y - upper - 0.04, 0.09) * taper
        philtrum = 0.08 * bump(x, 0.32) * bump(y - upper - 0.65, 0.6) - 0.04 * bump(ax - 0.5, 0.25) * bump(
            y - upper - 0.5, 0.6)
        under = 0.12 * bump(y - lower + 0.6, 0.6) * bump(x, 1.6)
        return d - (push - groove - corner + rim - philtrum - under) * front

    # Folds of age and expression

    def fold_curves(self):
        """Named polylines in the canonical front plane, right side, with depth and width."""
        f = self.face
        low = -0.5 * f.nose_length
        old = f.age
        return {
            "cheek": ([(1.75, -3.9 + low), (2.35, -4.9 + low), (3.05, -6.0), (3.35, -7.0)],
                      0.02 + 0.14 * old + 0.04 * max(f.smile, 0), 0.42),
            "mouth": ([(2.75, -7.1), (2.95, -7.9), (2.85, -8.7)], 0.02 + 0.08 * old, 0.38),
            "bag": ([(2.0, -0.75), (3.0, -1.3), (4.2, -1.05)], 0.03 + 0.12 * old, 0.22),
            "tear": ([(1.75, -0.55), (2.3, -1.45), (3.1, -2.1)], 0.04 + 0.1 * old, 0.28),
            "frown": ([(0.45, 1.0), (0.55, 2.3)], 0.08 * max(old - 0.2, 0), 0.2),
        }

    def _folds(self, d, ax, y, front):
        f = self.face
        for points, depth, width in self.fold_curves().values():
            reach, along = polyline_distance(ax, y, points)
            ends = 0.35 + 0.65 * np.sin(np.pi * np.clip(along * 0.9 + 0.05, 0, 1))
            d = d + depth * bump(reach, width) * ends * front
        if f.age > 0.35:
            deep = 0.05 * (f.age - 0.3)
            wave = y - 0.035 * ax * ax + 0.12 * np.sin(ax * 1.7 + y)
            lines = bump(np.mod(wave, 1.05) - 0.5, 0.11) * ramp(y, 3.0, 3.7) * ramp(y, 7.2, 6.2) * ramp(ax, 4.2, 2.6)
            d = d + 1.6 * deep * lines * front
            feet = np.mod(np.arctan2(y + 0.1, ax - self.eye[0] - 0.6) * 6.0, 1.0) - 0.5
            reach = np.hypot(ax - self.eye[0] - 0.6, y)
            d = d + 1.3 * deep * bump(feet, 0.2) * ramp(reach, 1.1, 1.6) * ramp(reach, 3.0, 2.2) * ramp(
                ax, self.eye[0] + 1.5, self.eye[0] + 2.0) * front
        return d

    # Lids

    def lid_curves(self, u):
        """Heights of the upper and the lower lid edge at u = x - pupil (lateral positive), and openness 0..1."""
        f = self.face
        half = 1.5 * f.eye_width
        s = np.clip(u / half, -1, 1)
        arch = np.maximum(1 - np.abs(s) ** 2.3, 0)
        tilt = f.eye_tilt * s
        upper = tilt + 0.5 * f.eye_open * arch * (1 - 0.16 * s)
        lower = tilt - 0.47 * (0.5 + 0.5 * f.eye_open) * np.maximum(1 - s * s, 0) * (1 + 0.14 * s)
        return upper, lower, arch

    def _lids(self, d, ax, y, z):
        f = self.face
        u = ax - self.eye[0]
        upper, lower, arch = self.lid_curves(u)
        ball = sphere(ax, y, z, self.eye, EYE_RADIUS)
        thick = LID + 0.05 * bump(y - upper - 0.1, 0.25)
        d = smooth_min(d, ball - thick, 0.42)
        crease = upper + 0.30 + 0.12 * arch
        near = ramp(np.abs(u), 2.3, 1.4) * ramp(z, -1.5, -0.6)
        d = d + 0.13 * f.lid_fold * bump(y - crease, 0.11) * near
        d = d - 0.10 * bump(y - crease - 0.35, 0.28) * near * (1 + f.age * 0.8)
        d = d + 0.05 * bump(y - lower + 0.32, 0.12) * near
        opening = np.maximum(y - upper, lower - y) * 0.85
        opening = smooth_max(opening, np.abs(u) - 1.5 * f.eye_width, 0.08)
        hole = np.maximum(opening, ball - 0.65)
        hole = np.maximum(hole, EYE_DEPTH - z)
        return smooth_max(d, -hole, 0.07)
