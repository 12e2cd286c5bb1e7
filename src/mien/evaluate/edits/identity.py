"""Whether an edited face is still that person's, by the distance of features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.evaluate.edits.made import Made
from mien.evaluate.edits.reached import share_of
from mien.score.intervals import bootstrap

_ROWS = 256  # faces compared with all others at a time


def identity(made: Made, emotions: Sequence[str], subject: NDArray[np.str_], seed: int = 0) -> dict[str, Any]:
    """1 less the cosine of features of an edit and of the face's own reconstruction, 0 (the same) to 2.

    Beside it the distance between reconstructions of different people, so that the number has a scale, and how often
    the reconstruction nearest to an edit is of the same person. Features of a classifier of emotions tell expressions
    before they tell people: then `edits` is large by what the edit is for, and another extractor says more.

    Args:
        subject: (n,) the person in each face, "" where not known: then every face is another person.

    Returns:
        n edits, towards another emotion than the face's own; their mean distance, by emotion too, that of `people`,
        `ratio` of the two, and `found` with its percentage by chance; intervals by bootstrap over faces. `people`,
        `ratio` and `found` are None where all faces are of one person.
    """
    n, k = len(made.own), len(emotions)
    unit = made.features / np.maximum(np.linalg.norm(made.features, axis=2, keepdims=True), 1e-12)
    rows = np.arange(n)
    same = unit[rows, made.own]  # (n, d) the reconstructions
    kept = 1 - np.einsum("nkd,nd->nk", unit, same)
    other = made.own[:, None] != np.arange(k)
    away = np.where(other, kept, np.nan)
    by_face = np.nanmean(away, axis=1)
    person = np.unique(np.where(subject == "", np.char.add("row ", rows.astype(str)), subject), return_inverse=True)[1]
    out: dict[str, Any] = {
        "n": int(other.sum()),
        "faces": n,
        "edits": float(by_face.mean()),
        "edits_ci95": _interval(by_face, seed),
        "by_emotion": {
            name: {"n": int(other[:, at].sum()), "edits": float(kept[other[:, at], at].mean())}
            for at, name in enumerate(emotions)
            if other[:, at].any()
        },
        "people": None,
        "people_ci95": None,
        "ratio": None,
        "found": None,
    }
    if len(np.unique(person)) > 1:
        people, found, chance = _against_others(unit, same, other, person)
        out |= {
            "people": float(people.mean()),
            "people_ci95": _interval(people, seed),
            "ratio": float(by_face.mean() / people.mean()) if people.mean() > 0 else None,
            "found": share_of(found, "nearest") | {"chance": chance},
        }
    return out


def _against_others(
    unit: NDArray[np.float32], same: NDArray[np.float32], other: NDArray[np.bool_], person: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], float]:
    """Each reconstruction's mean distance from other people's; which edits find their own person; by chance."""
    people, found, chance = [], [], []
    for start in range(0, len(same), _ROWS):
        part = slice(start, start + _ROWS)
        own = person[part, None] == person[None]
        distance = 1 - same[part] @ same.T
        others = (~own).sum(axis=1)
        people.append(np.where(own, 0, distance).sum(axis=1)[others > 0] / others[others > 0])
        for at in range(unit.shape[1]):
            asked = other[part, at]
            nearest = (unit[part, at] @ same.T).argmax(axis=1)
            found.append((person[part] == person[nearest])[asked])
            chance.append(own.mean(axis=1)[asked])
    return np.concatenate(people).astype(np.float64), np.concatenate(found), 100 * float(np.concatenate(chance).mean())


def _interval(values: NDArray[Any], seed: int) -> list[float]:
    return list(bootstrap(lambda rows: rows.mean(axis=1), np.asarray(values, np.float64), seed=seed))
