"""What a kind of training must say; the loop does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import chain, count
from typing import Any

from torch import Tensor, nn

from mien.lab.models.face_net import FaceNet
from mien.lab.train.recipe import Recipe
from mien.model_spec import ModelSpec


class Method(ABC):
    """One kind of training. A subclass fills the attributes when it is made.

    Attributes:
        recipe: what to do.
        net: the network that is saved, validated and handed on.
        model: what a step calls and the optimiser moves: `net`, or a module around it.
        spec: the ModelSpec of `net`.
        rows: how many faces there are to learn from.
        chosen_on: how many faces epochs are chosen on.
        later_ties: of epochs with the same score the later is the best; else the first.
        told: columns of log.csv that a person is told of each epoch, beside losses and accuracies.
    """

    recipe: Recipe
    net: FaceNet
    model: nn.Module
    spec: ModelSpec
    rows: int
    chosen_on: int
    later_ties: bool = False
    told: tuple[str, ...] = ()

    @abstractmethod
    def steps(self) -> int:
        """Steps an epoch."""

    @abstractmethod
    def batches(self, epoch: int, side: tuple[int, int], shard: tuple[int, int]) -> Iterator[Any]:
        """This process's part of an epoch's batches."""

    def endless(self, side: tuple[int, int], shard: tuple[int, int] = (0, 1)) -> Iterator[Any]:
        """Batches of one epoch after another, all of pictures of this side."""
        return chain.from_iterable(self.batches(epoch, side, shard) for epoch in count())

    def wake(self) -> None:
        """Into training mode, before each epoch."""
        self.model.train()

    def rates(self) -> list[tuple[float, list[nn.Parameter]]] | None:
        """(rate over `train.lr`, parameters) of groups that learn at rates of their own; None for one rate a stage."""
        return None

    @abstractmethod
    def loss(self, model: nn.Module, batch: Any) -> Tensor:
        """A scalar whose mean over the processes is the loss of the whole batch."""

    def after_step(self, progress: float) -> None:  # noqa: B027 - most methods have nothing to do here
        """After the optimiser's step; `progress` is the share of the run that is done."""

    def validates(self, epoch: int) -> bool:
        """Whether this epoch, counted from 0, is validated; the last one is."""
        train = self.recipe.train
        return epoch + 1 == train.epochs or (epoch + 1) % train.validate_every == 0

    @abstractmethod
    def validate(self, net: FaceNet, epoch: int) -> dict[str, float]:
        """Columns of log.csv, called `val_...`; every process calls it and gets the same."""

    @abstractmethod
    def score(self, row: dict[str, Any]) -> float:
        """What an epoch is chosen by: higher is better."""

    def remark(self, row: dict[str, Any]) -> str:
        """What a person should be told of an epoch, on standard error and in train.log; mostly nothing."""
        return ""

    def pictures(self, epoch: int) -> Iterator[Tensor]:
        """The network's inputs for refreshing norms' statistics."""
        raise NotImplementedError
