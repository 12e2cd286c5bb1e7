"""The faces at an emotion's heights, cut from the video for the plot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mien.errors import MienError
from mien.images.crop import square_crops
from mien.labels import EMOTIONS
from mien.runtime.expression_space import NEUTRAL
from mien.runtime.series.events import Rule, events
from mien.runtime.series.people import GAP, Person, each, whole

if TYPE_CHECKING:
    import pandas as pd

SIDE = 96
"""Pixels of a cut face."""
MARGIN = 1.3
"""Side of the cut square, of the box's height."""
MOST = 6
"""Peaks shown of one face."""
FramesAt = Callable[[str, Sequence[int]], Mapping[int, NDArray[np.uint8]]]


@dataclass(frozen=True, slots=True)
class Peak:
    """Where an emotion was at its height; `face` is uint8 RGB (SIDE, SIDE, 3), None where the video is not at hand."""

    person: Person
    name: str
    time: float
    frame: int
    value: float
    face: NDArray[np.uint8] | None = None


def peaks(
    table: pd.DataFrame, *, most: int = MOST, apart: float = 0.0, rule: Rule | None = None, gap: float = GAP
) -> list[Peak]:
    """The highest peaks of each face's emotions, by person and time, at least `apart` seconds from one another.

    Peaks are apexes of events of the table's emotions (never neutral) that stand in a frame with a box.
    """
    known = [name for name in EMOTIONS if name in table and table[name].notna().any() and name != NEUTRAL]
    if not known:
        return []
    found = events(table, rule or Rule(least=0.0), names=known, gap=gap)
    out: list[Peak] = []
    for (source, track), part in found.groupby(["input", "track"], sort=False, dropna=False):
        person = Person(str(source), whole(track))
        chosen: list[Peak] = []
        for row in each(part.sort_values("peak", ascending=False, kind="stable")):
            frame = whole(row.apex_frame)
            free = all(abs(row.apex - other.time) >= apart for other in chosen)
            if frame is not None and free and len(chosen) < most:
                chosen.append(Peak(person, row.name, row.apex, frame, row.peak))
        out += sorted(chosen, key=lambda peak: peak.time)
    return out


def with_faces(found: Sequence[Peak], table: pd.DataFrame, frames_at: FramesAt | None = None) -> list[Peak]:
    """The same peaks with the face of each cut from its video; without one where the video cannot be read.

    Args:
        frames_at: path and frame numbers -> uint8 RGB frames (h, w, 3); `video.at.frames_at` where none is given.
    """
    if frames_at is None:
        from mien.runtime.video.at import frames_at as read

        frames_at = read
    boxes = _boxes(table)
    out: dict[int, Peak] = {}
    for source in dict.fromkeys(peak.person.input for peak in found):
        mine = [i for i, peak in enumerate(found) if peak.person.input == source]
        try:
            images = frames_at(source, sorted({found[i].frame for i in mine}))
        except (MienError, OSError):
            continue
        for i in mine:
            peak = found[i]
            box, image = boxes.get((peak.person, peak.frame)), images.get(peak.frame)
            if box is not None and image is not None:
                cut = square_crops(image, np.asarray([box], np.float32), MARGIN, SIDE, SIDE, "rgb")
                out[i] = replace(peak, face=cut[0])
    return [out.get(i, peak) for i, peak in enumerate(found)]


def _boxes(table: pd.DataFrame) -> dict[tuple[Person, int], tuple[float, float, float, float]]:
    sides = ["FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight"]
    if not set(sides) <= set(table.columns):
        return {}
    rows = table[table[sides].notna().all(axis=1) & table["frame"].notna()]
    out = {}
    tracks = rows["track"].tolist()
    for i, (source, frame, left, over, width, height) in enumerate(
        rows[["input", "frame", *sides]].itertuples(index=False, name=None)
    ):
        person = Person(str(source), whole(tracks[i]))
        out[person, int(frame)] = (left, over, left + width, over + height)
    return out
