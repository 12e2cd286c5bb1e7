"""What the branches say -> OpenDR's answer for the ensemble."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from mien.lab.opendr.category import Category, word


def votes(emotions: Tensor) -> Tensor:
    """Logits (n, branches, 8) -> (n, 8) float: how many branches say each class."""
    return F.one_hot(emotions.argmax(dim=2), emotions.shape[2]).sum(dim=1).float()


def categories(emotions: Tensor) -> list[Category]:
    """The class that most branches say, of equal ones that of the lowest number.

    Its confidence is OpenDR's: the largest soft-max of the counts of votes, not of probabilities. It says how many
    branches agree and little else: nine equal votes are e^9 / (e^9 + 7) = 0.9991, whoever is right.
    """
    counts = votes(emotions)
    sure = counts.softmax(dim=1).amax(dim=1)
    numbers = counts.argmax(dim=1)
    return [Category(k, word(k), p) for k, p in zip(numbers.tolist(), sure.tolist(), strict=True)]


def affect(said: Tensor) -> Tensor:
    """(n, branches, 2) -> (n, 2): the branches' mean valence and arousal, raw, trained on -1..1 and not cut off."""
    return torch.as_tensor(said).mean(dim=1)
