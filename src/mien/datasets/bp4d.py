"""BP4D: 41 people in eight tasks, action units coded in each frame: which occur, and of some how strongly.

Layout: AUCoding/OCC/F001_T1.csv (or AU_OCC/F001_T1_AU_OCC.csv), the first row units and the first column frames;
AUCoding/INT/F001_T1_AU06.csv (`frame,intensity`) or INT/F001_T1.csv as OCC has it; pictures F001/T1/0001.jpg.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.cache import tree_hash
from mien.datasets.coded_frames import CodedVideo, Frame, coded_frames
from mien.datasets.face_set import FaceSet
from mien.datasets.picture_names import picture_names
from mien.datasets.source import Source
from mien.datasets.unit_codes import Floats, coded_units, intensity_code, occurrence_code
from mien.datasets.units import INTENSITY, OCCURRENCE
from mien.errors import MienError
from mien.labels import action_unit

VERSION = 1
"""Raised when the same folder would be read into another FaceSet, so that caches are made anew."""

WHOLE = "aucoding"
OCCURRENCES, INTENSITIES = ("occ", "au_occ", WHOLE), ("int", "au_int")
"""Names of the folders of codes, in any case, in the set's folder or in its AUCoding."""

_FILE = re.compile(r"([FM]\d{3})_T(\d+)(?:_AU_OCC|_OCC|_AU_INT|_INT)?(?:_AU(\d{1,2}))?\.csv", re.IGNORECASE)
_PICTURE = re.compile(
    r"(?:.*[/_ -])?([FM]\d{3})[/_ -]T(\d+)[/_ -](?:.*[^\d])?(\d+)\.\w+", re.IGNORECASE
)  # F001/T1/0001.jpg, F001_T1_0001.jpg, 2D/F001/T1/frame_0001.jpg

_Table = tuple[NDArray[np.int64], dict[str, Floats]]


def source(root: Path, readings: Mapping[str, str]) -> Source | None:
    """BP4D's folder, or None.

    Raises:
        MienError: no pictures of its frames.
    """
    coded = _files(root, OCCURRENCES)
    if not coded:
        return None
    strengths = _files(root, INTENSITIES)
    pictures, names = picture_names(root)
    frames = _frames(pictures)
    if not frames:
        raise MienError(f"{root}: no pictures of frames: put them in folders such as F001/T1/0001.jpg")
    files = [path for _, path in (*coded, *strengths)]
    content = hashlib.sha256(f"{tree_hash(root, files, remember=False)} {names}".encode()).hexdigest()
    return Source(f"bp4d {VERSION}", lambda: _read(coded, strengths, frames), content=content)


def _files(root: Path, names: Sequence[str]) -> list[tuple[str, Path]]:
    """Video (`F001_T1`) and file of each CSV in the folders of codes."""
    wanted = (*names, WHOLE)
    folders = [p for p in root.iterdir() if p.name.lower() in wanted and p.is_dir()]
    folders += [p for whole in folders if whole.name.lower() == WHOLE for p in whole.iterdir() if p.is_dir()]
    found = []
    for folder in sorted(folders):
        if folder.name.lower() in names:
            inside = folder.glob("*.csv") if folder.name.lower() == WHOLE else folder.rglob("*.csv")
            found += [(_video(told[1], told[2]), p) for p in sorted(inside) if (told := _FILE.fullmatch(p.name))]
    return found


def _video(person: str, task: str) -> str:
    return f"{person.upper()}_T{int(task)}"


def _frames(names: Sequence[str]) -> dict[str, list[Frame]]:
    out: dict[str, list[Frame]] = defaultdict(list)
    for name in names:
        told = _PICTURE.fullmatch(name)
        if told:
            out[_video(told[1], told[2])].append((int(told[3]), name))
    return {video: sorted(found) for video, found in out.items()}


