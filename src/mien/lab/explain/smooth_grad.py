"""SmoothGrad, by Captum: the mean gradient of many noisy copies."""

from __future__ import annotations

import torch
from captum.attr import NoiseTunnel, Saliency
from torch import Tensor

from mien.lab.explain.mapped_net import MappedNet
from mien.lab.explain.registry import method

COPIES = 24
NOISE = 0.15
"""Deviation of the noise over the range of the face's pixels; the paper finds 0.1 to 0.2 to do."""
_AT_ONCE = 4
_SEED = 0


@method("smooth-grad")
def smooth_grad(net: MappedNet, x: Tensor, columns: Tensor) -> Tensor:
    """Smilkov et al. 2017, section 2: (n, h, w), the mean over noisy copies, then as for saliency.

    The same noise each time, drawn from a seed of its own.

    Raises:
        MienError: a network without gradients.
    """
    net.map_and_gradients(x, columns)
    tunnel, out = NoiseTunnel(Saliency(net)), []
    with torch.random.fork_rng(devices=[x.device] if x.device.type == "cuda" else []):
        torch.manual_seed(_SEED)
        for i in range(len(x)):  # face by face: each has its own range
            one = x[i : i + 1].detach().clone()
            spread = float(NOISE * (one.max() - one.min()))
            found: Tensor = tunnel.attribute(
                one.requires_grad_(), nt_type="smoothgrad", nt_samples=COPIES, nt_samples_batch_size=_AT_ONCE,
                stdevs=spread, target=columns[i : i + 1], abs=False,
            )  # fmt: skip
            out.append(found.detach().abs().amax(1))
    return torch.cat(out) if out else x.new_zeros((0, *x.shape[2:]))
