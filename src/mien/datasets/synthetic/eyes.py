"""Eyes, lids and brows: AU01, 02, 04, 05, 06, 07 and 43."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.datasets.synthetic.canvas import Canvas, Patch
from mien.datasets.synthetic.draws import Column, Draws
from mien.datasets.synthetic.expression import Expression
from mien.datasets.synthetic.identity import Identity

_WHITE, _DARK = (0.93, 0.92, 0.90), (0.07, 0.05, 0.05)


@dataclass(frozen=True, slots=True)
class Lids:
    """(n, 1, 1) heights above (upper) and below (lower) the line between an eye's corners."""

    upper: Column
    lower: Column


@dataclass(frozen=True, slots=True)
class Brow:
    """(n, 1, 1) heights above the eye of a brow's inner end, middle and outer end; `inner_u` its reach."""

    inner: Column
    middle: Column
    outer: Column
    inner_u: Column


def lids(who: Identity, shows: Expression) -> Lids:
    """AU05 lifts the upper lid, AU07 narrows both, AU06 pushes the lower one up, AU43 closes."""
    upper = who.eye_open + 0.075 * shows["AU05"] - 0.040 * shows["AU07"] - 0.018 * shows["AU06"]
    lower = 0.052 + 0.010 * shows["AU05"] - 0.042 * shows["AU07"] - 0.078 * shows["AU06"]
    shut = shows["AU43"]
    lower = np.maximum(lower, -0.022)  # a slit stays, unless AU43 closes it
    upper = np.maximum(upper, 0.034) * (1 - shut) - lower * shut
    return Lids(np.maximum(upper, -lower), lower)


def brow(who: Identity, shows: Expression) -> Brow:
    """AU01 lifts the inner end, AU02 the outer, AU04 lowers the whole and draws it together."""
    down = 0.10 * shows["AU04"]
    inner = who.brow_height - who.brow_slope + 0.155 * shows["AU01"] - down * 1.15 - 0.03 * shows["AU09"]
    outer = who.brow_height - 0.025 + who.brow_slope + 0.145 * shows["AU02"] - 0.02 * shows["AU01"]
    middle = who.brow_height + 0.03 + 0.065 * shows["AU01"] + 0.115 * shows["AU02"] - down
    return Brow(inner, middle, outer - 0.5 * down, 0.205 + 0.05 * shows["AU04"])


def draw_eyes(canvas: Canvas, who: Identity, shows: Expression, draws: Draws) -> None:
    """Both eyes with their brows."""
    gaze_u, gaze_v = draws.bell(0.022), draws.bell(0.010)
    shape, arch = lids(who, shows), brow(who, shows)
    for side in (-1, 1):
        with canvas.window(side * who.eye_apart, who.eye_height - 0.08, 0.3, (0.33, 0.38)) as patch:
            patch.u *= side  # from here on u grows towards the temple on either side
            patch.v -= 0.08
            _socket(patch, who, shows)
            _eye(patch, canvas, who, shows, shape, side * gaze_u, gaze_v)
            _brow(patch, canvas, who, arch)


def _socket(patch: Patch, who: Identity, shows: Expression) -> None:
    u, v = patch.u, patch.v
    hollow = np.clip(1 - u * u * 13 - (v + 0.05) * (v + 0.05) * 26, 0, 1)
    patch.darken(hollow * 0.16)
    # AU06: the cheek rises, a fold below the eye and a bright cheek under it; crow's feet outside
    fold_v = 0.105 - 0.02 * shows["AU06"] - 1.0 * u * u
    fold = patch.line(v - fold_v, 0.016) * np.clip(1.7 - np.abs(u) * 7.5, 0, 1)
    patch.darken(fold * (0.06 + 0.34 * shows["AU06"] + 0.16 * shows["AU07"]))
    out = u - who.eye_length - 0.02
    fan = np.minimum(np.abs(v + 0.02 + 0.35 * out), np.abs(v - 0.02 - 0.45 * out))
    feet = patch.line(fan, 0.011) * np.clip(out * 30, 0, 1) * np.clip(1.5 - out * 12, 0, 1)
    patch.darken(feet * 0.42 * shows["AU06"])


def _eye(
    patch: Patch, canvas: Canvas, who: Identity, shows: Expression, shape: Lids, gaze_u: Column, gaze_v: Column
) -> None:
    u = patch.u
    v = patch.v + who.eye_tilt * u
    t = u * (1 / who.eye_length)
    q = 1 - t * t
    top, bottom = -shape.upper * q, shape.lower * q
    inside = patch.cover(np.minimum(v - top, bottom - v)) * (q > 0)
    patch.paint(inside, canvas.flat(_WHITE))
    du, dv = u - gaze_u, v - gaze_v + 0.014
    r = np.sqrt(du * du + dv * dv)
    patch.paint(inside * patch.cover(0.092 - r), canvas.colour(who.iris))
    patch.paint(inside * patch.cover(0.044 - r), canvas.flat(_DARK))
    gu, gv = du + 0.028, dv + 0.03
    patch.paint(inside * patch.cover(0.022 - np.sqrt(gu * gu + gv * gv)) * 0.8, canvas.flat((1, 1, 1)))
    reach = np.clip((1.12 - np.abs(t)) * 6, 0, 1)
    edge = np.maximum(q, -0.2)
    patch.darken(patch.line(v + shape.upper * edge, 0.018) * reach * 0.78)
    patch.darken(patch.line(v - shape.lower * edge, 0.009) * reach * 0.34)
    crease = patch.line(v + shape.upper * edge + 0.05, 0.010) * reach
    patch.darken(crease * 0.22 * (1 - 0.7 * shows["AU05"]))


def _brow(patch: Patch, canvas: Canvas, who: Identity, arch: Brow) -> None:
    inner_u, outer_u = -arch.inner_u, np.float32(0.235)
    t = (patch.u - inner_u) * (1 / (outer_u - inner_u))  # 0 inner end, 1 outer end
    height = arch.inner * (1 - t) * (1 - 2 * t) + 4 * arch.middle * t * (1 - t) + arch.outer * t * (2 * t - 1)
    half = who.brow_thick * (1.15 - 0.65 * np.clip(t, 0, 1))
    ends = np.clip(np.minimum(t, 1 - t) * 9 + 0.5, 0, 1)
    patch.paint(patch.line(patch.v + height, half) * ends * 0.9, canvas.colour(who.hair * 0.75))


def draw_glasses(canvas: Canvas, who: Identity) -> None:
    """Dark rims for those who wear them."""
    worn = who.glasses[:, :, 0]
    if not worn.any():
        return
    for side in (-1, 1):
        with canvas.window(side * who.eye_apart, who.eye_height, 0.42, (0.34, 0.24)) as patch:
            a, b = patch.u * (1 / 0.27), (patch.v - 0.01) * (1 / 0.20)
            a2, b2 = a * a, b * b
            r = np.sqrt(np.sqrt(a2 * a2 + b2 * b2))  # a rounded rectangle
            rim = patch.line((r - 1) * 0.2, 0.017)
            bridge = patch.line(patch.v + 0.04, 0.015) * (patch.u * -side > 0.26)
            patch.darken(np.maximum(rim, bridge) * (0.85 * worn[:, :, None]))
