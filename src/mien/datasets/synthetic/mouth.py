"""Nose, mouth and the folds between: AU09, 10, 12, 14, 15, 16, 17, 20, 23, 25 and 26."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.datasets.synthetic.canvas import Canvas, Patch, Pixels
from mien.datasets.synthetic.draws import Column
from mien.datasets.synthetic.expression import Expression
from mien.datasets.synthetic.identity import Identity

_INSIDE, _TEETH = (0.13, 0.05, 0.05), (0.93, 0.91, 0.86)


@dataclass(frozen=True, slots=True)
class Lips:
    """The mouth's curves, all (n, 1, 1), from its middle in face units; heights grow downwards.

    `width` and `corner` come in pairs, left and right of the picture: a corner's distance from the middle,
    and its height against the middle of the line between the lips.
    """

    middle: Column
    width: tuple[Column, Column]
    corner: tuple[Column, Column]
    gap_up: Column  # the opening above that line
    gap_down: Column
    upper: Column  # thickness of the lips
    lower: Column


def lips(who: Identity, shows: Expression) -> Lips:
    """Where the units put the lips."""
    widths, corners = [], []
    for side in (shows.left, shows.right):
        smile, dimple = shows["AU12"] * side, shows["AU14"] * side
        widths.append(
            who.mouth_width + 0.10 * smile + 0.10 * shows["AU20"] + 0.035 * dimple
            - 0.075 * shows["AU23"] - 0.05 * shows["AU26"] - 0.02 * shows["AU17"]
        )  # fmt: skip
        corners.append(who.mouth_rest - 0.165 * smile + 0.155 * shows["AU15"] - 0.07 * dimple + 0.025 * shows["AU20"])
    thin = 1 - 0.6 * shows["AU23"] - 0.25 * shows["AU20"] * (1 - shows["AU25"])
    return Lips(
        middle=0.03 * shows["AU12"] - 0.045 * shows["AU17"] - 0.02 * shows["AU10"] - 0.015 * shows["AU15"],
        width=(widths[0], widths[1]),
        corner=(corners[0], corners[1]),
        gap_up=0.035 * shows["AU25"] + 0.065 * shows["AU10"] + 0.035 * shows["AU26"],
        gap_down=0.060 * shows["AU25"] + 0.180 * shows["AU26"] + 0.050 * shows["AU16"],
        upper=0.056 * who.lips * thin * (1 - 0.25 * shows["AU12"]),
        lower=0.080 * who.lips * thin * (1 - 0.45 * shows["AU17"]) * (1 + 0.2 * shows["AU16"]),
    )


def draw_nose(canvas: Canvas, who: Identity, shows: Expression) -> None:
    """Ridge, wings and nostrils; AU09 wrinkles the root and pulls the wings up."""
    zero = np.zeros_like(who.width)
    lift = 0.035 * shows["AU09"] + 0.012 * shows["AU10"]
    with canvas.window(zero, who.eye_height + 0.15, 0.45, (0.26, 0.38)) as patch:
        u, v = np.abs(patch.u), patch.v + 0.15
        base = v - who.nose_length + lift  # 0 at the nose's base
        flank = np.clip((v + 0.05) * 4, 0, 1) * np.clip(0.5 - base * 14, 0, 1)
        slope = 0.035 + 0.16 * np.clip(v, 0, 1)
        patch.darken(np.clip(1 - np.abs(u - slope) * 18, 0, 1) * flank * 0.16)
        patch.darken(np.clip(1 - u * 22, 0, 1) * flank * -0.12)
        wing_u, wing_v = (u - who.nose_width * 0.92) * (1 / 0.035), (base + 0.045) * (1 / 0.055)
        ring = wing_u * wing_u + wing_v * wing_v
        patch.darken(np.clip(1.3 - ring, 0, 1) * (0.26 + 0.2 * shows["AU09"]))
        hole_u, hole_v = (u - who.nose_width * 0.48) * (1 / 0.042), base * (1 / 0.026)
        patch.darken(np.clip(1.5 - (hole_u * hole_u + hole_v * hole_v), 0, 1) * 0.62)
        under = patch.line(base - 0.028, 0.02) * np.clip(1.4 - u * 12, 0, 1)
        patch.darken(under * 0.16)
        at_root = np.clip(1.5 - u * 11, 0, 1)
        bend = 0.5 * u
        wrinkle = np.maximum(patch.line(v + 0.015 - bend, 0.015), patch.line(v - 0.065 - bend, 0.015))
        patch.darken(wrinkle * at_root * 0.55 * shows["AU09"])


def draw_mouth(canvas: Canvas, who: Identity, shows: Expression) -> None:
    """Folds, lips, opening, teeth, chin."""
    shape = lips(who, shows)
    zero = np.zeros_like(who.width)
    with canvas.window(zero, who.mouth_height + 0.06, 0.42, (0.54, 0.42)) as patch:
        patch.v += 0.06
        left = patch.u < 0
        width = np.where(left, shape.width[0], shape.width[1])
        corner = np.where(left, shape.corner[0], shape.corner[1])
        _folds(patch, shows, width, np.where(left, shows.left, shows.right))
        _lips(patch, canvas, who, shows, shape, width, corner)
        _chin(patch, shows, shape)


def _folds(patch: Patch, shows: Expression, width: Pixels, side: Pixels) -> None:
    """From the nose's wings past the corners of the mouth, and the dimple of AU14 beside them."""
    u, v = np.abs(patch.u), patch.v
    t = np.clip((v + 0.30) * (1 / 0.36), 0, 1)
    path = 0.15 + (width - 0.07) * t - 0.10 * t * (1 - t)
    near = np.clip((v + 0.31) * 12, 0, 1) * np.clip((0.09 - v) * 10, 0, 1)
    depth = np.clip(0.05 + 0.42 * shows["AU12"] * side + 0.26 * shows["AU09"] + 0.38 * shows["AU10"], 0, 0.5)
    patch.darken(patch.line(u - path, 0.017) * near * depth)
    dimple = patch.line(u - width - 0.045 + 0.9 * v * v, 0.017) * np.clip(1.6 - np.abs(v + 0.01) * 14, 0, 1)
    patch.darken(dimple * 0.6 * shows["AU14"] * side)
    cu, cv = u - 0.34, v + 0.26
    apple = np.clip(1 - cu * cu * 40 - cv * cv * 50, 0, 1)
    patch.darken(apple * apple * -0.2 * np.maximum(shows["AU06"], shows["AU12"] * side))


