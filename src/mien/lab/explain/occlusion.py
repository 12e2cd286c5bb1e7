"""Occlusion, by Captum, with the square of `mien.runtime.occlusion`."""

from __future__ import annotations

import torch
from captum.attr import Occlusion
from torch import Tensor

from mien.lab.explain.mapped_net import MappedNet
from mien.lab.explain.registry import method
from mien.runtime.occlusion import window


@method("occlusion")
@torch.no_grad()
def occlusion(net: MappedNet, x: Tensor, columns: Tensor) -> Tensor:
    """Zeiler and Fergus 2014, section 4.2, on logits: (n, h, w), signed, the fall when a pixel is covered."""
    channels, height, width = x.shape[1:]
    size, step = window(height, width)
    found: Tensor = Occlusion(net).attribute(
        x,
        sliding_window_shapes=(channels, *size),
        strides=(channels, *step),
        baselines=x.mean((2, 3), keepdim=True).expand_as(x),
        target=columns,
    )
    return found[:, 0]
