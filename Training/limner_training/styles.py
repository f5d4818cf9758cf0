"""The style space: named continuous parameters of the drawing operators, and how a training style is drawn at random.

A style is a dict of floats, one per name in PARAMETERS. `sample` picks a family (pencil, ink, charcoal, ...) and then
every parameter within the ranges of that family.
"""

import colorsys
import math
import random

import torch

# name: (lowest, highest). Lengths are in pixels of the working picture, weights and colours in 0...1.
PARAMETERS = {
    "line": (0, 1),
    "line_sigma": (0.6, 2.2),
    "line_floor": (0, 0.03),
    "ink": (0, 1),
    "ink_sigma": (0.6, 2.0),
    "ink_level": (0.2, 0.7),
    "ink_edge": (5, 60),
    "dodge": (0, 1),
    "dodge_sigma": (1.5, 8),
    "tone": (0, 1),
    "tone_blur": (0.5, 4),
    "tone_gamma": (0.5, 2.5),
    "tone_levels": (0, 5),
    "stipple": (0, 1),
    "stipple_size": (0, 1),
    "thread": (0, 1),
    "thread_count": (4, 12),
    "chalk": (0, 1),
    "keep_colour": (0, 1),
    "paper_r": (0, 1),
    "paper_g": (0, 1),
    "paper_b": (0, 1),
    "ink_r": (0, 1),
    "ink_g": (0, 1),
    "ink_b": (0, 1),
    "plain": (0, 1),
    "plain_colour": (0, 1),
    "plain_blur": (0, 4),
    "plain_invert": (0, 1),
    "filter": (-1, 1),
    "skin": (0, 1),
    "local": (0, 1),
    "wide_sigma": (3, 10),
    "curve": (0, 1),
    "curve_low": (0, 0.5),
    "curve_high": (0.3, 1),
    "stroke": (0, 1),
    "stroke_edge": (3, 16),
    "stroke_long": (0.5, 8),
    "stroke_pitch": (0, 8),
    "stroke_follow": (0, 1),
    "stroke_turn": (0, math.pi),
    "stroke_cross": (0, 1),
    "stroke_lines": (0, 1),
    "bare": (0, 1),
}
NAMES = list(PARAMETERS)
NEUTRAL = {
    "line": 0.0,
    "line_sigma": 1.0,
    "line_floor": 0.01,
    "ink": 0.0,
    "ink_sigma": 1.0,
    "ink_level": 0.45,
    "ink_edge": 12.0,
    "dodge": 0.0,
    "dodge_sigma": 4.0,
    "tone": 0.0,
    "tone_blur": 1.5,
    "tone_gamma": 1.0,
    "tone_levels": 0.0,
    "stipple": 0.0,
    "stipple_size": 0.0,
    "thread": 0.0,
    "thread_count": 7.0,
    "chalk": 0.0,
    "keep_colour": 0.0,
    "paper_r": 1.0,
    "paper_g": 1.0,
    "paper_b": 1.0,
    "ink_r": 0.05,
    "ink_g": 0.05,
    "ink_b": 0.05,
    "plain": 0.0,
    "plain_colour": 0.0,
    "plain_blur": 0.0,
    "plain_invert": 0.0,
    "filter": 0.0,
    "skin": 0.0,
    "local": 0.0,
    "wide_sigma": 6.0,
    "curve": 0.0,
    "curve_low": 0.0,
    "curve_high": 1.0,
    "stroke": 0.0,
    "stroke_edge": 8.0,
    "stroke_long": 2.0,
    "stroke_pitch": 0.0,
    "stroke_follow": 0.0,
    "stroke_turn": 0.8,
    "stroke_cross": 0.0,
    "stroke_lines": 1.0,
    "bare": 0.0,
}
FAMILIES = {
    "pencil": 22,
    "contour": 15,
    "inked": 20,
    "portrait": 25,
    "charcoal": 11,
    "linocut": 10,
    "hatched": 80,
    "stippled": 0.5,
    "threads": 0.5,
    "wash": 4,
    "plain": 1,
}
PAPERS = {"white": 86, "warm": 7, "grey": 2, "blue": 1, "dark": 1.5, "any": 2.5}


def batch(styles: list[dict[str, float]], device: str = "cpu") -> dict[str, torch.Tensor]:
    """The styles as one [B, 1, 1, 1] tensor per parameter."""
    return {
        n: torch.tensor([s[n] for s in styles], dtype=torch.float32, device=device).view(-1, 1, 1, 1) for n in NAMES
    }


