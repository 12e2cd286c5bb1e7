"""DISFA: 27 people watching a film, twelve action units coded 0 to 5 in each frame.

Layout: ActionUnit_Labels/SN001/SN001_au12.txt with lines `frame,intensity`, frames from 1; the frames as pictures in
any folders that name the person, such as Images/SN001/000001.jpg or LeftVideoSN001_comp/00001.png.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.cache import tree_hash
from mien.datasets.coded_frames import CodedVideo, Frame, coded_frames
from mien.datasets.face_set import FaceSet
from mien.datasets.picture_names import picture_names
from mien.datasets.source import Source
from mien.datasets.unit_codes import CUTS, Floats, intensity_code, occurring
from mien.errors import MienError
from mien.images.kind import VIDEO_SUFFIXES
from mien.labels import action_unit

VERSION = 1
"""Raised when the same folder would be read into another FaceSet, so that caches are made anew."""

LABELS = "ActionUnit_Labels"

_LABEL = re.compile(r"(SN\d{3})_au(\d{1,2})\.txt", re.IGNORECASE)
_PERSON = re.compile(r"SN\d{3}(?!\d)", re.IGNORECASE)
_NUMBER = re.compile(r"(\d+)\.\w+")


def source(root: Path, readings: Mapping[str, str]) -> Source | None:
    """DISFA's folder, or None; `cut` is the intensity from which on a unit occurs, 2 by default.

    Raises:
        MienError: no frames as pictures, frames that count from 0, or people without all of their labels.
    """
    labels = next((p for p in root.iterdir() if p.name.lower() == LABELS.lower() and p.is_dir()), None)
    files = sorted(p for p in labels.rglob("*.txt") if _LABEL.fullmatch(p.name)) if labels else []
    if labels is None or not files:
        return None
    told = _by_person(labels, files)
    cut = readings.get("cut", CUTS[0])
    pictures, names = picture_names(root)
    frames = _frames(root, pictures)
    content = hashlib.sha256(f"{tree_hash(root, files, remember=False)} {names}".encode()).hexdigest()
    return Source(
        f"disfa {VERSION} cut {cut}", partial(_read, told, frames, float(cut)), content=content, readings=("cut",)
    )


def _by_person(labels: Path, files: Sequence[Path]) -> dict[str, dict[str, Path]]:
    """Person -> unit -> file.

    Raises:
        MienError: a person who lacks the file of a unit that others have.
    """
    told: dict[str, dict[str, Path]] = defaultdict(dict)
    for path in files:
        found = _LABEL.fullmatch(path.name)
        assert found is not None
        told[found[1].upper()][action_unit(found[2])] = path
    units = sorted({unit for of_person in told.values() for unit in of_person})
    for person, of_person in told.items():
        absent = [unit for unit in units if unit not in of_person]
        if absent:
            name = f"{person}_au{int(absent[0][2:])}.txt"
            more = f" ({len(absent) - 1} more)" if len(absent) > 1 else ""
            raise MienError(f"{labels / person}: no {name}{more}, which other people have: get the labels again")
    return told


def _frames(root: Path, pictures: Sequence[str]) -> dict[str, list[Frame]]:
    """Person -> frames by folder and number; pictures that name no person or end in no number are passed over."""
    out: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for name in pictures:
        people, number = _PERSON.findall(name), _NUMBER.fullmatch(name[_digits(name) :])
        if people and number:
            out[people[-1].upper()].append((name.rpartition("/")[0], int(number[1]), name))
    if not out:
        raise MienError(f"{root}: {_no_pictures(root)}")
    for of_person in out.values():
        of_person.sort()
        if any(number == 0 for _, number, _ in of_person):
            first = next(name for _, number, name in of_person if number == 0)
            raise MienError(
                f"{root / first}: frame 0, but DISFA's labels count from 1: extract the frames anew, as ffmpeg does by"
                " itself, or rename them"
            )
    return {person: [(number, name) for _, number, name in found] for person, found in out.items()}


def _digits(name: str) -> int:
    """Where the digits begin that a file's stem ends in; those of the person are none."""
    end = at = name.rfind(".")
    while at > 0 and name[at - 1].isdigit():
        at -= 1
    return end if name[max(at - 2, 0) : at].upper() == "SN" else at


def _no_pictures(root: Path) -> str:
    videos = sorted(p for p in root.rglob("*") if p.suffix.lower() in VIDEO_SUFFIXES and not p.name.startswith("."))
    remedy = "put them in folders such as Images/SN001/000001.jpg"
    if not videos:
        return f"no pictures of frames: {remedy}"
    found = _PERSON.search(videos[0].name)
    person = found[0].upper() if found else "SN001"
    return (
        f"videos, which must become pictures first: for each of them mkdir -p Images/{person} && "
        f"ffmpeg -i {videos[0].relative_to(root).as_posix()} -q:v 2 Images/{person}/%06d.jpg"
    )


def _read(told: Mapping[str, Mapping[str, Path]], frames: Mapping[str, Sequence[Frame]], cut: float) -> FaceSet:
    units = sorted(next(iter(told.values())))
    videos = {}
    for person, of_person in told.items():
        columns = [_column(of_person[unit]) for unit in units]
        numbers = np.unique(np.concatenate([at for at, _ in columns]))
        intensity = np.full((len(numbers), len(units)), np.nan, np.float32)
        for at, (rows, values) in enumerate(columns):
            intensity[np.searchsorted(numbers, rows), at] = values
        videos[person] = CodedVideo(numbers, occurring(intensity, cut), intensity)
    faces = coded_frames("disfa", units, videos, frames)
    return faces.replace(subject=faces.group)


def _column(path: Path) -> tuple[NDArray[np.int64], Floats]:
    """Frames and intensities of one person's unit."""
    broken = BrokenRows(path)
    numbers: dict[int, float] = {}
    known: dict[str, float] = {}
    for row, line in enumerate(path.read_text("utf-8-sig").splitlines()):
        if not line.strip():
            continue
        frame, comma, text = line.partition(",")
        try:
            if not comma:
                raise ValueError
            if text not in known:
                known[text] = intensity_code(text)
            number = int(frame)
            if number < 1 or number in numbers:
                raise ValueError
            numbers[number] = known[text]
        except ValueError as error:
            what = str(error)
            told = f"intensity {what}" if what.startswith("is ") else "expected a frame from 1, each once, and 0 to 5"
            broken.add(row, f"{line[:40]!r}: {told}", row + 1)
    broken.check()
    if not numbers:
        raise MienError(f"{path}: no rows: get the file again")
    return np.array(list(numbers), np.int64), np.array(list(numbers.values()), np.float32)
