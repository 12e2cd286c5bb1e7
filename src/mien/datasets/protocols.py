"""The cuts that results on a data set are reported by: honest ones, and published ones that leak, by name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.datasets import protocol_cut as cut
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import TEST, VALIDATION
from mien.errors import MienError

Sides = Callable[[FaceSet, int], NDArray[np.str_]]
_REGISTRY: dict[str, Protocol] = {}
UNUSED = "Unused"
"""The split of rows that a protocol leaves out."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A way to cut a data set.

    Attributes:
        name: what users call it.
        datasets: the names of the sets that it is for.
        folds: how many cuts it has.
        leak: what stands on two sides, or ""; a score with a leak cannot be compared with one without.
        about: one line.
        sides: (faces, fold) -> (n,) splits Training, Validation and Test.
        parts: whether the folds' test rows are the parts of the whole set, so that each row has one fold.
        needs: "subject" or "group" that rows must name, or "".
    """

    name: str
    datasets: tuple[str, ...]
    folds: int
    leak: str
    about: str
    sides: Sides
    parts: bool = False
    needs: str = ""

    @property
    def honest(self) -> bool:
        """Whether no person, and no picture, stands on two sides by the cut's doing."""
        return not self.leak

    def fits(self, faces: FaceSet) -> bool:
        """Whether it is for this set, and the set names the people that it is cut by."""
        known = not self.needs or bool((getattr(faces, self.needs) != "").all())
        return faces.name in self.datasets and known


def protocol(
    name: str, *datasets: str, folds: int = 1, leak: str = "", parts: bool = False, needs: str = ""
) -> Callable[[Sides], Sides]:
    """Register `sides(faces, fold)`; its docstring's first line says what it is."""

    def put(sides: Sides) -> Sides:
        about = (sides.__doc__ or "").partition("\n")[0]
        _REGISTRY[name] = Protocol(name, datasets, folds, leak, about, sides, parts, needs)
        return sides

    return put


def names() -> tuple[str, ...]:
    """Every protocol."""
    return tuple(sorted(_REGISTRY))


def find(name: str) -> Protocol:
    """A protocol by name.

    Raises:
        MienError: an unknown one.
    """
    if name not in _REGISTRY:
        raise MienError(f"unknown protocol {name!r}: choose from {', '.join(names())}")
    return _REGISTRY[name]


def fitting(faces: FaceSet) -> list[Protocol]:
    """The protocols that are for this set, honest ones first."""
    return sorted((p for p in _REGISTRY.values() if p.fits(faces)), key=lambda p: (not p.honest, p.name))


def sides(faces: FaceSet, name: str, fold: int | None = None) -> NDArray[np.str_]:
    """(n,) splits of one fold; a leak is told of on standard error.

    Args:
        fold: from 0. None for a protocol of one cut, or for the parts fold0, fold1, ... of one that has them.

    Raises:
        MienError: an unknown protocol, another set than it is for, or no such fold.
    """
    found = _checked(faces, name)
    if fold is None and found.folds > 1:
        parts = folds_of(faces, name)
        return np.char.add("fold", parts.astype(np.str_))
    if not 0 <= (fold or 0) < found.folds:
        raise MienError(f"protocol {name}: no fold {fold}: it has 0 to {found.folds - 1}")
    _warn(found)
    return found.sides(faces, fold or 0)


def folds_of(faces: FaceSet, name: str) -> NDArray[np.int64]:
    """(n,) the fold in which each row is tested on.

    Raises:
        MienError: as for `sides`, or a protocol whose test rows are not the parts of the set.
    """
    found = _checked(faces, name)
    if not found.parts:
        raise MienError(f"protocol {name}: its tests are no parts of the set: name a fold, 0 to {found.folds - 1}")
    _warn(found)
    out = np.full(len(faces), -1, np.int64)
    for fold in range(found.folds):
        out[found.sides(faces, fold) == TEST] = fold
    return out


