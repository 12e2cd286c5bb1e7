"""Everything behind the features: background, hair, neck, ears, skin and its shading, fringe, beard."""

from __future__ import annotations

import numpy as np

from mien.datasets.synthetic.canvas import Canvas, Patch, Pixels
from mien.datasets.synthetic.draws import Column, Draws
from mien.datasets.synthetic.expression import Expression
from mien.datasets.synthetic.identity import Identity


def draw_background(canvas: Canvas, draws: Draws, difficulty: float) -> None:
    """A plain wall with a slant of brightness and, the harder the more, a few soft shapes."""
    x, y = canvas.grid()
    shade = draws.uniform(0.15, 0.9)
    slant_x, slant_y = draws.bell(0.12), draws.bell(0.12)
    wall = shade + slant_x * x + slant_y * y
    for _ in range(2):
        cx, cy = draws.uniform(-1.2, 1.2), draws.uniform(-1.2, 1.2)
        reach = draws.uniform(0.3, 0.9)
        lift = draws.bell(0.2 * difficulty)
        dx, dy = x - cx, y - cy
        wall += np.clip(1 - (dx * dx + dy * dy) / (reach * reach), 0, 1) * lift
    tint = [draws.uniform(0.85, 1.15) for _ in range(3)]
    for plane, factor in zip(canvas.planes, tint, strict=False):
        plane[...] = wall * factor if len(canvas.planes) == 3 else wall


def _radius(patch: Patch, who: Identity, shows: Expression) -> Pixels:
    """Distance from the head's middle, 1 at its outline: an ellipse above, a narrowing jaw below."""
    low = np.clip(patch.v, 0, 2)
    tall = np.where(patch.v > 0, 1 / (who.chin + 0.10 * shows["AU26"]), np.float32(1.0))
    y = patch.v * tall
    taper = low * tall
    x = patch.u * (1 / who.width) * (1 + who.jaw * taper * taper)
    radius: Pixels = np.sqrt(x * x + y * y)
    return radius


def draw_head(canvas: Canvas, who: Identity, shows: Expression, light: Column) -> None:
    """Hair behind, neck, head and ears; `light` in -1..1 is the side that the lamp stands on."""
    patch = canvas.whole()
    u, v = patch.u, patch.v
    skin, hair = canvas.colour(who.skin), canvas.colour(who.hair)
    shadow = canvas.colour(who.skin * 0.62)

    # the hair's outline: a larger ellipse a little higher up, open downwards where the hair is long
    hv = np.where(who.long_hair & (v > -0.1), np.float32(0.1), v + 0.08)
    hu = u * (1 / (who.width + 0.14))
    behind = 1 - np.sqrt(hu * hu + hv * hv * (1 / (1.08 * 1.08)))
    patch.paint(patch.cover(np.where(who.bald, np.float32(-1), behind * 0.9)), hair)

    neck = np.minimum(who.width * 0.62 - np.abs(u), v - 0.4)
    body = v - 1.22 - 0.25 * u * u
    patch.paint(patch.cover(neck), shadow)
    patch.paint(patch.cover(body), hair)

    ear_u = (np.abs(u) - who.width * 0.985) * (1 / 0.10)
    ear_v = (v - who.eye_height - 0.12) * (1 / 0.19)
    ears = 1 - (ear_u * ear_u + ear_v * ear_v)
    patch.paint(patch.cover(np.where(who.long_hair, np.float32(-1), ears * 0.06)), shadow)

    r = _radius(patch, who, shows)
    face = patch.cover((1 - r) * 0.75)
    patch.paint(face, skin)
    patch.darken(face * np.clip(0.30 * r * r - 0.10 - 0.22 * light * u, -0.25, 0.5))
    # within the hair's outline rather than the face's: no seam of skin is left along the skull
    fringe = np.minimum(who.fringe - 0.22 * u * u - v, behind * 0.9)
    patch.paint(patch.cover(np.where(who.bald, np.float32(-1), fringe)), hair)
    _beard(patch, canvas, who, shows, face)


def _beard(patch: Patch, canvas: Canvas, who: Identity, shows: Expression, face: Pixels) -> None:
    rows = np.flatnonzero((who.moustache > 0)[:, 0, 0])
    if not len(rows):
        return
    u, v = patch.u[rows], patch.v[rows]
    mouth = who.mouth_height[rows]
    hair = [c[rows] for c in canvas.colour(who.hair)]
    rim = v - mouth + 0.12 - 0.75 * (np.abs(u) - 0.22)
    jaw = np.clip(np.minimum(rim, np.maximum(v - mouth - 0.16, np.abs(u) - 0.30)) * 9 + 0.5, 0, 1)
    lip_u, lip_v = u * (1 / 0.30), (v - mouth + 0.115) * (1 / 0.055)
    lip = np.clip(1.4 - (lip_u * lip_u + lip_v * lip_v), 0, 1)
    alpha = np.maximum(jaw * who.beard[rows], lip * who.moustache[rows]) * face[rows]
    for plane, colour in zip(patch.planes, hair, strict=True):
        plane[rows] += alpha * (colour - plane[rows])


def draw_forehead(canvas: Canvas, who: Identity, shows: Expression) -> None:
    """Creases: across for raised brows (AU01 in the middle, AU02 at the sides), upright for AU04."""
    zero = np.zeros_like(who.width)
    top = who.eye_height - who.brow_height
    with canvas.window(zero, top - 0.12, 0.35, (0.46, 0.26)) as patch:
        a = np.abs(patch.u)
        middle = np.clip(1 - a * a * (1 / (0.24 * 0.24)), 0, 1)
        b = (a - 0.32) * (1 / 0.16)
        side = np.clip(1 - b * b, 0, 1)
        across = np.maximum(middle * shows["AU01"], side * shows["AU02"])
        bend = 0.10 * patch.u * patch.u
        crease = np.maximum(patch.line(patch.v + 0.13 + bend, 0.016), patch.line(patch.v + 0.04 + bend, 0.014))
        patch.darken(crease * across * 0.34)
        upright = patch.line(a - 0.055, 0.016) * np.clip(1 - np.abs(patch.v - 0.13) * 7.5, 0, 1)
        patch.darken(upright * shows["AU04"] * 0.55)
