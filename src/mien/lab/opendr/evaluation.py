"""What `eval` tells: losses and right answers of the branches, and of the ensemble of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader

from mien.errors import MienError
from mien.lab.opendr.affectnet_sets import AffectNetCategorical, AffectNetDimensional
from mien.lab.opendr.votes import affect, votes

Say = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Faces (n, 3, 96, 96) -> emotions (n, branches, 8) and affect (n, branches, 2)."""
_ALL = 100_000  # faces a class, OpenDR's way to take every one


def evaluate(say: Say, eval_type: str, root: str, branches: int, shown: int, batch: int) -> dict[str, list[Any]]:
    """OpenDR's three lists over the validation faces; those of the other eval_type are zeros or empty.

    Args:
        eval_type: categorical | dimensional.
        root: the prepared folders.
        branches: of the network.
        shown: how many of them are looked at, and make the ensemble.

    Raises:
        MienError: another word, more branches than there are, or no faces.
    """
    if eval_type not in ("categorical", "dimensional"):
        raise MienError(f"eval_type {eval_type!r}, expected categorical or dimensional")
    if not 1 <= shown <= branches:
        raise MienError(f"current_branch_on_training {shown - 1}: this ensemble has branches 0..{branches - 1}")
    results: dict[str, list[Any]] = {
        "valence_arousal_losses": [[], []],
        "running_emotion_loss": [0.0] * branches,
        "running_emotion_corrects": [0] * (branches + 1),
    }
    told = _categorical if eval_type == "categorical" else _dimensional
    return results | told(say, root, branches, shown, batch)


def _categorical(say: Say, root: str, branches: int, shown: int, batch: int) -> dict[str, list[Any]]:
    """Mean cross-entropy of each branch; right answers of each branch and, last, of their vote."""
    faces = AffectNetCategorical(2, _ALL, None, False, root)
    loss, right, voted = torch.zeros(branches), torch.zeros(branches, dtype=torch.int64), 0
    for x, labels in _batches(faces, batch):
        emotions = say(x)[0][:, :shown]
        for b in range(shown):
            loss[b] += F.cross_entropy(emotions[:, b], labels, reduction="sum")
            right[b] += (emotions[:, b].argmax(dim=1) == labels).sum()
        voted += int((votes(emotions).argmax(dim=1) == labels).sum())
    return {
        "running_emotion_loss": (loss / len(faces)).tolist(),
        "running_emotion_corrects": [*right.tolist(), voted],
    }


def _dimensional(say: Say, root: str, branches: int, shown: int, batch: int) -> dict[str, list[Any]]:
    """RMSE of valence, then of arousal: of each branch, 0 where it was not looked at, and, last, of their mean."""
    faces = AffectNetDimensional(2, _ALL, None, False, root)
    squares = torch.zeros(2, branches + 1, dtype=torch.float64)
    for x, labels in _batches(faces, batch):
        said = say(x)[1][:, :shown]
        for b in range(shown):
            squares[:, b] += (said[:, b] - labels).double().square().sum(dim=0)
        squares[:, -1] += (affect(said) - labels).double().square().sum(dim=0)
    return {"valence_arousal_losses": (squares / len(faces)).sqrt().tolist()}


def _batches(faces: Any, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    for x, labels in DataLoader(faces, batch_size=batch, shuffle=False):
        yield x, torch.as_tensor(labels)
