"""The classes that a label scheme is learnt as: its own emotions, some left out, some merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.datasets.emfacs import merge_of
from mien.datasets.face_set import UNLABELLED, FaceSet
from mien.errors import MienError
from mien.labels import EMOTIONS, emotion_index


@dataclass(frozen=True, slots=True)
class Classes:
    """k classes and every face's place among them.

    Attributes:
        names: (k,) an emotion each, or the name that a merged class was given; in the order of their first emotion.
        members: (k,) the emotions that each stands for.
        soft: (n, k) float32 distributions, a row of NaN where a face has no such label.
        hard: (n,) int64 position in `names`, -1 where a face has no such label.
    """

    names: tuple[str, ...]
    members: tuple[tuple[str, ...], ...]
    soft: NDArray[np.float32]
    hard: NDArray[np.int64]

    @property
    def merged(self) -> bool:
        """Whether a class stands for more than one emotion."""
        return any(len(emotions) > 1 for emotions in self.members)


def classes_of(
    faces: FaceSet, scheme: str, drop: Sequence[str] = (), merge: Mapping[str, Sequence[str]] | None = None
) -> Classes:
    """A scheme's classes, contiguous whatever is left out.

    Args:
        scheme: a key of `faces.targets` that holds emotions.
        drop: emotions to leave out: faces that have one as their hard label have none any more, and what
            votes it got are taken from the others' distributions, which sum to 1 again.
        merge: class name -> the emotions that it stands for; emotions in no class stay classes of their own.
            Of a scheme that knows one emotion and all else (`emfacs-happiness`) all else is merged unasked.

    Raises:
        MienError: labels that the set does not have, an emotion in two classes, or fewer than two classes left.
    """
    check_scheme(faces, scheme)
    target = faces.targets[scheme]
    gone = {emotion_index(name) for name in drop}
    present = [int(i) for i in np.flatnonzero(~np.isnan(target).all(axis=0)) if int(i) not in gone]
    names, groups = _groups(present, merge or merge_of(scheme))
    if len(names) < 2:
        raise MienError(f"{faces.name}: data.drop and data.merge leave {', '.join(names) or 'no class'}; keep two")
    place = np.full(len(EMOTIONS) + 1, UNLABELLED)  # the last stands for -1, a face without a label
    for k, group in enumerate(groups):
        place[group] = k
    given = faces.hard(scheme)
    summed = np.stack([np.nansum(target[:, group], axis=1) for group in groups], axis=1)
    total = summed.sum(axis=1)
    lost = np.isin(given, list(gone)) | np.isnan(target).all(axis=1) | ~(total > 0)
    soft = np.where(lost[:, None], np.nan, summed / np.where(total > 0, total, 1)[:, None])
    members = tuple(tuple(EMOTIONS[i] for i in group) for group in groups)
    return Classes(tuple(names), members, soft.astype(np.float32), place[given])


def check_scheme(faces: FaceSet, scheme: str) -> None:
    """Look whether a set has such labels.

    Raises:
        MienError: it has not, with what it has.
    """
    if scheme not in faces.emotion_schemes:
        have = ", ".join(faces.emotion_schemes) or "none"
        raise MienError(f"{faces.name}: no labels {scheme!r}; it has {have} (votes come with --ferplus fer2013new.csv)")


def _groups(present: Sequence[int], merge: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[int]]]:
    """Names, and the emotions each stands for, by the first emotion."""
    owner: dict[int, str] = {}
    for name, emotions in merge.items():
        if isinstance(emotions, str) or not emotions:
            raise MienError(f"data.merge.{name} = {emotions!r}, expected a list of emotions")
        for emotion in emotions:
            index = emotion_index(emotion)
            if index in owner:
                raise MienError(f"data.merge: {EMOTIONS[index]} stands in {owner[index]} and in {name}; take one")
            owner[index] = name
    groups: dict[str, list[int]] = {}
    for index in present:
        name = owner.get(index, EMOTIONS[index])
        if name in EMOTIONS and index not in (EMOTIONS.index(name),) and EMOTIONS.index(name) not in owner:
            raise MienError(f"data.merge.{name}: the name of an emotion that is not in it; choose another name")
        groups.setdefault(name, []).append(index)
    return list(groups), list(groups.values())
