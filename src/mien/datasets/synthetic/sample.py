"""`synthetic(...)`: a FaceSet of drawn faces."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet, one_hot
from mien.datasets.synthetic import nuisance
from mien.datasets.synthetic.annotators import vote
from mien.datasets.synthetic.canvas import Canvas
from mien.datasets.synthetic.draws import Draws
from mien.datasets.synthetic.expression import DRAWN_UNITS, Expression, express
from mien.datasets.synthetic.eyes import draw_eyes, draw_glasses
from mien.datasets.synthetic.head import draw_background, draw_forehead, draw_head
from mien.datasets.synthetic.identity import people
from mien.datasets.synthetic.mouth import draw_mouth, draw_nose
from mien.datasets.synthetic.pose import poses
from mien.datasets.synthetic.version import SYNTHETIC_VERSION
from mien.errors import MienError
from mien.labels import EMOTIONS, emotion_index

SPLITS: Mapping[str, float] = MappingProxyType({"Training": 0.8, "Validation": 0.1, "Test": 0.1})
"""Shares of the people, and so of the faces, on each side of the default cut."""
DEFAULT_DIFFICULTY = 0.5
SMALLEST, LARGEST = 16, 512
_BLOCK = 32  # faces drawn at once: their planes still fit a core's cache
_GOLDEN = 2654435769  # 2**32 over the golden ratio: row * this walks evenly through any set of shares


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

    A face depends on the version, its row and the arguments other than `n` and `splits`: more faces leave
    the first ones as they are. Grey and RGB show the same faces.

    Args:
        n: how many.
        seed: any integer; other seeds, other people and faces.
        difficulty: 0..1. Weaker, missing and mixed expressions, and more of pose, light, occlusion, blur
            and noise; the faces' own draws stay, so the same row at 0.8 is a harder picture of itself.
        size: side of the square pictures in pixels, 16..512.
        identities: how many people; row i shows person i modulo this.
        emotions: which emotions there are, in any spelling.
        balance: emotion -> share (need not sum to 1); None for equal shares.
        splits: name -> share; people are dealt out by their number, so no person is in two splits.
        colour: "grey" or "rgb".

    Returns:
        A FaceSet named "synthetic": pixels (n, size, size[, 3]) uint8; targets "synthetic" (n, 8) one-hot,
        NaN in the columns of emotions left out, "ferplus" (n, 8) from the votes, "action_units" (n, 18)
        intensities in 0..1, "valence" and "arousal" (n,) in -1..1; votes (n, 10) of ten simulated
        annotators; subject and group the person, split by person.

    Raises:
        MienError: an argument out of its range.
    """
    names = _checked(n, difficulty, size, identities, emotions, balance, splits, colour)
    rows = np.arange(n, dtype=np.int64)
    emotion = _emotions(seed, rows, names, balance)
    shown = [
        _draw(seed, rows[i : i + _BLOCK], emotion[i : i + _BLOCK], difficulty, size, identities, colour)
        for i in range(0, n, _BLOCK)
    ]
    expression = express(seed, rows, emotion, difficulty)
    votes = vote(seed, rows, emotion, expression, names)
    from mien.datasets.votes import distribution

    person = rows % identities
    subject = np.asarray([f"person{k:05d}" for k in range(identities)])[person]
    settings = f"synthetic v{SYNTHETIC_VERSION} seed={seed} difficulty={difficulty:g} size={size} {colour}"
    return FaceSet(
        name="synthetic",
        pixels=np.concatenate(shown),
        targets={
            "synthetic": one_hot(emotion, names),
            "ferplus": distribution(votes),
            "action_units": expression.units,
            "valence": expression.valence,
            "arousal": expression.arousal,
        },
        votes=votes,
        action_units=DRAWN_UNITS,
        split=_deal(identities, splits)[person],
        subject=subject,
        group=subject,
        file=np.full(n, "synthetic"),
        row=rows,
        content=hashlib.sha256(f"{settings} {identities} {names} {balance} {n}".encode()).hexdigest(),
    )


