"""Grad-CAM, by Captum."""

from __future__ import annotations

from captum.attr import LayerGradCam
from torch import Tensor

from mien.lab.explain.mapped_net import MappedNet
from mien.lab.explain.registry import method


@method("grad-cam")
def grad_cam(net: MappedNet, x: Tensor, columns: Tensor) -> Tensor:
    """Selvaraju et al. 2017, eq. 1 and 2: (n, h', w'), 0 or more.

    Raises:
        MienError: a layer that gives no map, or a network without gradients.
    """
    net.map_and_gradients(x, columns)  # told in one line what Captum would tell in a traceback
    maps: Tensor = LayerGradCam(net, net.looked_at()).attribute(x, target=columns, relu_attributions=True)
    return maps.detach()[:, 0]