def _lips(
    patch: Patch, canvas: Canvas, who: Identity, shows: Expression, shape: Lips, width: Pixels, corner: Pixels
) -> None:
    t = patch.u * (1 / width)
    t2 = np.minimum(t * t, 1.3)
    p = np.maximum(1 - t2, 0)
    line = shape.middle + (corner - shape.middle) * t2
    v = patch.v - line
    round_p = np.sqrt(p)
    gap_top, gap_low = -shape.gap_up * round_p, shape.gap_down * round_p
    cupid = 1 - 0.25 * np.clip(1 - np.abs(t) * 5, 0, 1)
    top, low = gap_top - shape.upper * p * cupid, gap_low + shape.lower * round_p
    body = patch.cover(np.minimum(v - top, low - v)) * (p > 0)
    patch.paint(body, canvas.colour(who.lip))
    patch.darken(body * patch.cover(0.5 * gap_top - v) * 0.12)
    opening = np.minimum(v - gap_top, gap_low - v)
    wide = np.clip((shape.gap_up + shape.gap_down) * 40, 0, 1)
    hollow = patch.cover(opening) * (p > 0) * wide
    patch.paint(hollow, canvas.flat(_INSIDE))
    bite = 0.030 + 0.035 * np.maximum(shows["AU12"], np.maximum(shows["AU10"], 0.6 * shows["AU20"]))
    teeth = hollow * patch.cover(gap_top + bite - v) * np.clip(1.15 - np.abs(t), 0, 1)
    patch.paint(teeth, canvas.flat(_TEETH))
    reach = np.clip((1.06 - np.abs(t)) * 8, 0, 1)
    seam = patch.line(v, 0.014 + 0.006 * shows["AU23"]) * reach * (1 - 0.8 * wide)
    patch.darken(seam * 0.62)
    ends = np.clip(1 - np.abs(np.abs(t) - 1) * 9, 0, 1) * np.clip(1 - np.abs(v) * 22, 0, 1)
    patch.darken(ends * 0.4)


def _chin(patch: Patch, shows: Expression, shape: Lips) -> None:
    """The hollow below the lower lip; AU17 deepens it and bosses the chin."""
    u, v = patch.u, patch.v
    below = shape.middle + shape.gap_down + shape.lower + 0.045
    arc = v - below - 1.2 * u * u
    patch.darken(patch.line(arc, 0.02) * np.clip(1.3 - np.abs(u) * 8, 0, 1) * (0.15 + 0.38 * shows["AU17"]))
    bu, bv = u * (1 / 0.15), (v - below - 0.11) * (1 / 0.085)
    patch.darken(np.clip(1 - bu * bu - bv * bv, 0, 1) * -0.14 * shows["AU17"])
