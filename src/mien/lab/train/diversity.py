"""ESR*'s diversity of branches (Heidari and Iosifidis 2022): unlike attention makes unlike voters.

Both terms come from S_ij, the batch's mean of exp(-gamma ||A_i - A_j||^2), A being a branch's attention.

corrected, the default: S_ii = 1, as for any kernel, and the loss is -logdet((S + eps I) / (1 + eps)): 0 for
branches that have nothing in common, largest for branches that are the same. The mean of Gaussian kernels is
positive semi-definite, so that the determinant is never negative.

literal, as OpenDR's code has it: S_ii = 0 and the loss is -det S. The determinant of n equal similarities s is
then (-1)^(n-1) (n-1) s^n: for odd n, which 9 and 15 are, branches that are alike are rewarded.
"""

from __future__ import annotations

import torch
from torch import Tensor

KINDS = ("none", "corrected", "literal")
EPSILON = 1e-2
"""Added to S's diagonal: it bounds the penalty of n branches that are the same, and with gamma = 10 its slope by the
distance of two at sqrt(gamma / eps), some 32; without it both are infinite."""


def diversity(attention: Tensor, kind: str, gamma: float) -> Tensor:
    """The scalar that is minimised, of one kind of attention.

    Args:
        attention: (n, branches, cells) in 0..1.
        kind: corrected or literal.
        gamma: how fast likeness falls with distance.
    """
    alike = similarity(attention, gamma)
    return corrected(alike) if kind == "corrected" else literal(alike)


def similarity(attention: Tensor, gamma: float) -> Tensor:
    """(n, branches, cells) -> S (branches, branches), symmetric, in 0..1, with 1 on the diagonal; float32."""
    own = attention.float()
    away = own[:, :, None] - own[:, None]  # differences, not a product of sums: near branches keep their digits
    return torch.exp(-gamma * away.square().sum(dim=3)).mean(dim=0)


def corrected(alike: Tensor) -> Tensor:
    """S with S_ii = 1 -> -logdet((S + eps I) / (1 + eps)), 0 or more."""
    eye = torch.eye(len(alike), device=alike.device)
    penalty: Tensor = -torch.linalg.slogdet((alike + EPSILON * eye) / (1 + EPSILON)).logabsdet
    return penalty


def literal(alike: Tensor) -> Tensor:
    """S, its diagonal taken for 0 -> -det S."""
    penalty: Tensor = -torch.linalg.det(alike - torch.diag(alike.diagonal()))
    return penalty
