"""Masking blocks (Pham et al. 2020, "Facial Expression Recognition Using Residual Masking Network").

A small U-Net looks at a stage's map and says how much each channel matters at each place. The blocks are named as
in the authors' checkpoints, where the shortcuts of `convN` stand a second time as `downsampleN`; here they stand once.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mien.errors import MienError
from mien.lab.layers.residual_blocks import BasicBlock

GATES = ("softmax", "sigmoid")


def up_pool(into: int, out: int) -> nn.Sequential:
    """(n, into, h, w) -> (n, out, 2h, 2w); torch's own initialisation stays, as in the authors' code."""
    return nn.Sequential(nn.ConvTranspose2d(into, out, 2, 2), nn.BatchNorm2d(out), nn.ReLU())


class Masking(nn.ModuleDict):
    """(n, c, h, w) -> (n, c, h, w), refined by a mask of the same shape.

    Of depth d the U-Net has maps of 2c, 4c ... 2^d c channels, each of half the side of the one before.

    Args:
        channels: c.
        depth: d; sides must be multiples of 2^(d-1).
        gate: `softmax` over the channels and x (1 + mask), as published, or the ablation's `sigmoid` and x mask.
    """

    def __init__(self, channels: int, depth: int, gate: str = "softmax") -> None:
        super().__init__()
        if gate not in GATES:
            raise MienError(f"model.options.gate = {gate!r}, expected {' or '.join(GATES)}")
        self.depth, self.gate = depth, gate
        wide = [2**k * channels for k in range(depth + 1)]
        for k in range(1, depth + 1):
            self[f"conv{k}"] = BasicBlock(wide[k - 1], wide[k])
        for k in range(depth - 1, 0, -1):
            n = self._decoder(k)
            self[f"up_pool{n}"] = up_pool(wide[k + 1], wide[k])
            self[f"conv{n}"] = BasicBlock(wide[k + 1], wide[k])
        self[f"conv{2 * depth}"] = BasicBlock(wide[1], channels)

    def start_as_shortcuts(self) -> None:
        """Zero the last norm of every block, as the authors do: at first a block is its shortcut alone."""
        for block in self.values():
            if isinstance(block, BasicBlock):
                nn.init.zeros_(block.bn2.weight)

    def mask(self, x: Tensor) -> Tensor:
        """What each channel weighs at each place, in 0..1; with softmax a place's weights sum to one."""
        skips: list[Tensor] = []
        for k in range(1, self.depth + 1):
            x = self[f"conv{k}"](F.max_pool2d(x, 2) if skips else x)
            skips.append(x)
        for k in range(self.depth - 1, 0, -1):
            n = self._decoder(k)
            x = self[f"conv{n}"](torch.cat([self[f"up_pool{n}"](x), skips[k - 1]], dim=1))
        said: Tensor = self[f"conv{2 * self.depth}"](x)
        return said.softmax(dim=1) if self.gate == "softmax" else said.sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        mask = self.mask(x)
        return x * (1 + mask) if self.gate == "softmax" else x * mask

    def _decoder(self, k: int) -> int:
        """The checkpoints' number of the block that comes back to the k-th map."""
        return 2 * self.depth - k
