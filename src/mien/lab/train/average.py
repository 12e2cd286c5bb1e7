"""Averages of weights and norms' statistics over a run."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import torch
from torch import Tensor, nn


class Average:
    """Follows a network; `net` is the average, the network itself where there is none.

    Args:
        net: whom to follow.
        decay: of an exponential average, moved every step; 0 is none.
        plain: the plain mean of the weights at the ends of epochs instead (Izmailov et al. 2018).
    """

    def __init__(self, net: nn.Module, decay: float, *, plain: bool = False) -> None:
        self.decay, self.plain = decay, plain
        self.steps = 0  # the network's states that the average holds
        self.own = copy.deepcopy(net).requires_grad_(False) if decay or plain else None
        self._followed = net

    @property
    def net(self) -> nn.Module:
        """What to validate and to keep."""
        return self.own if self.own is not None and (self.decay or self.steps) else self._followed

    def update(self, net: nn.Module) -> None:
        """After a step: move towards the network; early steps move faster, so that the start is forgotten."""
        if self.decay:
            self.steps += 1
            self._move(net, 1 - min(self.decay, (1 + self.steps) / (10 + self.steps)))

    def update_epoch(self, net: nn.Module) -> None:
        """After an epoch: count the network into the plain mean."""
        if self.plain:
            self.steps += 1
            self._move(net, 1 / self.steps)

    @torch.no_grad()
    def _move(self, net: nn.Module, share: float) -> None:
        assert self.own is not None
        torch._foreach_lerp_(list(self.own.parameters()), [p.detach() for p in net.parameters()], share)
        for mine, theirs in zip(self.own.buffers(), net.buffers(), strict=True):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, share)
            else:
                mine.copy_(theirs)


@torch.no_grad()
def refresh_norms(net: nn.Module, pictures: Iterable[Tensor], like: nn.Module | None = None) -> None:
    """Batch norms' statistics anew from these pictures: averaged weights make other activations than any of theirs.

    Args:
        like: the network that was averaged; norms that are frozen in it, out of training mode, stay as they are.
    """
    both = zip(net.modules(), (like or net).modules(), strict=True)
    norms: list[nn.modules.batchnorm._BatchNorm] = []
    held: list[nn.modules.batchnorm._BatchNorm] = []
    for module, model in both:
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            (held if like is not None and not model.training else norms).append(module)
    if not norms:
        return
    was_training, momenta = net.training, [norm.momentum for norm in norms]
    net.train()
    for norm in held:
        norm.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a cumulative mean
    for x in pictures:
        net(x)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    net.train(was_training)
