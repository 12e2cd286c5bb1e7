"""Grad-CAM++, which Captum does not have."""

from __future__ import annotations

import torch
from torch import Tensor

from mien.lab.explain.mapped_net import MappedNet
from mien.lab.explain.registry import method
from mien.runtime import heat_map


@method("grad-cam++")
def grad_cam_plus_plus(net: MappedNet, x: Tensor, columns: Tensor) -> Tensor:
    """Chattopadhay et al. 2018, see `mien.runtime.heat_map.grad_cam_plus_plus`: (n, h', w'), 0 or more.

    Raises:
        MienError: a layer that gives no map, or a network without gradients.
    """
    feature_map, gradients = (t.float().cpu().numpy() for t in net.map_and_gradients(x, columns))
    return torch.from_numpy(heat_map.grad_cam_plus_plus(feature_map, gradients))
