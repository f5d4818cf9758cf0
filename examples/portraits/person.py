"""What makes one sitter differ from another: a plain record of measures.

Lengths are centimetres, colours are linear RGB, angles are degrees. The
defaults are an average adult; `people.py` holds the sitters themselves.
"""

from dataclasses import dataclass, field


@dataclass
class Face:
    """Shape of the head in its own frame: x to the right, y up, z to the viewer, eyes at y = 0."""

    width: float = 1.0          # whole head across
    jaw: float = 1.0            # lower face across, relative to width
    length: float = 1.0         # below the eyes, along y
    chin: float = 0.0           # chin forward, cm
    fullness: float = 0.0       # soft cheeks, -1..1
    cheekbone: float = 0.0      # -1..1
    brow_ridge: float = 0.0     # -1..1
    brow_height: float = 0.0
    eye_gap: float = 3.2        # half the distance between pupils
    eye_open: float = 0.92
    eye_width: float = 1.0
    eye_tilt: float = 0.10
    lid_fold: float = 1.0       # depth of the crease above the lid
    nose_length: float = 0.0
    nose_width: float = 1.0
    nose_tip: float = 0.0       # tip forward, cm
    nose_bridge: float = 0.0    # bridge forward, cm
    lips: float = 1.0           # fullness
    mouth_width: float = 2.75   # half width
    smile: float = 0.15         # corners up, cm
    age: float = 0.2            # 0..1: folds, bags, lines
    neck: float = 1.0
    shoulders: float = 1.0
    larynx: float = 0.0
    ears: float = 1.0


@dataclass
class Hair:
    """A head of hair: where it grows, how it falls, what colour it is."""

    style: str = "short"        # short, long, curly, bun, bald
    colour: tuple = (0.05, 0.03, 0.02)
    length: float = 5.0
    lift: float = 1.0           # thickness of the hair over the scalp, cm
    parting: float = 2.0        # x of the parting
    curl: float = 0.0           # radius of the curls, cm
    hairline: float = 0.0       # up or down, cm
    recede: float = 0.0         # temples, cm
    strands: int = 26000
    gray: float = 0.0           # share of white strands
    forward: float = 0.0        # share of the hair on top that is combed to the front


@dataclass
class Beard:
    """Hair of the face: density 0 for none; length in centimetres."""

    density: float = 0.0
    length: float = 0.3
    stubble: float = 0.0
    moustache: float = 0.0
    colour: tuple = (0.05, 0.03, 0.02)


@dataclass
class Person:
    """A sitter, with clothes, pose, light and background."""

    name: str
    seed: int
    face: Face = field(default_factory=Face)
    hair: Hair = field(default_factory=Hair)
    beard: Beard = field(default_factory=Beard)
    skin: tuple = (0.52, 0.29, 0.20)
    blush: float = 1.0
    freckles: float = 0.0
    lip_colour: tuple = (0.42, 0.15, 0.13)
    makeup: float = 0.0         # darkened lashes and lid edge
    brow_colour: tuple = (0.05, 0.03, 0.02)
    brow_density: float = 1.0
    iris: tuple = (0.12, 0.07, 0.03)
    glasses: bool = False
    glasses_colour: tuple = (0.03, 0.025, 0.02)
    collar: str = "crew"        # crew, vee, turtle
    cloth: tuple = (0.05, 0.09, 0.2)
    trim: tuple = (0.5, 0.5, 0.5)
    stripes: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    gaze: float = 0.0           # degrees of the eyes beyond the head, to the right
    key: tuple = (-0.75, 0.55, 0.65)
    key_colour: tuple = (1.0, 0.95, 0.88)
    key_strength: float = 2.0
    fill: float = 0.22
    rim: float = 0.9
    rim_side: float = 1.0
    backdrop: str = "studio"    # studio, window, garden, evening
    backdrop_colour: tuple = (0.25, 0.28, 0.32)