def _read(
    coded: Sequence[tuple[str, Path]],
    strengths: Sequence[tuple[str, Path]],
    frames: Mapping[str, Sequence[Frame]],
) -> FaceSet:
    """Occurrence and, where there is some, intensity; units that no file codes are left out."""
    shown = {video: _table(path, occurrence_code) for video, path in coded}
    strong: dict[str, list[_Table]] = defaultdict(list)
    for video, path in strengths:
        told = _FILE.fullmatch(path.name)
        unit = action_unit(told[3]) if told and told[3] else ""
        strong[video].append(_column(path, unit) if unit else _table(path, intensity_code))
    tables = [*shown.values(), *(table for found in strong.values() for table in found)]
    units = sorted({unit for _, columns in tables for unit in columns})
    videos = {}
    for video, table in shown.items():
        held = strong.get(video)
        intensity = None if not strengths else _aligned(table[0], units, held or [])
        videos[video] = CodedVideo(table[0], _aligned(table[0], units, [table]), intensity)
    faces = coded_frames("bp4d", units, videos, frames)
    occurrence = faces.targets[OCCURRENCE]
    intensities = faces.targets.get(INTENSITY, np.full_like(occurrence, np.nan))
    kept = coded_units(units, np.where(np.isnan(occurrence), intensities, occurrence))
    return faces.replace(
        targets={key: np.ascontiguousarray(codes[:, kept]) for key, codes in faces.targets.items()},
        action_units=tuple(units[at] for at in kept),
        subject=np.array([video.partition("_")[0] for video in faces.group.tolist()]),
    )


def _aligned(frames: NDArray[np.int64], units: Sequence[str], tables: Sequence[_Table]) -> Floats:
    """(m, k) codes of these frames; NaN where no table has them."""
    out = np.full((len(frames), len(units)), np.nan, np.float32)
    for numbers, columns in tables:
        _, here, there = np.intersect1d(frames, numbers, return_indices=True)
        for unit, codes in columns.items():
            out[here, units.index(unit)] = codes[there]
    return out


def _table(path: Path, read: Callable[[str], float]) -> _Table:
    """Frames and codes by unit of a file whose first row names the units."""
    lines = path.read_text("utf-8-sig").splitlines()
    try:
        units = [action_unit(cell) for cell in lines[0].split(",")[1:]] if lines else []
    except MienError as error:
        raise MienError(f"{path}: row 0 (line 1): {error}: the first row must hold the units' numbers") from error
    twice = sorted({unit for unit in units if units.count(unit) > 1})
    if twice or not units:
        what = f"{twice[0]} stands twice" if twice else "no units"
        raise MienError(f"{path}: row 0 (line 1): {what}: the first row must hold the units' numbers, each once")
    return _rows(path, lines, 1, units, read)


def _column(path: Path, unit: str) -> _Table:
    """Frames and intensities of a file of one unit, with or without a header."""
    lines = path.read_text("utf-8-sig").splitlines()
    header = bool(lines) and not lines[0].partition(",")[0].strip(" \"'").isdigit()
    return _rows(path, lines, int(header), [unit], intensity_code)


def _rows(path: Path, lines: Sequence[str], start: int, units: Sequence[str], read: Callable[[str], float]) -> _Table:
    """Frame, then a code for each unit, line by line from `start`."""
    broken = BrokenRows(path)

    @cache
    def codes_of(text: str) -> list[float]:  # neighbouring frames are coded alike
        fields = text.split(",")
        if len(fields) != len(units):
            raise ValueError(f"{len(fields) + 1} fields, expected {len(units) + 1}")
        out = []
        for unit, field in zip(units, fields, strict=True):
            try:
                out.append(read(field))
            except ValueError as error:
                raise ValueError(f"{unit} {error}") from None
        return out

    codes: dict[int, list[float]] = {}
    row = 0
    for number, line in enumerate(lines[start:], start + 1):
        if not line.strip(", "):
            continue
        frame, _, rest = line.partition(",")
        try:
            if not frame.strip().isdigit() or int(frame) in codes:
                raise ValueError(f"frame {frame[:20]!r} is no number from 0, or stands twice")
            codes[int(frame)] = codes_of(rest)
        except ValueError as error:
            broken.add(row, str(error), number)
        row += 1
    broken.check()
    if not codes:
        raise MienError(f"{path}: no rows: get the file again")
    order = sorted(codes)
    values = np.array([codes[frame] for frame in order], np.float32)
    return np.array(order, np.int64), {unit: values[:, at] for at, unit in enumerate(units)}
