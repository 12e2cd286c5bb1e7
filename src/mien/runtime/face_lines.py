"""What is said of one face, as lines of a panel and as a few words: emotions, affect, units; whatever there is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mien.datasets.units import STRONGEST
from mien.faces import Faces
from mien.labels import AFFECT, EMOTIONS
from mien.runtime.palette import FAINT, RGB, colour_of

FEW = 4
"""Units that a panel lists at most, beside emotions or alone."""
WEAKEST = 1.0
"""FACS' intensity A: what is weaker than this is not named."""


class Line(NamedTuple):
    """One line: a name, what is said of it in a few letters, the share of a bar in 0..1 or None, a colour."""

    name: str
    said: str
    share: float | None
    colour: RGB


def panels(faces: Faces, i: int) -> list[list[Line]]:
    """Lines for a panel of face i, the fullest choice first and each later one shorter; none where nothing is said."""
    emotions, more = emotion_lines(faces, i), [*affect_lines(faces, i), *unit_lines(faces, i)]
    full = [*emotions, *more]
    sizes = (len(full), len(emotions), 3, 1)
    return [full[:n] for n in dict.fromkeys(n for n in sizes if 0 < n <= len(full))]


def emotion_lines(faces: Faces, i: int) -> list[Line]:
    """Emotions that the model knows, likeliest first."""
    known = [(name, float(p)) for name, p in zip(EMOTIONS, faces.emotion[i], strict=True) if not np.isnan(p)]
    return [Line(name, f"{100 * p:.0f} %", p, colour_of(name)) for name, p in sorted(known, key=lambda row: -row[1])]


def affect_lines(faces: Faces, i: int) -> list[Line]:
    """Valence and arousal, without bars since they may be negative."""
    pairs = zip(AFFECT, (faces.valence, faces.arousal), strict=True)
    return [
        Line(name, f"{values[i]:+.2f}", None, FAINT)
        for name, values in pairs
        if values is not None and np.isfinite(values[i])
    ]


def unit_lines(faces: Faces, i: int) -> list[Line]:
    """Up to FEW units that are shown, the likeliest first, or where no likelihood is said the strongest.

    Of a face that shows none and of which no emotion is said, the three foremost: that it shows none is then seen.
    """
    if faces.action_units:
        values, most = faces.action_units, 1.0
        named = {unit for unit, there in (faces.shown or {}).items() if there[i]}
    else:
        values, most = faces.intensity, STRONGEST
        named = {unit for unit, amount in values.items() if amount[i] >= WEAKEST}
    known = sorted((-float(v[i]), unit) for unit, v in values.items() if np.isfinite(v[i]))
    chosen = [row for row in known if row[1] in named][:FEW]
    if not chosen and np.isnan(faces.emotion[i]).all():
        chosen = known[:3]
    return [
        Line(unit, f"{100 * -v:.0f} %" if faces.action_units else f"{-v:.1f}", -v / most, FAINT) for v, unit in chosen
    ]


def units_named(faces: Faces, i: int) -> str:
    """The units that face i shows, as `AU06 AU12`, or with intensities alone `AU12 2.3`; "" where there are none."""
    if faces.action_units:
        return " ".join(unit for unit, there in sorted((faces.shown or {}).items()) if there[i])
    strong = ((unit, amount[i]) for unit, amount in sorted(faces.intensity.items()))
    return ", ".join(f"{unit} {amount:.1f}" for unit, amount in strong if amount >= WEAKEST)


def brief(faces: Faces, i: int) -> str:
    """A dozen letters about a face of which no emotion is said: two of its units, or valence and arousal."""
    if faces.action_units or faces.intensity:
        named = [word for word in units_named(faces, i).replace(",", "").split() if word.startswith("AU")]
        more = f" +{len(named) - 2}" if len(named) > 2 else ""
        return " ".join(named[:2]) + more if named else "no unit"
    return "  ".join(f"{line.name[0]} {float(line.said):+.1f}" for line in affect_lines(faces, i))
