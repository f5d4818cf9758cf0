"""The lights of a portrait: a broad key, a fill beside the camera, a rim from behind, the room.

Directions point from the sitter to the light, in world space. All answers are
linear RGB per point.
"""

import numpy as np


def unit(v):
    """A vector scaled to length one."""
    v = np.asarray(v, np.float32)
    return v / np.linalg.norm(v)


class Lights:
    """The lights of one portrait."""

    def __init__(self, person):
        p = person
        side = -np.sign(p.key[0])
        self.key = unit(p.key)
        self.key_colour = np.array(p.key_colour, np.float32) * p.key_strength
        self.fill = unit((0.75 * side, 0.1, 0.8))
        self.fill_colour = np.array((0.93, 0.96, 1.0), np.float32) * p.fill
        self.rim = unit((0.9 * p.rim_side, 0.45, -0.45))
        self.rim_colour = np.array((1.0, 0.97, 0.92), np.float32) * p.rim
        room = np.array(p.backdrop_colour, np.float32)
        self.sky = 0.15 * np.array((0.95, 1.0, 1.06), np.float32) + 0.28 * room
        self.ground = 0.5 * self.sky * np.array((1.08, 0.95, 0.85), np.float32)

    def diffuse(self, n, lit, ao, wrap):
        """Light falling on points: n (N, 3), lit and ao (N), wrap three shares of light past the edge."""
        wrap = np.asarray(wrap, np.float32)
        total = self.ambient(n, ao)
        for direction, colour, seen in ((self.key, self.key_colour, lit), (self.fill, self.fill_colour, ao),
                                        (self.rim, self.rim_colour, ao * ao)):
            facing = (n @ direction)[:, None]
            total = total + np.maximum((facing + wrap) / (1 + wrap), 0) * seen[:, None] * colour
        return total

    def ambient(self, n, ao):
        """Light of the room: sky from above, floor from below."""
        up = (0.5 + 0.5 * n[:, 1])[:, None]
        return (self.ground + (self.sky - self.ground) * up) * ao[:, None]

    def gloss(self, n, view, lit, ao, power):
        """Mirror-like light for a rough surface of the given power."""
        total = 0.0
        for direction, colour, seen in ((self.key, self.key_colour, lit), (self.fill, self.fill_colour, ao),
                                        (self.rim, self.rim_colour, ao * ao)):
            half = view + direction
            half = half / np.linalg.norm(half, axis=1, keepdims=True)
            facing = np.maximum((n * half).sum(1), 0)
            fresnel = 0.04 + 0.96 * (1 - np.clip((view * half).sum(1), 0, 1)) ** 5
            amount = facing ** power * (power + 8) / 25 * fresnel * seen * np.maximum(n @ direction + 0.1, 0)
            total = total + amount[:, None] * colour
        return total
