"""`synthetic(...)`: a FaceSet of drawn faces."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.synthetic.annotators import vote
from mien.datasets.synthetic.expression import DRAWN_UNITS, Expression, express
from mien.datasets.synthetic.order import deal, emotions_of
from mien.datasets.synthetic.picture import draw
from mien.datasets.synthetic.version import SYNTHETIC_VERSION
from mien.datasets.units import STRONGEST
from mien.datasets.votes import distribution
from mien.errors import MienError
from mien.labels import EMOTIONS, emotion_index

SPLITS: Mapping[str, float] = MappingProxyType({"Training": 0.8, "Validation": 0.1, "Test": 0.1})
"""Shares of the people, and so of the faces, on each side of the default cut."""
DEFAULT_DIFFICULTY = 0.5
SMALLEST, LARGEST = 16, 512


def synthetic(
    n: int = 2500,
    seed: int = 0,
    difficulty: float = DEFAULT_DIFFICULTY,
    size: int = 48,
    *,
    identities: int = 1000,
    emotions: Sequence[str] = EMOTIONS,
    balance: Mapping[str, float] | None = None,
    splits: Mapping[str, float] = SPLITS,
    colour: str = "grey",
) -> FaceSet:
    """n drawn faces whose emotion, action units, valence and arousal are known.

    A face depends on the version, its row and the arguments other than `n` and `splits`: more faces leave the first
    ones as they are. Grey and RGB show the same faces.

    Args:
        n: how many.
        seed: any integer; other seeds, other people and faces.
        difficulty: 0..1. Weaker, missing and mixed expressions, and more of pose, light, occlusion, blur and
            noise; a face's own draws stay, so the same row at 0.8 is a harder picture of itself.
        size: side of the square pictures in pixels, 16..512.
        identities: how many people; row i shows person i modulo this.
        emotions: which emotions there are, in any spelling.
        balance: emotion -> share (need not sum to 1); None for equal shares.
        splits: name -> share; people are dealt out by their number, so no person is in two splits.
        colour: "grey" or "rgb".

    Returns:
        A FaceSet named "synthetic": pixels (n, size, size[, 3]) uint8; targets "synthetic" (n, 8) one-hot, NaN in
        the columns of emotions left out, "ferplus" (n, 8) from the votes of ten simulated annotators, "action_units"
        (n, 18) strengths in 0..1, "intensity" five times as much, "valence" and "arousal" (n,) in -1..1; subject and
        group the person, split by person.

    Raises:
        MienError: an argument out of its range.
    """
    _check(n, difficulty, size, identities, splits, colour)
    names = tuple(EMOTIONS[k] for k in sorted({emotion_index(e) for e in emotions}))
    shares = _shares(names, balance)
    rows = np.arange(n, dtype=np.int64)
    emotion = emotions_of(seed, rows, names, shares)
    expression = express(seed, rows, emotion, difficulty)
    votes = vote(seed, rows, emotion, expression, names)
    person = rows % identities
    subject = np.asarray([f"person{k:05d}" for k in range(identities)])[person]
    return FaceSet(
        name="synthetic",
        pixels=draw(seed, rows, expression, difficulty=difficulty, size=size, identities=identities, colour=colour),
        targets=_targets(one_hot(emotion, names), votes, expression),
        votes=votes,
        action_units=DRAWN_UNITS,
        split=deal(identities, splits)[person],
        subject=subject,
        group=subject,
        file=np.full(n, "synthetic"),
        row=rows,
        content=_content(n, seed, float(difficulty), size, identities, names, shares, colour),
    )


def _targets(
    emotion: NDArray[np.float32], votes: NDArray[np.int16], expression: Expression
) -> dict[str, NDArray[np.float32]]:
    return {
        "synthetic": emotion,
        "ferplus": distribution(votes),
        "action_units": expression.units,
        "intensity": np.float32(STRONGEST) * expression.units,
        "valence": expression.valence,
        "arousal": expression.arousal,
    }


def _content(*settings: object) -> str:
    """A hash of everything that a set depends on."""
    return hashlib.sha256(repr((SYNTHETIC_VERSION, *settings)).encode()).hexdigest()


def fingerprint(faces: FaceSet) -> str:
    """sha256 of the first hundred rows: pixels, emotions and votes exactly, other targets to 1 in 10,000."""
    first = faces.select(np.arange(min(100, len(faces))))
    sha = hashlib.sha256(np.ascontiguousarray(first.pixels).tobytes())
    sha.update(first.hard("synthetic").astype("<i8").tobytes())
    sha.update(np.asarray(first.votes).astype("<i2").tobytes())
    for key in ("action_units", "valence", "arousal"):
        sha.update(np.floor(first.targets[key] * 10_000 + 0.5).astype("<i4").tobytes())
    return sha.hexdigest()


def _check(n: int, difficulty: float, size: int, identities: int, splits: Mapping[str, float], colour: str) -> None:
    if n < 1:
        raise MienError(f"synthetic: n={n}, ask for at least one face")
    if not 0 <= difficulty <= 1:
        raise MienError(f"synthetic: difficulty={difficulty}, expected 0 to 1")
    if not SMALLEST <= size <= LARGEST:
        raise MienError(f"synthetic: size={size}, expected {SMALLEST} to {LARGEST} pixels")
    if colour not in ("grey", "rgb"):
        raise MienError(f"synthetic: colour={colour!r}, expected 'grey' or 'rgb'")
    if not splits or min(splits.values()) < 0 or sum(splits.values()) <= 0:
        raise MienError("synthetic: splits need a name and shares of 0 or more, not all of them 0")
    if identities < len(splits):
        raise MienError(f"synthetic: identities={identities} for {len(splits)} splits; at least one each")


def _shares(names: tuple[str, ...], balance: Mapping[str, float] | None) -> tuple[float, ...]:
    """A share for each of these emotions, not normalised."""
    if not names:
        raise MienError("synthetic: emotions is empty; name at least one")
    if balance is None:
        return (1.0,) * len(names)
    given = {EMOTIONS[emotion_index(key)]: float(share) for key, share in balance.items()}
    if not set(given) <= set(names) or min(given.values(), default=0) < 0 or sum(given.values()) <= 0:
        raise MienError(f"synthetic: balance needs shares of 0 or more for some of {', '.join(names)}")
    return tuple(given.get(name, 0.0) for name in names)
