"""The features of a face as pencil strokes: lids, irises, lips, nostrils, folds.

Each is a curve of the canonical head, laid on the sitter's skin, projected and
drawn where it can be seen.
"""

import numpy as np

from .head import EYE_RADIUS
from .roots import on_face
from .surface import gaze


def draw_features(sheet, plan):
    """All features of the face."""
    for side in (-1.0, 1.0):
        _lids(sheet, plan, side)
        _iris(sheet, plan, side)
        _nose(sheet, plan, side)
        _folds(sheet, plan, side)
    _lips(sheet, plan)


def face_curve(plan, x, y):
    """Pixels (n, 2) of canonical face points and which of them can be seen."""
    points = on_face(plan.scene, np.asarray(x, np.float32), np.asarray(y, np.float32))
    return seen(plan, points)


def seen(plan, points):
    """Pixels (n, 2) of head-frame points and which of them can be seen."""
    world = np.stack(plan.scene.to_world(*points.T.astype(np.float32)), 1)
    xy = plan.project(world)
    return xy, plan.visible(xy, world[:, 2], 0.3, plan.cover)


def _line(sheet, curve, pressure, width, times=1, drift=0.5, taper=(0.2, 0.3)):
    xy, visible = curve
    if visible.sum() < 4:
        return
    pressure = np.broadcast_to(pressure, (len(xy),))[visible]
    for _ in range(times):
        sheet.stroke(xy[visible] + sheet.rng.normal(0, drift * 0.5, 2), pressure, width, drift, taper)


def _lids(sheet, plan, side):
    f, head = plan.scene.person.face, plan.scene.head
    u = np.linspace(-1.46, 1.5, 40) * f.eye_width
    upper, lower, arch = head.lid_curves(u)
    x = side * (f.eye_gap + u)
    dark = 0.75 + 0.35 * np.clip((u + 1) / 2, 0, 1)
    _line(sheet, face_curve(plan, x, upper + 0.03), dark, 1.7, 3, 0.5, (0.15, 0.12))
    _line(sheet, face_curve(plan, x, lower - 0.04), 0.35 + 0.2 * (u > 0.3), 0.95, 1, 0.4, (0.3, 0.1))
    wide = np.linspace(-1.3, 1.65, 36) * f.eye_width
    upper, _, arch = head.lid_curves(wide)
    fold = face_curve(plan, side * (f.eye_gap + wide), upper + 0.32 + 0.12 * arch)
    _line(sheet, fold, 0.28 + 0.3 * min(f.lid_fold, 1), 1.0, 2, 0.6)


def _iris(sheet, plan, side):
    f, head, scene = plan.scene.person.face, plan.scene.head, plan.scene
    aim = gaze(scene.person, scene)
    a = np.cross([0, 1, 0], aim)
    a /= np.linalg.norm(a)
    b = np.cross(aim, a)
    colour = 1 - min(1.0, float(np.mean(scene.person.iris)) / 0.16)

    def ring(r, start, stop, count=30):
        t = np.linspace(start, stop, count)
        w = aim + (np.cos(t)[:, None] * a + np.sin(t)[:, None] * b) * r / EYE_RADIUS
        return w / np.linalg.norm(w, axis=1, keepdims=True)

    def show(w):
        p = np.array([side * f.eye_gap, 0, head.eye[2]]) + w * EYE_RADIUS
        x, y, z = head.sitter(*p.T)
        u = side * p[:, 0] - f.eye_gap
        upper, lower, _ = head.lid_curves(u)
        xy, visible = seen(plan, np.stack([x, y, z], 1))
        return xy, visible & (p[:, 1] < upper + 0.02) & (p[:, 1] > lower - 0.02)

    _line(sheet, show(ring(0.58, 0.2, 6.5, 60)), 0.75, 1.1, 2, 0.3, (0.02, 0.02))
    for r in np.linspace(0.03, 0.22, 5):
        _line(sheet, show(ring(r, 0, 6.3)), 1.0, 1.2, 2, 0.2, (0.01, 0.01))
    spark = np.arctan2(plan.lights.key[1], plan.lights.key[0])
    for t in np.linspace(0, 2 * np.pi, 34, endpoint=False):
        away = abs((t - spark + np.pi) % (2 * np.pi) - np.pi)
        if away < 0.45:
            continue
        radial = np.concatenate([ring(r, t, t + 1e-3, 1) for r in np.linspace(0.56, 0.26, 8)])
        _line(sheet, show(radial), (0.3 + 0.5 * colour) * (1.25 if np.sin(t) > 0 else 0.8), 0.9, 1, 0.2, (0.02, 0.5))