def sample(rng: random.Random) -> tuple[str, dict[str, float]]:
    """A random family and style."""
    family = rng.choices(list(FAMILIES), FAMILIES.values())[0]
    style = dict(NEUTRAL)
    _FAMILY[family](style, rng)
    if family != "plain":
        if rng.random() < 0.25:
            rng.choice([_add_line, _add_dodge, _add_tone, _add_local])(style, rng)
        _look(style, rng)
        if not style["stroke"] and rng.random() < (0.2 if family in ("contour", "inked", "linocut") else 0.5):
            _add_stroke(style, rng)
        if rng.random() < 0.35:
            style["bare"] = rng.choice([1.0, 1.0, 1.0, rng.uniform(0.4, 1)])
        paper(style, rng.choices(list(PAPERS), PAPERS.values())[0], rng)
        if rng.random() < 0.03:
            style["keep_colour"] = rng.uniform(0.3, 1)
    return family, style


def paper(style: dict[str, float], kind: str, rng: random.Random) -> None:
    """Sets paper and ink colours, and chalk on dark or toned paper."""
    hue, ink = rng.random(), rng.choice([0.0, rng.uniform(0.0, 0.2), rng.uniform(0.1, 0.4)])
    sheet = {
        "white": (0, 0, rng.choice([1.0, rng.uniform(0.96, 1)])),
        "warm": (rng.uniform(0.07, 0.13), rng.uniform(0.08, 0.3), rng.uniform(0.85, 0.98)),
        "grey": (hue, 0.03, rng.uniform(0.55, 0.85)),
        "blue": (rng.uniform(0.52, 0.64), rng.uniform(0.1, 0.35), rng.uniform(0.6, 0.95)),
        "dark": (hue, rng.uniform(0, 0.5), rng.uniform(0.04, 0.25)),
        "any": (hue, rng.uniform(0, 0.4), rng.uniform(0.5, 1)),
    }[kind]
    pen = (hue, 0.0, ink)
    if kind == "dark":
        pen = (hue, rng.uniform(0, 0.2), rng.uniform(0.8, 1))
    elif rng.random() < (0.3 if kind == "warm" else 0.08):
        pen = (rng.choice([0.03, 0.07, 0.62, rng.random()]), rng.uniform(0.4, 0.9), rng.uniform(0.15, 0.5))
    if kind in ("grey", "blue", "any") and rng.random() < 0.5:
        style["chalk"] = rng.uniform(0.3, 1)
    for prefix, colour in (("paper", sheet), ("ink", pen)):
        for channel, value in zip("rgb", colorsys.hsv_to_rgb(*colour)):
            style[f"{prefix}_{channel}"] = value


def _look(s: dict[str, float], rng: random.Random) -> None:
    """How the artist sees the sitter and fills the paper: colour filter, pale skin, tone curve."""
    if rng.random() < 0.4:
        s["filter"] = rng.uniform(-1, 1)
    if rng.random() < 0.4:
        s["skin"] = rng.uniform(0.2, 1)
    if s["curve"]:
        return
    if rng.random() < 0.45:
        s["curve"] = rng.uniform(0.4, 1)
        s["curve_low"] = rng.uniform(0, 0.45)
        s["curve_high"] = rng.uniform(max(0.3, s["curve_low"] + 0.15), 1)
    elif rng.random() < 0.25:
        _two_tone(s, rng)


def _two_tone(s: dict[str, float], rng: random.Random) -> None:
    """Bare paper or full ink, and little between."""
    s["curve"], s["curve_low"] = 1.0, rng.uniform(0.2, 0.5)
    s["curve_high"] = s["curve_low"] + rng.uniform(0.1, 0.2)


def _add_stroke(s, rng):
    s["stroke"], s["stroke_edge"] = rng.uniform(0.4, 1), rng.uniform(4, 16)
    s["stroke_long"] = rng.choice([0.5, rng.uniform(1, 3), rng.uniform(3, 6)])
    s["stroke_follow"] = rng.choice([0.0, 1.0, rng.random()])
    s["stroke_turn"] = rng.uniform(0, math.pi)
    s["stroke_lines"] = float(rng.random() < 0.5)


def _add_hatching(s, rng):
    """Strokes side by side that rise or fall, between lines that are drawn through."""
    s["stroke"], s["stroke_edge"] = rng.uniform(0.7, 1), rng.uniform(4, 16)
    s["stroke_long"], s["stroke_pitch"] = rng.uniform(3, 6), rng.uniform(3, 5)
    s["stroke_turn"] = math.pi * (rng.choice([0.25, 0.75]) + rng.uniform(-0.04, 0.04))
    s["stroke_cross"] = rng.choice([0.0, 0.0, 0.0, rng.uniform(0.4, 1)])
    s["stroke_lines"] = float(rng.random() < 0.15)


