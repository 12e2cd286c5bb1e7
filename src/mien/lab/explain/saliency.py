"""Saliency, by Captum: how much each pixel would change the answer."""

from __future__ import annotations

from captum.attr import Saliency
from torch import Tensor

from mien.lab.explain.mapped_net import MappedNet
from mien.lab.explain.registry import method


@method("saliency")
def saliency(net: MappedNet, x: Tensor, columns: Tensor) -> Tensor:
    """Simonyan et al. 2014, section 3.1: (n, h, w), the largest absolute gradient over the colours.

    Raises:
        MienError: a network without gradients.
    """
    net.map_and_gradients(x, columns)
    found: Tensor = Saliency(net).attribute(x.detach().clone().requires_grad_(), target=columns, abs=True)
    return found.detach().amax(1)
