"""Optimisers with weight decay where it belongs, and a learning rate a stage."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from mien.lab.models.face_net import FaceNet
from mien.lab.train.device import cpu_multiplies_bf16
from mien.lab.train.learner import Learner
from mien.lab.train.recipe import Train


def make_optimiser(
    net: nn.Module, settings: Train, rates: list[tuple[float, list[nn.Parameter]]] | None = None
) -> torch.optim.Optimizer:
    """Kernels and matrices decay; biases, norms and single slopes do not, unless `decay_all`.

    Each parameter group has a `scale`: its rate over that of the last stage, or what `rates` say.

    Args:
        rates: (scale, parameters), where a method knows them itself.
    """
    groups: list[dict[str, Any]] = []
    for scale, parameters in rates or _stages(net, settings.layer_decay):
        decayed = [p for p in parameters if p.ndim > 1 or settings.decay_all]
        spared = [p for p in parameters if p.ndim <= 1 and not settings.decay_all]
        for part, decay in ((decayed, settings.weight_decay), (spared, 0.0)):
            if part:
                groups.append({"params": part, "weight_decay": decay, "lr": settings.lr * scale, "scale": scale})
    return _of_kind(settings, groups)


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Give every group its share of this rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group["scale"]


def _stages(net: nn.Module, decay: float) -> list[tuple[float, list[nn.Parameter]]]:
    """(scale, parameters) of each stage; what stands in no stage learns at the full rate."""
    if decay == 1 or not isinstance(net, FaceNet | Learner):
        return [(1.0, list(net.parameters()))]
    stages = [list(stage.parameters()) for stage in net.stages()]
    found = [(decay ** (len(stages) - 1 - i), parameters) for i, parameters in enumerate(stages)]
    inside = {id(p) for stage in stages for p in stage}
    rest = [p for p in net.parameters() if id(p) not in inside]
    return [*found, (1.0, rest)] if rest else found


def _of_kind(settings: Train, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    optim, lr, name = torch.optim, settings.lr, settings.optimiser
    if name == "sgd":
        nesterov = settings.nesterov and settings.momentum > 0
        return optim.SGD(groups, lr=lr, momentum=settings.momentum, nesterov=nesterov)
    if name == "rmsprop":
        return optim.RMSprop(groups, lr=lr, momentum=settings.momentum)
    if name == "rprop":  # has no weight decay: it looks at signs alone
        return optim.Rprop([{k: v for k, v in g.items() if k != "weight_decay"} for g in groups], lr=lr)
    if name == "radam":
        return optim.RAdam(groups, lr=lr, decoupled_weight_decay=settings.decoupled)
    if name == "muon":
        return _muon(settings, groups)
    kinds: dict[str, Any] = {
        "adam": optim.Adam,
        "adamw": optim.AdamW,
        "adamax": optim.Adamax,
        "adagrad": optim.Adagrad,
        "asgd": optim.ASGD,
    }
    made: torch.optim.Optimizer = kinds[name](groups, lr=lr)
    return made


def _muon(settings: Train, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    """timm's Muon (Jordan 2024): a kernel's momentum, flattened to (out, in x area), is made orthogonal.

    Its step is scaled to AdamW's size (Liu et al. 2025), so rates are those of AdamW; norms and biases learn by AdamW.
    """
    from timm.optim import muon

    if getattr(muon.zeropower_via_newtonschulz, "func", None) is None and not cpu_multiplies_bf16():
        muon.zeropower_via_newtonschulz = partial(_orthogonal, muon.zeropower_via_newtonschulz)
    made: torch.optim.Optimizer = muon.Muon(
        groups, lr=settings.lr, momentum=settings.momentum, nesterov=settings.nesterov, adjust_lr_fn="match_rms_adamw"
    )
    return made


def _orthogonal(timms: Callable[..., Tensor], matrix: Tensor, *args: Any, **options: Any) -> Tensor:
    """What timm's does, which works in bf16 whatever the processor, in float32 on the CPU."""
    return timms(matrix, *args, **({"dtype": torch.float32} if matrix.device.type == "cpu" else {}) | options)
