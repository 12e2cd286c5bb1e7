"""Centre loss (Wen et al. 2016): embeddings of one class are drawn to its centre, which follows them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from mien.lab.train.losses import weighted_mean


class CentreLoss(nn.Module):
    """Half the squared distance to the class's centre; the centres, (classes, width), learn by `move` alone.

    They start at zero and are a buffer: no optimiser moves them, and a checkpoint of this module keeps them.

    Args:
        classes: how many.
        width: of the embedding.
        rate: alpha of eq. 4, in 0..1: how far a centre goes towards what a batch says.
    """

    def __init__(self, classes: int, width: int, rate: float = 0.5) -> None:
        super().__init__()
        self.rate = rate
        self.centres: Tensor
        self.register_buffer("centres", torch.zeros(classes, width))

    def forward(self, embedding: Tensor, target: Tensor, weight: Tensor, total: Tensor | None = None) -> Tensor:
        """Eq. 2 as a mean over the faces by weight; a face of several classes is drawn to each by its share.

        Args:
            embedding: (n, width).
            target: (n, classes) distributions.
            weight: (n,), 0 for a face without this label; with no weight at all the loss is 0.
            total: what the sum is divided by; None for the sum of `weight`.
        """
        away = embedding.float()[:, None] - self.centres  # (n, classes, width)
        each = 0.5 * (target * away.square().sum(dim=2)).sum(dim=1)
        return weighted_mean(each, weight, total)

    @torch.no_grad()
    def move(self, embedding: Tensor, target: Tensor, weight: Tensor, accelerator: Any = None) -> None:
        """Eq. 4: each centre moves by rate * sum(x - c) / (1 + count) over its class's faces in the batch.

        Args:
            embedding: (n, width).
            target: (n, classes) distributions; a face counts for each class by its share.
            weight: (n,); a face counts by its weight.
            accelerator: sums over the processes, so that all hold the same centres; None for one process.
        """
        share = target.float() * weight[:, None]  # (n, classes)
        count = share.sum(dim=0)
        toward = share.T @ embedding.float()
        if accelerator is not None and accelerator.num_processes > 1:
            count = accelerator.reduce(count, "sum")
            toward = accelerator.reduce(toward, "sum")
        self.centres += self.rate * (toward - count[:, None] * self.centres) / (1 + count[:, None])
