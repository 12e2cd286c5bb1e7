"""What ESR is made of: rows of convolutions, as its shared base and as each of its branches.

The modules are named as in the published files: `conv1`, `bn1`, `cbam1`, ... `fc`, `fc_dimensional`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mien.lab.layers.cbam import CBAM

_CBAM_MOMENTUM = 0.01


class Step(NamedTuple):
    """A convolution with bias, batch norm and ReLU, then a 2x2 max-pool where `pool`."""

    width: int
    kernel: int = 3
    padding: int = 0
    pool: bool = False


def smallest_side(steps: Sequence[Step]) -> int:
    """The least height and width for which one pixel comes out at the end."""
    need = 1
    for step in reversed(steps):
        need = need * (2 if step.pool else 1) + step.kernel - 1 - 2 * step.padding
    return need


class BatchStatistics(nn.BatchNorm2d):
    """Batch norm that takes its batch's mean and variance in inference too, so that faces of a batch mix.

    It has the keys of a batch norm; the running statistics are followed in training and used by nobody.
    """

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            return super().forward(x)
        wide = x.float()
        mean = wide.mean((0, 2, 3), keepdim=True)
        away = wide - mean
        variance = away.square().mean((0, 2, 3), keepdim=True)
        y = away * (variance + self.eps).rsqrt()
        return (y * self.weight[:, None, None] + self.bias[:, None, None]).to(x.dtype)


class Convolutions(nn.Module):
    """(n, c, h, w) -> (n, last width, h', w'); with `attention` a CBAM after each step's pool."""

    def __init__(self, into: int, steps: Sequence[Step], norm: type[nn.BatchNorm2d], attention: bool) -> None:
        super().__init__()
        self.steps, self.attention = tuple(steps), attention
        for i, step in enumerate(self.steps, 1):
            self.add_module(f"conv{i}", nn.Conv2d(into, step.width, step.kernel, padding=step.padding))
            self.add_module(f"bn{i}", norm(step.width))
            if attention:
                self.add_module(f"cbam{i}", CBAM(step.width, momentum=_CBAM_MOMENTUM))
            into = step.width

    def blocks(self) -> list[nn.Module]:
        """The modules of each step, to be frozen and slowed down together."""
        kinds = ("conv", "bn", "cbam") if self.attention else ("conv", "bn")
        numbers = range(1, len(self.steps) + 1)
        return [nn.Sequential(*(self.get_submodule(f"{kind}{i}") for kind in kinds)) for i in numbers]

    def forward(self, x: Tensor) -> Tensor:
        for i in range(1, len(self.steps) + 1):
            x = self._convolve(i, x)
            if self.attention:
                x = self.get_submodule(f"cbam{i}")(x)
        return x

    def gates(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same map, and the last CBAM's attentions: of channels (n, c) and of places (n, 1, h, w)."""
        last = len(self.steps)
        for i in range(1, last):
            x = self.get_submodule(f"cbam{i}")(self._convolve(i, x))
        cbam = self.get_submodule(f"cbam{last}")
        assert isinstance(cbam, CBAM)
        return cbam.gates(self._convolve(last, x))

    def _convolve(self, i: int, x: Tensor) -> Tensor:
        x = F.relu(self.get_submodule(f"bn{i}")(self.get_submodule(f"conv{i}")(x)))
        return F.max_pool2d(x, 2) if self.steps[i - 1].pool else x


class Branch(Convolutions):
    """One voter: its own convolutions, and its own heads on the mean of their map.

    Affect is read from the rectified emotion logits, as published: 8 -> valence, arousal.
    """

    def __init__(
        self, into: int, steps: Sequence[Step], norm: type[nn.BatchNorm2d], attention: bool, emotions: int, affect: bool
    ) -> None:
        super().__init__(into, steps, norm, attention)
        self.fc = nn.Linear(self.steps[-1].width, emotions)
        self.fc_dimensional = nn.Linear(emotions, 2) if affect else None

    def heads(self) -> list[nn.Module]:
        return [self.fc] if self.fc_dimensional is None else [self.fc, self.fc_dimensional]

    def say(self, embedding: Tensor) -> Tensor:
        """(n, last width) -> (n, k): emotion logits, then valence and arousal where there is that head."""
        logits: Tensor = self.fc(embedding)
        if self.fc_dimensional is None:
            return logits
        return torch.cat([logits, self.fc_dimensional(F.relu(logits))], dim=1)
