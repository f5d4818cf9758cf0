"""The sitters. None of them exists; each is a set of measures.

The first sits for the pair; the others are the photographs to be drawn.
"""

from .person import Beard, Face, Hair, Person

PAIR = Person(
    "pair", 11,
    face=Face(width=1.0, jaw=1.0, brow_ridge=0.5, nose_length=0.15, smile=0.40, age=0.3, larynx=0.6, eye_open=0.88),
    hair=Hair(style="short", colour=(0.035, 0.019, 0.010), length=6.0, lift=1.4, parting=4.3, recede=0.4),
    beard=Beard(stubble=0.35, colour=(0.04, 0.025, 0.015)),
    skin=(0.50, 0.275, 0.185), lip_colour=(0.40, 0.17, 0.135), iris=(0.05, 0.10, 0.13),
    brow_colour=(0.03, 0.017, 0.010), cloth=(0.03, 0.055, 0.13), trim=(0.40, 0.40, 0.40), yaw=-8, pitch=1,
    key=(-0.8, 0.6, 0.65), backdrop="studio", backdrop_colour=(0.30, 0.33, 0.36))

OTHERS = [
    Person(
        "anna", 23,
        face=Face(width=0.95, jaw=0.86, length=0.96, chin=-0.1, brow_ridge=-0.8, brow_height=0.2, eye_open=1.08,
                  eye_width=1.02, eye_tilt=0.14, nose_length=-0.2, nose_width=0.88, lips=1.2, mouth_width=2.65,
                  smile=0.48, age=0.05, neck=0.82, shoulders=0.86, fullness=0.2, ears=0.88),
        hair=Hair(style="long", colour=(0.16, 0.075, 0.028), length=20, lift=1.0, parting=0.8, curl=0.8, strands=34000),
        skin=(0.58, 0.35, 0.26), blush=1.3, freckles=0.55, lip_colour=(0.46, 0.13, 0.12), makeup=0.5,
        iris=(0.07, 0.13, 0.06), brow_colour=(0.07, 0.035, 0.015), brow_density=0.55, collar="vee",
        cloth=(0.20, 0.03, 0.04), trim=(0.20, 0.03, 0.04), yaw=12, pitch=1, roll=-3,
        key=(0.7, 0.55, 0.7), rim_side=-1, backdrop="garden", backdrop_colour=(0.10, 0.17, 0.06)),
    Person(
        "kofi", 37,
        face=Face(width=1.03, jaw=1.04, brow_ridge=0.6, nose_width=1.28, nose_length=-0.15, nose_bridge=-0.25, lips=1.4,
                  mouth_width=2.9, smile=0.43, age=0.3, cheekbone=0.6, larynx=0.5, eye_open=0.9, shoulders=1.05),
        hair=Hair(style="curly", colour=(0.012, 0.009, 0.008), length=2.2, lift=1.0, curl=0.22, strands=24000,
                  hairline=0.2, recede=0.5),
        beard=Beard(density=0.75, length=0.45, moustache=0.7, stubble=0.4, colour=(0.010, 0.008, 0.007)),
        skin=(0.125, 0.062, 0.038), blush=0.4, lip_colour=(0.15, 0.055, 0.045), iris=(0.03, 0.016, 0.008),
        brow_colour=(0.010, 0.008, 0.006), cloth=(0.42, 0.30, 0.05), trim=(0.05, 0.10, 0.05), yaw=-16,
        key=(-0.7, 0.5, 0.7), key_strength=2.9, rim=1.6, backdrop="evening", backdrop_colour=(0.05, 0.05, 0.08)),
    Person(
        "ruth", 41,
        face=Face(width=0.98, jaw=0.97, length=0.99, brow_ridge=-0.4, eye_open=0.86, nose_length=0.25, nose_tip=0.15,
                  lips=0.75, smile=0.56, age=0.75, neck=0.86, shoulders=0.88, fullness=0.4, cheekbone=0.3),
        hair=Hair(style="bun", colour=(0.30, 0.29, 0.28), lift=1.1, gray=0.5, hairline=0.3, strands=26000),
        skin=(0.53, 0.32, 0.24), blush=1.4, lip_colour=(0.40, 0.15, 0.14), iris=(0.09, 0.12, 0.15),
        brow_colour=(0.14, 0.12, 0.10), brow_density=0.55, glasses=True, glasses_colour=(0.09, 0.02, 0.02),
        collar="turtle", cloth=(0.06, 0.13, 0.13), yaw=7, pitch=-1, key=(-0.5, 0.65, 0.7), fill=0.3,
        backdrop="window", backdrop_colour=(0.30, 0.26, 0.22)),
    Person(
        "jun", 53,
        face=Face(width=1.03, jaw=0.98, length=0.97, brow_ridge=-0.5, eye_open=0.74, eye_tilt=0.22, lid_fold=0.35,
                  nose_bridge=-0.45, nose_width=1.08, nose_length=-0.1, lips=1.0, smile=0.38, age=0.12, cheekbone=0.7,
                  larynx=0.3, fullness=0.2),
        hair=Hair(style="short", colour=(0.010, 0.009, 0.010), length=7.5, lift=1.5, parting=-2.0, forward=0.8,
                  strands=56000),
        skin=(0.48, 0.285, 0.18), blush=0.6, lip_colour=(0.38, 0.15, 0.13), iris=(0.03, 0.018, 0.010),
        brow_colour=(0.012, 0.010, 0.010), cloth=(0.40, 0.41, 0.43), trim=(0.05, 0.06, 0.16), stripes=5.0, yaw=15,
        pitch=2, key=(0.75, 0.5, 0.7), rim_side=-1, backdrop="studio", backdrop_colour=(0.42, 0.40, 0.36)),
    Person(
        "ivan", 67,
        face=Face(width=1.05, jaw=1.08, length=1.04, brow_ridge=1.0, brow_height=-0.1, eye_open=0.82, nose_length=0.35,
                  nose_tip=0.3, nose_width=1.1, nose_bridge=0.2, lips=0.75, smile=0.30, age=0.65, larynx=0.8,
                  neck=1.08, shoulders=1.1, ears=1.08),
        hair=Hair(style="bald"),
        beard=Beard(density=1.0, length=1.3, moustache=1.0, stubble=0.3, colour=(0.13, 0.075, 0.04)),
        skin=(0.52, 0.28, 0.20), blush=1.5, iris=(0.07, 0.12, 0.17), brow_colour=(0.10, 0.06, 0.035), brow_density=1.2,
        collar="crew", cloth=(0.045, 0.05, 0.055), trim=(0.06, 0.065, 0.07), yaw=-13, pitch=-1,
        key=(-0.8, 0.5, 0.6), backdrop="window", backdrop_colour=(0.16, 0.19, 0.24)),
]
