"""CK+ as it is handed out: sequences from a neutral face to its peak, of which 327 have an emotion.

Layout: cohn-kanade-images/S010/004/S010_004_00000019.png, Emotion/S010/004/S010_004_00000019_emotion.txt and, where
they were unpacked too, FACS/..._facs.txt for the peak frame and Landmarks/..._landmarks.txt for every frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.address import READINGS
from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.listing import is_picture
from mien.datasets.source import Source
from mien.errors import MienError
from mien.labels import EMOTIONS, action_unit, emotion_index, from_code

VERSION = 1
"""Raised when the same folder would be read into another FaceSet, so that caches are made anew."""

IMAGES = ("cohn-kanade-images", "extended-cohn-kanade-images")
LABELS, UNITS, LANDMARKS = ("Emotion", "Emotion_labels"), ("FACS", "FACS_labels"), ("Landmarks",)

KNOWN = ("frames", "neutral")
"""The readings that it has."""

FOREHEAD = 0.25
"""Share of the landmarks' height that a box reaches above the brows, the uppermost of them. Our choice."""


@dataclass(frozen=True, slots=True)
class _Sequence:
    """A labelled sequence: its folder's name below the images, its frames that are used, and its emotion."""

    name: str  # S010/004
    frames: list[Path]
    neutral: Path | None
    emotion: int
    label: Path  # the file that says so

    @property
    def peak(self) -> Path:
        return self.frames[-1]


def source(root: Path, readings: Mapping[str, str]) -> Source | None:
    """CK+ in its original folders; `frames=peak` leaves two of three frames out, `neutral=no` the first; else None."""
    images, labels = _folder(root, IMAGES), _folder(root, LABELS)
    if images is None or labels is None:
        return None
    chosen = {key: readings.get(key, words[0]) for key, words in READINGS.items() if key in KNOWN}
    sequences = [_sequence(path, images, chosen) for path in sorted(labels.rglob("*_emotion.txt"))]
    if not sequences:
        raise MienError(f"{labels}: no S010/004/..._emotion.txt in it: unpack Emotion_labels.zip here")
    units, marks = (_told_beside(root, sequences, *what) for what in ((UNITS, "_facs"), (LANDMARKS, "_landmarks")))
    files = [*units.values(), *marks.values(), *(s.label for s in sequences), *(f for s in sequences for f in _rows(s))]
    reader = f"ckplus {VERSION} {sorted(chosen.items())}"
    return Source(reader, lambda: _read(root, sequences, units, marks), files, readings=KNOWN)


def _rows(sequence: _Sequence) -> list[Path]:
    """The frames that become rows, in time."""
    return [*([sequence.neutral] if sequence.neutral else []), *sequence.frames]


def _sequence(label: Path, images: Path, chosen: Mapping[str, str]) -> _Sequence:
    name = "/".join(label.stem.split("_")[:2])
    try:
        index = emotion_index(from_code("ckplus", int(float(label.read_text("ascii")))))
    except (ValueError, OverflowError, MienError) as error:
        raise MienError(f"{label}: not one number from 0 to 7 ({error}): get the file again") from error
    folder = images / name
    frames = sorted(p for p in folder.iterdir() if is_picture(p.name)) if folder.is_dir() else []
    if len(frames) < 2:
        raise MienError(f"{folder}: {len(frames) or 'no'} pictures of the sequence that {label} is of: get it again")
    last = frames[1:][-1 if chosen["frames"] == "peak" else -3 :]
    return _Sequence(name, last, frames[0] if chosen["neutral"] == "yes" else None, index, label)


def _read(root: Path, sequences: list[_Sequence], units: Mapping[Path, Path], marks: Mapping[Path, Path]) -> FaceSet:
    """Frames by path, sequence for sequence.

    Raises:
        MienError: a file of action units or landmarks that cannot be read.
    """
    rows = [(sequence, frame) for sequence in sequences for frame in _rows(sequence)]
    neutral = EMOTIONS.index("neutral")
    index = np.array([neutral if frame == s.neutral else s.emotion for s, frame in rows], np.int64)
    shown = tuple(e for i, e in enumerate(EMOTIONS) if i != neutral or (index == neutral).any())
    targets = {"ckplus": one_hot(index, shown)}
    names: tuple[str, ...] = ()
    if units:
        coded = {frame: _units(path) for frame, path in units.items()}
        names = tuple(sorted({unit for found in coded.values() for unit in found}))
        of_peak = {frame: [float(unit in found) for unit in names] for frame, found in coded.items()}
        absent = [np.nan] * len(names)
        targets["action_units"] = np.array([of_peak.get(frame, absent) for _, frame in rows], np.float32)
    box = np.array([_box(marks[frame]) if frame in marks else [np.nan] * 4 for _, frame in rows], np.float32)
    files = np.array([frame.relative_to(root).as_posix() for _, frame in rows])
    return FaceSet(
        name="ckplus",
        paths=files,
        targets=targets,
        action_units=names,
        subject=np.array([s.name.split("/")[0] for s, _ in rows]),
        group=np.array([s.name.replace("/", "_") for s, _ in rows]),
        box=box if marks else None,
        file=files,
    )


def _told_beside(root: Path, sequences: list[_Sequence], folders: tuple[str, ...], ending: str) -> dict[Path, Path]:
    """Frame -> the file that tells its action units or landmarks, where there is one."""
    folder = _folder(root, folders)
    if folder is None:
        return {}
    pairs = ((f, folder / s.name / f"{f.stem}{ending}.txt") for s in sequences for f in _rows(s))
    return {frame: path for frame, path in pairs if path.is_file()}


def _units(path: Path) -> set[str]:
    """The action units that a _facs.txt lists, at whatever intensity."""
    return {action_unit(int(unit)) for unit in _numbers(path, 2)[:, 0]}


def _box(path: Path) -> list[float]:
    """Left, top, right, bottom in pixels around 68 landmarks, with some forehead."""
    points = _numbers(path, 2)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return [left, top - FOREHEAD * (bottom - top), right, bottom]


def _numbers(path: Path, columns: int) -> NDArray[np.float64]:
    try:
        found = [
            [float(word) for word in line.split()] for line in path.read_text("ascii").splitlines() if line.strip()
        ]
        table = np.array(found, np.float64)
    except ValueError as error:
        raise MienError(f"{path}: not a table of numbers ({error}): get the file again") from error
    if table.ndim != 2 or table.shape[1] != columns:
        raise MienError(f"{path}: not {columns} numbers a line: get the file again")
    return table


def _folder(root: Path, names: tuple[str, ...]) -> Path | None:
    """A folder by one of its names in any case; archives unpacked by themselves have it twice, one in the other."""
    wanted = {name.lower() for name in names}
    for _ in range(2):
        found = [p for p in sorted(root.iterdir()) if p.is_dir() and p.name.lower() in wanted]
        if not found:
            break
        root = found[0]
    return root if root.name.lower() in wanted else None
