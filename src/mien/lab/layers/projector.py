"""The small network on top of an embedding that contrastive and bootstrapping methods compare in."""

from __future__ import annotations

from torch import Tensor, nn


class Projector(nn.Module):
    """(n, into) -> (n, out): linear, batch norm, ReLU, linear (Grill et al. 2020, section 3.3).

    Projector and predictor are both this. Nothing is normalised at the end: the loss does that.
    """

    def __init__(self, into: int, hidden: int, out: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(into, hidden, bias=False),  # the norm that follows would take a bias away again
            nn.BatchNorm1d(hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, out),
        )

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return y
