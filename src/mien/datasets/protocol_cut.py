"""Ways to cut a data set that published protocols share: by person, by slices of name-sorted lists, by chance."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mien.datasets.cut import stratified_cut
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import PRIVATE_TEST, PUBLIC_TEST, TEST, TRAINING, VALIDATION
from mien.errors import MienError
from mien.labels import emotion_index

CHOSEN_SHARE = 0.1
"""Of the training rows, cut off to choose by where a published protocol has nothing for that."""

CHOSEN_PEOPLE = 6
"""One in so many people is taken from those learnt from, to choose by, where a protocol has nothing for that."""

LENT_SHARE = 0.8
"""Of PublicTest, learnt from beside Training once nothing is left to choose; the rest is calibrated on."""

DISFA_PARTS = (
    ("SN002", "SN010", "SN001", "SN026", "SN027", "SN032", "SN030", "SN009", "SN016"),
    ("SN013", "SN018", "SN011", "SN028", "SN012", "SN006", "SN031", "SN021", "SN024"),
    ("SN003", "SN029", "SN023", "SN025", "SN008", "SN005", "SN007", "SN017", "SN004"),
)
"""The three parts of DISFA's people that papers on detection share."""

_SLICES = {"anger": 12, "disgust": 18, "fear": 9, "happiness": 21, "sadness": 9, "surprise": 24, "contempt": 6}
_WHOLE = {"anger": 135, "disgust": 177, "fear": 75, "happiness": 207, "sadness": 84, "surprise": 249, "contempt": 54}


def people(faces: FaceSet, k: int) -> NDArray[np.int64]:
    """(n,) number of each row's person in sorted order, modulo k.

    Raises:
        MienError: rows of nobody known, or fewer people than k.
    """
    unknown = int((faces.subject == "").sum())
    if unknown:
        raise MienError(
            f"{faces.name}: {unknown:,} rows of nobody known cannot be cut by person: give data that names it"
        )
    names, person = np.unique(faces.subject, return_inverse=True)
    if len(names) < max(k, 3):
        raise MienError(f"{faces.name}: {len(names)} people cannot be cut into {k} folds with three sides each")
    return np.asarray(person.ravel() % k, np.int64)


def rotated(fold_of: NDArray[np.int64], fold: int) -> NDArray[np.str_]:
    """(n,) splits: this fold is tested on, the next one chosen by, the others learnt from."""
    k = int(fold_of.max()) + 1
    return np.select([fold_of == fold, fold_of == (fold + 1) % k], [TEST, VALIDATION], TRAINING)


