"""An exponential moving average of weights and norms' statistics."""

from __future__ import annotations

import copy

import torch
from torch import nn


class Average:
    """Follows a network; `net` is the average, the network itself where decay is 0."""

    def __init__(self, net: nn.Module, decay: float) -> None:
        self.decay = decay
        self.steps = 0
        self.net = copy.deepcopy(net).requires_grad_(False) if decay else net

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        """Move towards the network; early steps move faster, so that the start is forgotten."""
        if not self.decay:
            return
        self.steps += 1
        share = 1 - min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(list(self.net.parameters()), [p.detach() for p in net.parameters()], share)
        for mine, theirs in zip(self.net.buffers(), net.buffers(), strict=True):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, share)
            else:
                mine.copy_(theirs)
