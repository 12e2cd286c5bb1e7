"""What a kind of head must say: what faces teach it, what it loses by, and how it is scored."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mien.datasets.face_set import FaceSet
from mien.errors import MienError
from mien.model_spec import Head

if TYPE_CHECKING:
    from mien.lab.train.recipe import Balance, Data, HeadRecipe


@dataclass(frozen=True, slots=True)
class Learnt:
    """What n faces teach one head of k columns.

    Attributes:
        target: (n, k) float32, finite everywhere.
        weight: (n,), or (n, k) where each column has labels of its own; 0 where a face has none, else 1.
        hard: (n,) int64, the class by which faces are evened out, -1 without a label.
    """

    target: NDArray[np.float32]
    weight: NDArray[np.float32]
    hard: NDArray[np.int64]


class HeadLoss(ABC):
    """One head's loss while training."""

    def weight(self, target: Tensor, weight: Tensor) -> Tensor:
        """What each face, or cell, counts; by default as much as it was given."""
        return weight

    @abstractmethod
    def __call__(self, logits: Tensor, target: Tensor, weight: Tensor, total: Tensor | None = None) -> Tensor:
        """A scalar.

        Args:
            logits: (n, k) of this head.
            target: (n, k).
            weight: (n,) or (n, k), from `self.weight`; with no weight at all the loss is 0.
            total: what the sum is divided by, where the loss is a mean; None for the sum of `weight`.
        """


class HeadKind(ABC):
    """One kind of head, registered under its name in recipes.

    Attributes:
        losses: the words of `heads.loss`, the kind's own first.
        metrics: the words of `train.metric` that it has, the kind's own first; all rise as the head gets better.
        percent: whether the first of them is in percent; else it lies in -1..1.
        regression: whether it says amounts, not probabilities.
    """

    losses: ClassVar[tuple[str, ...]]
    metrics: ClassVar[tuple[str, ...]]
    percent: ClassVar[bool] = True
    regression: ClassVar[bool] = False

    @abstractmethod
    def head(self, faces: FaceSet, plan: HeadRecipe, data: Data) -> Head:
        """The head that a model needs for these labels.

        Raises:
            MienError: labels that the set does not have.
        """

    @abstractmethod
    def classes(self, faces: FaceSet, plan: HeadRecipe) -> NDArray[np.int64]:
        """(n,) the class by which faces are cut and evened out, -1 without a label; nothing dropped or merged yet."""

    @abstractmethod
    def learnt(self, faces: FaceSet, plan: HeadRecipe, data: Data, head: Head) -> Learnt:
        """What the faces teach it."""

    @abstractmethod
    def loss(self, plan: HeadRecipe, target: Tensor, weight: Tensor, hard: Tensor, balance: Balance) -> HeadLoss:
        """Its loss.

        Args:
            target, weight, hard: of all the training faces, on the device that learns.
            balance: settings for this head; those of a head that is not evened out change nothing.
        """

    @abstractmethod
    def scores(self, logits: Tensor, target: Tensor, weight: Tensor, hard: Tensor, head: Head) -> dict[str, float]:
        """Scores by `metrics`' words, `loss`, and details that are told of the selected head alone.

        All tensors on the CPU; NaN where no face has a label.
        """


_KINDS: dict[str, HeadKind] = {}


def register(name: str) -> Callable[[type[HeadKind]], type[HeadKind]]:
    """Put a kind of head under a name."""

    def put(kind: type[HeadKind]) -> type[HeadKind]:
        _KINDS[name] = kind()
        return kind

    return put


def names() -> tuple[str, ...]:
    """Every kind of head that can be learnt."""
    from mien.lab.heads import load

    load()
    return tuple(_KINDS)


def kind_of(name: str) -> HeadKind:
    """The kind of that name; `classes`, emotions of which some are merged, is an emotion head's.

    Raises:
        MienError: no such kind.
    """
    known = names()
    name = "emotion" if name == "classes" else name
    if name not in known:
        raise MienError(f"heads.kind = {name!r}, expected {', '.join(known)}")
    return _KINDS[name]