def _checked(faces: FaceSet, name: str) -> Protocol:
    found = find(name)
    if faces.name not in found.datasets:
        have = ", ".join(p.name for p in fitting(faces)) or "none"
        raise MienError(
            f"protocol {name}: it is for {' and '.join(found.datasets)}, not for {faces.name}, which has {have}"
        )
    if not found.fits(faces):
        raise MienError(f"protocol {name}: {faces.name} names no {found.needs} here: give the pictures by their names")
    return found


def _warn(found: Protocol) -> None:
    if found.leak:
        sys.stderr.write(f"mien: warning: protocol {found.name} leaks: {found.leak}\n")


@protocol("loso", "jaffe", folds=10, parts=True, needs="subject")
def leave_one_subject_out(faces: FaceSet, fold: int) -> NDArray[np.str_]:
    """One woman is tested on, the next one chosen by, eight learnt from."""
    return cut.rotated(cut.people(faces, 10), fold)


@protocol("jaffe-random", "jaffe", folds=10, leak="every woman is learnt from and tested on")
def jaffe_random(faces: FaceSet, fold: int) -> NDArray[np.str_]:
    """A draw of 70 of 213 pictures is tested on, as published scores of 90 % and more were; the fold is its seed."""
    return cut.by_chance(len(faces), 70 / 213, fold)


@protocol("subjects", "ckplus", folds=10, parts=True, needs="subject")
def ten_folds_of_people(faces: FaceSet, fold: int) -> NDArray[np.str_]:
    """Sorted people, i mod 10: one fold is tested on, the next one chosen by, eight learnt from."""
    return cut.rotated(cut.people(faces, 10), fold)


@protocol("esr", "ckplus", folds=10, parts=True, needs="subject")
def ensembles_with_shared_representations(faces: FaceSet, fold: int) -> NDArray[np.str_]:
    """The folds of `subjects`; the first four that are left are learnt from, the other four rest, as ESR had it."""
    fold_of = cut.people(faces, 10)
    left = [other for other in range(10) if other not in (fold, (fold + 1) % 10)]
    out = cut.rotated(fold_of, fold)
    out[np.isin(fold_of, left[4:])] = UNUSED
    return out


@protocol("wujie", "ckplus", folds=10, leak="people stand on two sides, though sequences do not", needs="subject")
def slices_of_name_sorted_lists(faces: FaceSet, fold: int) -> NDArray[np.str_]:
    """Slices of each emotion's name-sorted pictures; published scores chose their epoch on the test slice."""
    return cut.by_slices(faces, fold)


@protocol("ck-random", "ckplus", folds=10, leak="frames of one sequence, nearly alike, are learnt from and tested on")
def ck_random(faces: FaceSet, fold: int) -> NDArray[np.str_]:
    """A draw of 206 of 981 pictures is tested on, as published scores of 98 % were; the fold is its seed."""
    return cut.by_chance(len(faces), 206 / 981, fold)


@protocol("official", "rafdb", "affectnet")
def official(faces: FaceSet, fold: int) -> NDArray[np.str_]:
    """The published test part (AffectNet's is Validation) is tested on, a tenth of Training chosen by."""
    return cut.as_published(faces, (TEST, VALIDATION), faces.name)


@protocol("refit", "fer2013")
def learn_validation_too(faces: FaceSet, fold: int) -> NDArray[np.str_]:
    """For settled recipes: four fifths of PublicTest are learnt from too, its rest calibrated on."""
    return cut.with_validation(faces)


@protocol("disfa", "disfa", folds=3, parts=True, needs="subject")
def three_parts_of_disfa(faces: FaceSet, fold: int) -> NDArray[np.str_]:
    """The three parts of people that papers share, the third first; a sixth of those learnt from is chosen by."""
    return cut.by_parts(faces, cut.listed_people(faces, cut.DISFA_PARTS), 2 - fold)


@protocol("bp4d", "bp4d", folds=3, parts=True, needs="subject")
def three_folds_of_bp4d(faces: FaceSet, fold: int) -> NDArray[np.str_]:
    """Sorted people, i mod 3 (ours, for published folds differ); a sixth of those learnt from is chosen by."""
    return cut.by_parts(faces, cut.people(faces, 3), fold)