def _add_local(s, rng):
    s["local"], s["wide_sigma"], s["tone_blur"] = rng.uniform(0.4, 1), rng.uniform(3, 10), rng.uniform(0.5, 3)


def _add_line(s, rng):
    s["line"], s["line_sigma"], s["line_floor"] = rng.uniform(0.3, 1), rng.uniform(0.6, 1.8), rng.uniform(0, 0.02)


def _add_dodge(s, rng):
    s["dodge"], s["dodge_sigma"] = rng.uniform(0.3, 1), rng.uniform(1.5, 8)


def _add_tone(s, rng):
    s["tone"], s["tone_blur"], s["tone_gamma"] = rng.uniform(0.2, 0.7), rng.uniform(0.5, 3), rng.uniform(0.6, 2)


def _pencil(s, rng):
    _add_dodge(s, rng)
    if rng.random() < 0.7:
        _add_line(s, rng)
    if rng.random() < 0.5:
        _add_tone(s, rng)
        s["tone"] *= 0.6


def _contour(s, rng):
    s["line"], s["line_sigma"], s["line_floor"] = rng.uniform(0.4, 1), rng.uniform(0.6, 2.2), rng.uniform(0, 0.03)


def _inked(s, rng):
    s["ink"], s["ink_sigma"] = rng.uniform(0.7, 1), rng.uniform(0.6, 2)
    s["ink_level"], s["ink_edge"] = rng.uniform(0.2, 0.7), rng.choice([rng.uniform(5, 25), rng.uniform(20, 60)])


def _portrait(s, rng):
    """White face, dark hair: evened-out tone with lines, as artists draw from a sitter."""
    _add_local(s, rng)
    s["skin"] = rng.choice([0.0, rng.uniform(0.2, 1)])
    if rng.random() < 0.75:
        _add_line(s, rng)
    if rng.random() < 0.3:
        _add_dodge(s, rng)


def _charcoal(s, rng):
    s["tone"], s["tone_blur"], s["tone_gamma"] = rng.uniform(0.6, 1), rng.uniform(0.8, 4), rng.uniform(0.5, 2.5)
    if rng.random() < 0.75:
        s["line"], s["line_sigma"] = rng.uniform(0.3, 1), rng.uniform(1, 2.2)


def _linocut(s, rng):
    """Solid blacks with a few bold lines: hair, dark cloth and shadow as one mass each."""
    s["tone"], s["tone_blur"], s["tone_gamma"] = rng.uniform(0.8, 1), rng.uniform(0.5, 3), rng.uniform(0.5, 1)
    if rng.random() < 0.3:
        _add_local(s, rng)
    if rng.random() < 0.85:
        s["line"], s["line_sigma"], s["line_floor"] = rng.uniform(0.6, 1), rng.uniform(0.6, 2), rng.uniform(0, 0.03)
    _two_tone(s, rng)


def _hatched(s, rng):
    """Tone in hatching, and lines."""
    rng.choice([_add_local, _add_tone, _add_dodge])(s, rng)
    s["tone"] *= 1.4
    if rng.random() < 0.85:
        _add_line(s, rng)
    _add_hatching(s, rng)


def _stippled(s, rng):
    s["stipple"], s["stipple_size"] = rng.uniform(0.7, 1), float(rng.randint(0, 1))
    if rng.random() < 0.5:
        _add_line(s, rng)


def _threads(s, rng):
    s["thread"], s["thread_count"] = rng.uniform(0.6, 1), float(rng.randint(4, 12))


def _wash(s, rng):
    s["tone"], s["tone_blur"], s["tone_gamma"] = rng.uniform(0.6, 1), rng.uniform(1, 3), rng.uniform(0.5, 2)
    s["tone_levels"] = float(rng.randint(2, 5))
    if rng.random() < 0.6:
        _add_line(s, rng)


def _plain(s, rng):
    s["plain"] = 1.0
    kind = rng.choice(["gray", "blur", "invert", "identity"])
    s["plain_colour"] = 0.0 if kind == "gray" else float(rng.random() < 0.7 or kind == "identity")
    s["plain_blur"] = rng.uniform(1.5, 4) if kind == "blur" else 0.0
    s["plain_invert"] = float(kind == "invert")


_FAMILY = {
    "pencil": _pencil,
    "contour": _contour,
    "inked": _inked,
    "portrait": _portrait,
    "charcoal": _charcoal,
    "linocut": _linocut,
    "hatched": _hatched,
    "stippled": _stippled,
    "threads": _threads,
    "wash": _wash,
    "plain": _plain,
}