def listed_people(faces: FaceSet, parts: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """(n,) the part that names each row's person.

    Raises:
        MienError: a person in none of them.
    """
    part_of = {person: number for number, part in enumerate(parts) for person in part}
    names, person = np.unique(faces.subject, return_inverse=True)
    others = [name for name in names.tolist() if name not in part_of]
    if others:
        raise MienError(f"{faces.name}: {', '.join(others[:3]) or 'nobody'} in none of the parts: leave such rows out")
    return np.array([part_of[name] for name in names.tolist()], np.int64)[person.ravel()]


def by_parts(faces: FaceSet, part_of: NDArray[np.int64], tested: int) -> NDArray[np.str_]:
    """(n,) splits: this part is tested on; of the people of the others, sorted, every sixth is chosen by.

    Raises:
        MienError: people of this part alone, or none of it, or too few to leave one to choose by.
    """
    others = np.unique(faces.subject[part_of != tested])
    chosen = others[CHOSEN_PEOPLE - 1 :: CHOSEN_PEOPLE] if len(others) >= CHOSEN_PEOPLE else others[-1:]
    if len(others) < 2 or not (part_of == tested).any():
        raise MienError(
            f"{faces.name}: {len(others)} people to learn from and choose by, and"
            f" {len(np.unique(faces.subject[part_of == tested]))} to test on: give the pictures of more people"
        )
    return np.select([part_of == tested, np.isin(faces.subject, chosen)], [TEST, VALIDATION], TRAINING)


def slices(faces: FaceSet) -> list[NDArray[np.int64]]:
    """The rows of ten test sets: of each emotion's pictures, sorted by name, one slice after the other.

    As the published code counts, all emotions in one list: the last set is the end of each emotion's part, which
    overlaps the ninth, and the ninth slice of fear ends in the first happy pictures.

    Raises:
        MienError: any other set than CK+48's 981 pictures, for the slices' lengths are written for it.
    """
    hard = faces.hard("ckplus")
    counts = {name: int((hard == emotion_index(name)).sum()) for name in _WHOLE}
    if counts != _WHOLE or len(faces) != sum(_WHOLE.values()):
        have = ", ".join(map(str, counts.values()))
        raise MienError(
            f"{faces.name}: {len(faces)} rows ({have}); this protocol is written for the {sum(_WHOLE.values())} of"
            f" CK+48 ({', '.join(map(str, _WHOLE.values()))}): give them, or CK+ with :neutral=no"
        )
    name = np.array([file.replace("\\", "/").rsplit("/", 1)[-1] for file in faces.file.tolist()])
    parts = [rows[np.argsort(name[rows])] for rows in (np.flatnonzero(hard == emotion_index(e)) for e in _SLICES)]
    order = np.concatenate(parts)
    ends = np.cumsum([len(part) for part in parts])
    tests = []
    for fold in range(10):
        starts = [
            int(end) - length if fold == 9 else int(end) - len(part) + fold * length
            for end, part, length in zip(ends, parts, _SLICES.values(), strict=True)
        ]
        spans = zip(starts, _SLICES.values(), strict=True)
        tests.append(order[np.concatenate([np.arange(start, start + length) for start, length in spans])])
    return tests


def by_slices(faces: FaceSet, fold: int) -> NDArray[np.str_]:
    """(n,) splits of `slices`; the next test set, as far as it is none of this one's, is chosen by."""
    tests = slices(faces)
    split = np.full(len(faces), TRAINING, "U10")
    split[tests[(fold + 1) % 10]] = VALIDATION
    split[tests[fold]] = TEST
    return split


def by_chance(n: int, share: float, seed: int) -> NDArray[np.str_]:
    """(n,) splits of single pictures: `share` is tested on, a tenth of the rest chosen by."""
    order = np.random.default_rng(seed).permutation(n)
    test = round(share * n)
    chosen = round(CHOSEN_SHARE * (n - test))
    split = np.full(n, TRAINING, "U10")
    split[order[:test]] = TEST
    split[order[test : test + chosen]] = VALIDATION
    return split


def as_published(faces: FaceSet, reported: Sequence[str], scheme: str) -> NDArray[np.str_]:
    """(n,) splits: those reported on become Test, a stratified tenth of Training is chosen by, others stay.

    Raises:
        MienError: a set without Training or without any that is reported on.
    """
    split = faces.split.astype("U10")
    tested = np.isin(split, reported)
    learnt = np.flatnonzero(split == TRAINING)
    if not tested.any() or not len(learnt):
        raise MienError(
            f"{faces.name}: the published cut needs {TRAINING} and {' or '.join(reported)}: give both parts"
        )
    split[tested] = TEST
    side = stratified_cut(faces.hard(scheme)[learnt], (1 - CHOSEN_SHARE, CHOSEN_SHARE), 0)
    split[learnt[side == 1]] = VALIDATION
    return split


def with_validation(faces: FaceSet) -> NDArray[np.str_]:
    """(n,) splits of FER2013: a stratified `LENT_SHARE` of PublicTest becomes Training, its rest Validation.

    PrivateTest becomes Test. Pictures with the same pixels stay together, and the pixels alone decide who goes where,
    so that every form of the data set is cut alike whatever its order. Copies that FER2013 itself has in several
    splits stay: `mien evaluate` counts them.

    Raises:
        MienError: pictures in files of their own, or one of the three splits is not there.
    """
    if faces.pixels is None:
        raise MienError(f"{faces.name}: this cut is made by pixels: give FER2013 as one CSV or parquet file")
    split = faces.split.astype("U11")
    lacking = [name for name in (TRAINING, PUBLIC_TEST, PRIVATE_TEST) if not (split == name).any()]
    if lacking:
        raise MienError(f"{faces.name}: this cut needs {lacking[0]}, which is not here: give the whole of FER2013")
    rows = np.flatnonzero(split == PUBLIC_TEST)
    prints = np.array([hashlib.sha256(faces.pixels[row].tobytes()).hexdigest() for row in rows])
    order = np.argsort(prints, kind="stable")
    rows, prints = rows[order], prints[order]
    side = stratified_cut(faces.hard("fer2013")[rows], (LENT_SHARE, 1 - LENT_SHARE), 0, prints)
    split[rows] = np.where(side == 0, TRAINING, VALIDATION)
    split[split == PRIVATE_TEST] = TEST
    return split
