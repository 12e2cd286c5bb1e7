"""How the losses of several heads are weighed against each other while they learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from accelerate import Accelerator
from torch import Tensor, nn


class TaskWeights(nn.Module):
    """Losses by head -> their sum. A head without a labelled face in the batch says nothing."""

    def forward(self, losses: Mapping[str, Tensor], seen: Mapping[str, Tensor], embedding: Tensor) -> Tensor:
        """A scalar.

        Args:
            losses: head -> scalar, times its own weight.
            seen: head -> scalar, above 0 where the batch has a label for it.
            embedding: (n, e) that the heads read.
        """
        raise NotImplementedError


class Uncertainty(TaskWeights):
    """exp(-s) L + s / 2 for probabilities, half of the first term for amounts, s learnt (Kendall et al. 2018, eq. 7).

    Kendall, Gal and Cipolla, "Multi-task learning using uncertainty to weigh losses for scene geometry and semantics".

    Args:
        regression: head -> whether it says amounts.
    """

    def __init__(self, regression: Mapping[str, bool]) -> None:
        super().__init__()
        self.names = tuple(regression)
        self.factor = {name: 0.5 if amounts else 1.0 for name, amounts in regression.items()}
        self.log_variance = nn.Parameter(torch.zeros(len(self.names)))

    def forward(self, losses: Mapping[str, Tensor], seen: Mapping[str, Tensor], embedding: Tensor) -> Tensor:
        total = self.log_variance.sum() * 0  # every parameter has a gradient, whoever is labelled: reducers wait for it
        for name, s in zip(self.names, self.log_variance.unbind(), strict=True):
            one = self.factor[name] * (-s).exp() * losses[name] + s / 2
            total = total + torch.where(seen[name] > 0, one, torch.zeros_like(one))
        return total


class GradientBalance(TaskWeights):
    """Each head pulls at the embedding with one force: its loss over the running size of its gradient there.

    What GradNorm aims at (Chen et al. 2018, eq. 2, with alpha 0), reached by division and not by learning weights.

    Args:
        names: of the heads.
        decay: of the running mean of sizes, a step.
    """

    def __init__(self, names: Sequence[str], accelerator: Accelerator | None = None, decay: float = 0.98) -> None:
        super().__init__()
        self.names, self.decay, self.accelerator = tuple(names), decay, accelerator
        self.sizes: Tensor
        self.register_buffer("sizes", torch.zeros(len(self.names)))

    def forward(self, losses: Mapping[str, Tensor], seen: Mapping[str, Tensor], embedding: Tensor) -> Tensor:
        if torch.is_grad_enabled() and self.training:
            self._measure(losses, seen, embedding)
        known = self.sizes > 0
        mean = self.sizes[known].mean() if known.any() else self.sizes.new_ones(())
        shares = torch.where(known, mean / self.sizes.clamp_min(1e-12), 1.0)
        return torch.stack([shares[k] * losses[name] for k, name in enumerate(self.names)]).sum()

    def _measure(self, losses: Mapping[str, Tensor], seen: Mapping[str, Tensor], embedding: Tensor) -> None:
        now = torch.zeros_like(self.sizes)
        for k, name in enumerate(self.names):
            if float(seen[name]) > 0:
                (pull,) = torch.autograd.grad(losses[name], embedding, retain_graph=True)
                now[k] = pull.detach().float().norm()
        if self.accelerator is not None and self.accelerator.num_processes > 1:
            now = self.accelerator.reduce(now, "mean")
        started = self.sizes > 0
        blended = self.decay * self.sizes + (1 - self.decay) * now
        self.sizes.copy_(torch.where(now > 0, torch.where(started, blended, now), self.sizes))
