"""Videos coded frame by frame, joined to the pictures of their frames."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.datasets.unit_codes import Floats
from mien.datasets.units import INTENSITY, OCCURRENCE
from mien.errors import MienError

Frame = tuple[int, str]
"""A frame's number as the codes count it, and its picture's path below the set's folder."""


@dataclass(frozen=True, slots=True)
class CodedVideo:
    """The codes of m frames.

    Attributes:
        frames: (m,) int64 numbers, rising.
        occurrence: (m, k) 1, 0 or NaN.
        intensity: (m, k) 0..5 or NaN; None where the set codes none.
    """

    frames: NDArray[np.int64]
    occurrence: Floats
    intensity: Floats | None = None


def coded_frames(
    name: str, units: Sequence[str], videos: Mapping[str, CodedVideo], pictures: Mapping[str, Sequence[Frame]]
) -> FaceSet:
    """A row for each picture of a coded frame, video by video; how many of either are alone stands on standard error.

    Args:
        name: of the set.
        units: the k units of all videos.
        videos: name -> codes.
        pictures: name -> its frames; two cameras may show the same.

    Raises:
        MienError: no picture of any coded frame.
    """
    files: list[str] = []
    video: list[str] = []
    occurrence, intensity = [], []
    bare = 0  # coded frames that no picture shows
    for key in sorted(videos):
        codes = videos[key]
        shown = pictures.get(key, [])
        numbers = np.array([number for number, _ in shown], np.int64)
        place = np.searchsorted(codes.frames, numbers)
        there = place < len(codes.frames)
        there[there] = codes.frames[place[there]] == numbers[there]
        rows = np.flatnonzero(there)
        bare += len(codes.frames) - len(np.unique(place[rows]))
        files += [shown[row][1] for row in rows.tolist()]
        video += [key] * len(rows)
        occurrence.append(codes.occurrence[place[rows]])
        intensity.append(np.full_like(occurrence[-1], np.nan) if codes.intensity is None
                         else codes.intensity[place[rows]])  # fmt: skip
    if not files:
        raise MienError(f"{name}: {bare:,} coded frames and none of them among the pictures: check their numbers")
    _note(name, bare, sum(map(len, pictures.values())) - len(files))
    targets = {OCCURRENCE: np.concatenate(occurrence)}
    if any(codes.intensity is not None for codes in videos.values()):
        targets[INTENSITY] = np.concatenate(intensity)
    paths = np.array(files)
    return FaceSet(name, paths=paths, targets=targets, action_units=tuple(units), group=np.array(video), file=paths)


def _note(name: str, bare: int, uncoded: int) -> None:
    told = [f"{bare:,} coded frames without a picture"] * (bare > 0)
    told += [f"{uncoded:,} pictures without codes"] * (uncoded > 0)
    if told:
        sys.stderr.write(f"mien: note: {name} left out: {' and '.join(told)}\n")