def fingerprint(faces: FaceSet) -> str:
    """sha256 of the first hundred rows: pixels, emotions and votes exactly, other targets to 1 in 10,000."""
    first = faces.select(np.arange(min(100, len(faces))))
    sha = hashlib.sha256(np.ascontiguousarray(first.pixels).tobytes())
    sha.update(first.hard("synthetic").astype("<i8").tobytes())
    sha.update(np.asarray(first.votes).astype("<i2").tobytes())
    for key in ("action_units", "valence", "arousal"):
        sha.update(np.floor(first.targets[key] * 10_000 + 0.5).astype("<i4").tobytes())
    return sha.hexdigest()


def _draw(
    seed: int,
    rows: NDArray[np.int64],
    emotion: NDArray[np.int64],
    difficulty: float,
    size: int,
    identities: int,
    colour: str,
) -> NDArray[np.uint8]:
    who = people(seed, rows % identities)
    shows: Expression = express(seed, rows, emotion, difficulty)
    canvas = Canvas(len(rows), size, poses(seed, rows, difficulty), 3 if colour == "rgb" else 1)
    scene = Draws(seed, "scene", rows)
    draw_background(canvas, scene, difficulty)
    draw_head(canvas, who, shows, np.clip(scene.bell(0.2 + 0.8 * difficulty), -1, 1))
    draw_forehead(canvas, who, shows)
    draw_nose(canvas, who, shows)
    draw_mouth(canvas, who, shows)
    draw_eyes(canvas, who, shows, scene)
    draw_glasses(canvas, who)
    for spoil in (nuisance.occlude, nuisance.light, nuisance.blur, nuisance.noise):
        spoil(canvas, seed, rows, difficulty)
    return nuisance.quantise(canvas)


def _emotions(
    seed: int, rows: NDArray[np.int64], names: tuple[str, ...], balance: Mapping[str, float] | None
) -> NDArray[np.int64]:
    """(n,) positions in EMOTIONS: any run of rows holds the emotions very nearly in their shares."""
    shares = [float((balance or {}).get(name, 0.0 if balance else 1.0)) for name in names]
    start = int(Draws(seed, "emotion", np.zeros(1, np.int64)).matrix(1)[0, 0] * 2**24) << 8
    walk = ((rows * _GOLDEN + start) % 2**32).astype(np.float64) / 2**32
    total = sum(shares)
    edges = np.asarray([edge / total for edge in accumulate(shares)])
    which = np.minimum(np.searchsorted(edges, walk, side="right"), len(names) - 1)
    return np.asarray([EMOTIONS.index(name) for name in names], np.int64)[which]


def _deal(identities: int, splits: Mapping[str, float]) -> NDArray[np.str_]:
    """(identities,) split of each person: always the one that is furthest behind its share."""
    total = sum(splits.values())
    dealt = dict.fromkeys(splits, 0)
    out = []
    for k in range(identities):
        name = max(splits, key=lambda s: splits[s] / total * (k + 1) - dealt[s])
        dealt[name] += 1
        out.append(name)
    return np.asarray(out)


def _checked(
    n: int,
    difficulty: float,
    size: int,
    identities: int,
    emotions: Sequence[str],
    balance: Mapping[str, float] | None,
    splits: Mapping[str, float],
    colour: str,
) -> tuple[str, ...]:
    """The emotions in our spelling and order, or MienError."""
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
    names = tuple(EMOTIONS[k] for k in sorted({emotion_index(e) for e in emotions}))
    if not names:
        raise MienError("synthetic: emotions is empty; name at least one")
    if balance is not None and (
        not set(balance) <= set(names) or min(balance.values(), default=0) < 0 or sum(balance.values()) <= 0
    ):
        raise MienError(f"synthetic: balance needs shares of 0 or more for some of {', '.join(names)}")
    return names
