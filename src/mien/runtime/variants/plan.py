"""Which pictures are to be made: whose variant each is, and what it is to show."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import UNLABELLED
from mien.datasets.synthetic.draws import bits
from mien.datasets.synthetic.version import SYNTHETIC_VERSION
from mien.errors import MienError
from mien.labels import EMOTIONS
from mien.runtime.variants.neighbourhood import MOST_VARIANTS

VERSION = (1, SYNTHETIC_VERSION)
"""Raised when the same settings would make other pictures, so that none are added to a folder made before."""

SAMPLINGS = ("even", "study")


@dataclass(frozen=True, slots=True)
class Plan:
    """m pictures that are to be made; (source, variant) names each once.

    Attributes:
        source: (m,) int64, positions among the faces that were handed in, ascending.
        variant: (m,) int32, its number among those of its source; of an expanded set the target's.
        target: (m,) int64, position in EMOTIONS of what it is to show.
    """

    source: NDArray[np.int64]
    variant: NDArray[np.int32]
    target: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.source)

    def part(self, start: int, stop: int) -> Plan:
        return Plan(self.source[start:stop], self.variant[start:stop], self.target[start:stop])

    def digest(self) -> str:
        """sha256 of it all."""
        sha = hashlib.sha256()
        for column, kind in ((self.source, "<i8"), (self.variant, "<i4"), (self.target, "<i8")):
            sha.update(column.astype(kind).tobytes())
        return sha.hexdigest()


def augment_plan(label: NDArray[np.int64], known: NDArray[np.bool_], number: int) -> Plan:
    """`number` variants of every face, each of the emotion that it has.

    Args:
        label: (n,) positions in EMOTIONS; faces without one (-1) get none.
        known: (8,) what the generator can be asked for; faces of other emotions get none.

    Raises:
        MienError: a number below 1 or beyond what can be numbered, or no face that gets one.
    """
    if not 1 <= number < MOST_VARIANTS:
        raise MienError(f"--num-augments {number}: expected 1 to {MOST_VARIANTS - 1:,}")
    sources = np.flatnonzero((label != UNLABELLED) & known[label])
    if not len(sources):
        raise MienError("no face has a label that the generator knows; look at --labels and --split")
    return Plan(
        source=np.repeat(sources, number),
        variant=np.tile(np.arange(number, dtype=np.int32), len(sources)),
        target=np.repeat(label[sources], number),
    )


def expand_plan(
    row: NDArray[np.int64], label: NDArray[np.int64], known: NDArray[np.bool_], seed: int, sampling: str = "even"
) -> Plan:
    """Faces turned into other emotions, so that the rarer ones catch up.

    `even`: each emotion gets as many pictures as it lacks of the largest class, from faces of the others in an order
    that the seed gives; there are always enough (the largest class is among them), so that no face is turned into the
    same emotion twice.
    `study`: each face is turned into each other emotion, but for those left out with a chance that is that emotion's
    share of the faces (u < share), as "Emotion Detection Using EmotionGAN" did; classes come out nearly even.

    Args:
        row: (n,) the faces' rows, which decide the draws together with the seed.
        label: (n,) positions in EMOTIONS, -1 for none.
        known: (8,) what the generator can be asked for. An emotion that not one face has is not made.

    Raises:
        MienError: an unknown sampling, or nothing to make.
    """
    if sampling not in SAMPLINGS:
        raise MienError(f"--sampling {sampling!r}: choose {' or '.join(SAMPLINGS)}")
    counts = np.bincount(label[label != UNLABELLED], minlength=len(EMOTIONS))
    parts = []
    for k in np.flatnonzero(known & (counts > 0)).tolist():
        others = np.flatnonzero((label != UNLABELLED) & (label != k))
        words = bits(seed, f"{sampling} {EMOTIONS[k]}", row[others], 0, 1)[:, 0]
        if sampling == "study":
            chance = (words >> np.uint64(40)).astype(np.float64) * 2.0**-24
            chosen = others[chance >= counts[k] / counts.sum()]
        else:
            chosen = others[np.argsort(words, kind="stable")][: counts.max() - counts[k]]
        parts.append((chosen, np.full(len(chosen), k)))
    source, target = (np.concatenate([np.zeros(0, np.int64), *(part[at] for part in parts)]) for at in (0, 1))
    if not len(source):
        raise MienError("nothing to make: the classes that the generator knows are even already, or have no face")
    order = np.lexsort((target, source))
    return Plan(source[order], target[order].astype(np.int32), target[order])