def _nose(sheet, plan, side):
    f = plan.scene.person.face
    w, low = f.nose_width, -f.nose_length
    t = np.linspace(0, 1, 24)
    wing_x = side * (1.05 * w + 0.72 * np.sin(np.pi * (0.12 + 0.72 * t)) ** 0.8 - 0.02)
    wing_y = -3.55 + low - 1.2 * t
    _line(sheet, face_curve(plan, wing_x, wing_y), 0.30 + 0.4 * t, 1.0, 2, 0.5, (0.5, 0.15))
    hole_x = side * (0.66 * w + 0.36 * w * np.cos(np.pi * (1.05 - 1.0 * t)))
    for drop in (0.0, 0.06, 0.12):
        hole_y = -4.52 + low + (0.18 - drop) * np.sin(np.pi * t) - 0.05 * t
        _line(sheet, face_curve(plan, hole_x, hole_y), 0.85, 1.3, 1, 0.3)
    base_x = side * 0.42 * t[::-1]
    _line(sheet, face_curve(plan, base_x, -4.72 + low - 0.1 * (1 - t)), 0.35, 0.9, 1, 0.4)


def _folds(sheet, plan, side):
    for points, depth, _ in plan.scene.head.fold_curves().values():
        xs, ys = np.array(points, np.float32).T
        t, at = np.linspace(0.05, 0.95, 26), np.linspace(0, 1, len(xs))
        fit = np.polyfit(at, xs, min(2, len(xs) - 1)), np.polyfit(at, ys, min(2, len(xs) - 1))
        curve = face_curve(plan, side * np.polyval(fit[0], t), np.polyval(fit[1], t))
        if depth > 0.05:
            _line(sheet, curve, min(0.7, 2.6 * depth), 1.0, 1, 0.6, (0.35, 0.55))


def _lips(sheet, plan):
    f, head = plan.scene.person.face, plan.scene.head
    x = np.linspace(-1.02, 1.02, 60) * f.mouth_width
    upper, parting, lower, _ = head.mouth_curves(x)
    centre = np.abs(x) / f.mouth_width
    _line(sheet, face_curve(plan, x, parting), 0.7 + 0.35 * (centre > 0.8) + 0.15 * (centre < 0.2), 1.4, 3, 0.5)
    _line(sheet, face_curve(plan, x[4:-4], upper[4:-4]), 0.42, 0.95, 1, 0.5)
    _line(sheet, face_curve(plan, x[12:-12], lower[12:-12]), 0.38, 1.0, 1, 0.5)
    for u in np.linspace(-0.86, 0.86, 44):
        at = u * f.mouth_width + sheet.rng.normal(0, 0.03)
        top, mid, low, _ = (float(v[0]) for v in head.mouth_curves(np.array([at])))
        t = np.linspace(0, 1, 8)
        _line(sheet, face_curve(plan, np.full(8, at), mid + (top - mid) * 0.9 * t), 0.42, 0.85, 1, 0.2, (0.02, 0.6))
        if abs(u) < 0.75:
            reach = sheet.rng.uniform(0.35, 0.7)
            _line(sheet, face_curve(plan, at * (1 + 0.05 * t), mid + (low - mid) * reach * t), 0.30, 0.85, 1, 0.2,
                  (0.05, 0.7))
