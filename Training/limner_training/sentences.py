"""Sentences that describe a style with graded words, each word a band of a parameter.

The same style is told in many ways: words are left out at random, openings vary, and now and then only the bare
family is named. A sentence never says what the style doesn't hold.
"""

import math
import random

OPENINGS = ["", "", "", "turn it into ", "make it ", "turn the photo into ", "draw it as ", "redraw as ", "convert to "]
NOUNS = {
    "pencil": ["pencil sketch", "pencil drawing", "graphite sketch", "sketch"],
    "contour": ["line drawing", "contour drawing", "outline sketch"],
    "inked": ["ink drawing", "pen and ink drawing", "black ink portrait", "comic drawing"],
    "portrait": ["portrait sketch", "portrait drawing", "sketch", "pencil portrait"],
    "charcoal": ["charcoal drawing", "charcoal sketch", "smudged charcoal portrait"],
    "linocut": ["linocut", "woodcut", "brush drawing", "drawing with solid blacks"],
    "hatched": ["hatched drawing", "hatching sketch", "engraving"],
    "stippled": ["stippled drawing", "stippling of dots"],
    "threads": ["contour thread drawing", "drawing of map lines"],
    "wash": ["ink wash", "wash drawing", "posterised drawing"],
}
PLAIN = {
    "gray": ["make it black and white", "a gray photo"],
    "blur": ["blur it", "a blurred photo"],
    "invert": ["invert the colours", "a negative"],
    "identity": ["leave it as it is", "the same photo"],
}


def band(value: float, bounds: tuple[float, ...], words: tuple[str, ...]) -> str:
    """The word of the band that the value lies in; words has one more item than bounds."""
    return words[sum(value >= b for b in bounds)]


def describe(family: str, s: dict[str, float], rng: random.Random) -> str:
    """One sentence for the style."""
    if family == "plain":
        kind = (
            "invert"
            if s["plain_invert"]
            else "blur"
            if s["plain_blur"]
            else "identity"
            if s["plain_colour"]
            else "gray"
        )
        return rng.choice(PLAIN[kind])
    bare = rng.random() < 0.12
    front = [] if bare else [w for w in _adjectives(family, s) if w and rng.random() < 0.75]
    noun = rng.choice(NOUNS[family])
    text = " ".join([*front, noun])
    details = [] if bare else [w for w in _details(family, s) if w and rng.random() < 0.75]
    if details:
        rng.shuffle(details)
        text += " with " + " and ".join(details)
    sheet = _paper(s)
    if sheet and (rng.random() < 0.9):
        text += f" on {sheet} paper"
    article = rng.choice(["a ", "an " if text[0] in "aeiou" else "a ", ""])
    return rng.choice(OPENINGS) + article + text


def _words(*words: str) -> str:
    return " ".join(w for w in words if w)


def _adjectives(family, s):
    if family == "pencil":
        yield band(s["dodge"], (0.45, 0.65, 0.85), ("faint", "soft", "", "dark"))
    elif family == "contour":
        yield band(s["line"], (0.55, 0.8), ("faint", "", "bold"))
    elif family == "inked":
        yield band(s["ink_level"], (0.35, 0.55), ("light", "", "heavy"))
    elif family in ("charcoal", "wash"):
        yield band(s["tone_gamma"], (0.8, 1.5), ("light", "", "dark"))
        yield band(s["tone_blur"], (1.5, 2.8), ("crisp", "", "smoky"))
    elif family == "linocut":
        yield band(s["curve_low"], (0.3, 0.4), ("dark", "", "light"))
    elif family == "hatched":
        yield band(s["stroke_pitch"], (3.5, 4.5), ("fine", "", "coarse"))
        yield "cross" if s["stroke_cross"] > 0 else ""
    elif family == "stippled":
        yield "coarse" if s["stipple_size"] else "fine"
    elif family == "threads":
        yield band(s["thread_count"], (7, 10), ("sparse", "", "dense"))
    if s["keep_colour"] > 0.25:
        yield "coloured"


def _details(family, s):
    if s["line"] > 0:
        yield _words(
            band(s["line_sigma"], (0.9, 1.4), ("thin", "", "thick")),
            band(s["line"], (0.5, 0.8), ("pale", "", "strong")),
            "lines",
        )
    if family == "inked":
        yield _words(band(s["ink_sigma"], (1.0, 1.5), ("fine", "", "broad")), "strokes")
    if family != "pencil" and s["dodge"] > 0:
        yield "pencil shading"
    if family == "pencil" and s["dodge"] > 0:
        yield band(s["dodge_sigma"], (3, 5.5), ("fine detail", "shading", "deep shading"))
    if family not in ("charcoal", "wash", "portrait", "linocut") and s["tone"] > 0:
        yield band(s["tone"], (0.35,), ("light", "rich")) + " tone"
    if family == "wash":
        yield f"{('no', 'one', 'two', 'three', 'four', 'five')[int(s['tone_levels'])]} tones"
    if s["skin"] > 0.3:
        yield "pale skin"
    if s["curve"] > 0.3:
        yield band(s["curve_high"] - s["curve_low"], (0.21, 0.35), ("solid black", "strong contrast", "contrast"))
    if s["local"] > 0:
        yield band(s["local"], (0.6, 0.8), ("light tone", "even tone", "dark hair"))
    if s["stroke"] > 0.3:
        yield band(s["stroke_long"], (0.8, 3), ("grain", "short strokes", "long strokes"))
        if s["stroke_follow"] > 0.5:
            yield "curved strokes"
        elif s["stroke_long"] > 0.8:
            turn = s["stroke_turn"] / math.pi
            words = ("level", "falling", "upright", "rising", "level")
            yield band(turn, (0.125, 0.375, 0.625, 0.875), words) + " strokes"
    if s["chalk"] > 0:
        yield "white chalk"
    if s["bare"] > 0:
        yield band(s["bare"], (0.8,), ("a faint background", "no background"))
    hue = max("rgb", key=lambda c: s[f"ink_{c}"])
    if max(s[f"ink_{c}"] for c in "rgb") - min(s[f"ink_{c}"] for c in "rgb") > 0.12:
        yield {"r": "brown red", "g": "green", "b": "blue"}[hue] + " ink"


def _paper(s):
    r, g, b = (s[f"paper_{c}"] for c in "rgb")
    light, spread = max(r, g, b), max(r, g, b) - min(r, g, b)
    if light > 0.96 and spread < 0.04:
        return ""
    word = band(light, (0.3, 0.7), ("black", "dim", "light"))
    if spread < 0.06:
        return "black" if light < 0.3 else "grey"
    hue = (
        "warm"
        if r >= g >= b
        else "pink"
        if r >= b >= g
        else "green"
        if g >= r and g >= b
        else "blue"
        if b >= g >= r
        else "violet"
    )
    return hue if word == "light" else f"{word} {hue}"
