"""`timm/NAME`: any network of timm whose answer can be had from its feature map.

Transformers answer with tokens; their feature map is the picture's tokens, laid out as they lie in the picture. A
class token stands in no map: it takes part in the attention but not in the answer, which comes from the mean of
the others (timm's `global_pool = "avg"`).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mien.errors import MienError
from mien.lab.layers.pooling import check_pool
from mien.lab.models.face_net import FaceNet
from mien.lab.models.registry import register

_OPENED = ("blocks", "features", "layers", "stages")  # timm's names of lists of which each item is a stage
_OURS = ("pretrained", "pretrained_cfg", "checkpoint_path", "num_classes", "in_chans", "img_size", "features_only")
_POOLS = {"avg": "avg", "max": "max", "concat": "catavgmax"}  # ours -> timm's global_pool
_AVERAGED: tuple[dict[str, Any], ...] = ({"global_pool": "avg", "fc_norm": False}, {"global_pool": "avg"})


class TimmNet(FaceNet):
    """(n, c, h, w) -> (n, classes) by timm's modules, whose keys stand behind `net.`.

    Args:
        net: timm's network.
        name: its name there.
        created: what it was made with, so that its published weights can be had in the same form.
        shape: (c, h, w) of a picture.
        enlarge: how many times larger, in each direction, the picture is made before timm's network sees it
            (bilinear). Networks that divide a picture by 32 keep a map of a small face so, and the file that is
            exported takes the small face, as others beside it do.

    Raises:
        MienError: a network that cannot be taken apart into feature map, embedding and logits.
    """

    def __init__(
        self, net: Any, name: str, created: dict[str, Any], shape: tuple[int, int, int], enlarge: int = 1
    ) -> None:
        super().__init__()
        self.net: Any = net  # timm's, untyped
        self.name, self.created, self.enlarge = name, created, enlarge
        self.prefix: int = getattr(net, "num_prefix_tokens", 0)  # class token and registers
        self.channels_last = getattr(net, "output_fmt", "NCHW") == "NHWC"
        head = self.net.get_classifier()
        if not isinstance(head, nn.Linear | nn.Conv2d):
            raise MienError(f"timm/{name} does not answer through one linear layer; take another network")
        net.eval()
        with torch.no_grad():
            x = torch.zeros(1, *shape)
            large = self._enlarged(x)
            self.tokens = self.net.forward_features(large).ndim == 3
            self.order = _order(net, head, large)
            whole: Tensor = net(large)
            parts = self(x)
        net.train()
        if whole.shape != parts.shape or not (whole.is_meta or torch.allclose(whole, parts, 1e-3, 1e-4)):
            raise MienError(f"timm/{name} answers from more than its feature map; take another network")

    def stages(self) -> list[nn.Module]:
        head: nn.Module = self.net.get_classifier()
        stages = [[self.net.get_submodule(name) for name in names] for names in self.order]
        held = {id(p) for modules in (*stages, [head]) for module in modules for p in module.parameters()}
        loose = [p for p in self.net.parameters() if id(p) not in held]  # class token, places, and the like
        if loose:
            stages[0].insert(0, nn.ParameterList(loose))
        return [*(nn.ModuleList(modules) for modules in stages), head]

    def _enlarged(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=self.enlarge, mode="bilinear") if self.enlarge > 1 else x

    def features(self, x: Tensor) -> Tensor:
        y: Tensor = self.net.forward_features(self._enlarged(x))
        if self.tokens:  # (n, t, d)
            y = y[:, self.prefix :].transpose(1, 2)
            height = round(math.sqrt(y.shape[2] * x.shape[2] / x.shape[3]))
            return y.reshape(y.shape[0], y.shape[1], height, y.shape[2] // height)
        return y.permute(0, 3, 1, 2) if self.channels_last else y

    def pool(self, feature_map: Tensor) -> Tensor:
        y = feature_map
        if self.tokens:
            y = F.pad(y.flatten(2).transpose(1, 2), (0, 0, self.prefix, 0))
        elif self.channels_last:
            y = y.permute(0, 2, 3, 1)
        embedding: Tensor = self.net.forward_head(y, pre_logits=True)
        return embedding.flatten(1)

    def classify(self, embedding: Tensor) -> Tensor:
        head = self.net.get_classifier()
        y: Tensor = head(embedding[:, :, None, None] if isinstance(head, nn.Conv2d) else embedding)
        return y.flatten(1)


def _units(net: nn.Module, head: nn.Module, at: str = "") -> Iterator[str]:
    """Names of the parts that are frozen and slowed down as one, but for the head."""
    for name, child in net.named_children():
        if child is head or not _learns(child):
            continue
        if any(module is head for module in child.modules()):
            yield from _units(child, head, f"{at}{name}.")
        elif name in _OPENED and isinstance(child, nn.Sequential | nn.ModuleList):
            yield from (f"{at}{name}.{number}" for number, item in child.named_children() if _learns(item))
        else:
            yield f"{at}{name}"


def _learns(module: nn.Module) -> bool:
    return any(True for _ in module.parameters())


def _order(net: nn.Module, head: nn.Module, x: Tensor) -> tuple[tuple[str, ...], ...]:
    """Stages as names of modules, in the order in which a picture meets them.

    A single layer joins the stage before it, unless it stands in a list: norms their block, opening layers each other.
    """
    seen: dict[str, None] = {}  # keeps the order
    hooks = [
        module.register_forward_pre_hook(lambda *_, name=name: seen.setdefault(name))
        for name in _units(net, head)
        for module in net.get_submodule(name).modules()
    ]
    net(x)
    for hook in hooks:
        hook.remove()
    stages: list[list[str]] = []
    for name in seen:
        single = not any(_learns(child) for child in net.get_submodule(name).children())
        if stages and single and name.split(".")[-2:-1] not in [[opened] for opened in _OPENED]:
            stages[-1].append(name)
        else:
            stages.append([name])
    return tuple(tuple(names) for names in stages)


@register("timm/")
def timm_net(classes: int, channels: int, height: int, width: int, model: str, **options: Any) -> TimmNet:
    """timm's network of this name; the options are handed on to `timm.create_model` as they are.

    But for `pool`, one of layers.pooling, which is timm's `global_pool`, and `enlarge`, a whole number, for `TimmNet`.
    """
    import timm  # here: it takes a second, and every command that makes a network would wait for it

    for option in _OURS:
        if option in options:
            raise MienError(f"model.options.{option}: set by the recipe's model.weights, heads and input")
    enlarge = options.pop("enlarge", 1)
    if not isinstance(enlarge, int) or enlarge < 1:
        raise MienError(f"model.options.enlarge = {enlarge!r}: a whole number of times, 1 or more")
    if "pool" in options:
        options = _pooling(options)
    if not timm.is_model(model):
        near = difflib.get_close_matches(model, timm.list_models(), n=3)
        hint = f"did you mean {' or '.join(f'timm/{name}' for name in near)}?" if near else "see timm.list_models()"
        raise MienError(f"unknown architecture 'timm/{model}'; {hint}")
    created = {"num_classes": classes, "in_chans": channels, **options}
    created = _fitting(model, created, (channels, enlarge * height, enlarge * width))
    return TimmNet(timm.create_model(model, **created), model, created, (channels, height, width), enlarge)


def _pooling(options: dict[str, Any]) -> dict[str, Any]:
    """The options with timm's word for ours.

    Raises:
        MienError: a way of pooling that there is not, or two of them.
    """
    check_pool(options["pool"])
    if "global_pool" in options:
        raise MienError("model.options.pool and model.options.global_pool mean the same; leave one out")
    rest = {key: value for key, value in options.items() if key != "pool"}
    return rest | {"global_pool": _POOLS[options["pool"]]}


def _fitting(model: str, created: dict[str, Any], shape: tuple[int, int, int]) -> dict[str, Any]:
    """What to make a network with so that it takes such pictures and answers from its map, tried without memory.

    Raises:
        MienError: options or pictures that it does not take.
    """
    sized = {**created, "img_size": shape[1:]}
    error: Exception | None = None
    for settings in (sized, created):  # networks without places take no size
        try:
            if not _class_token(model, settings, shape) or "global_pool" in created:
                return settings
        except TypeError as unknown:
            error = unknown
            continue
        except (AssertionError, RuntimeError, ValueError) as unfit:
            raise MienError(f"timm/{model} with pictures of {shape[1]} x {shape[2]}: {_line(unfit)}") from unfit
        for pooling in _AVERAGED:
            try:
                _class_token(model, settings | pooling, shape)
            except (TypeError, AssertionError):
                continue
            return settings | pooling
        return settings
    raise MienError(f"model.options of timm/{model}: {_line(error)}")


def _class_token(model: str, settings: dict[str, Any], shape: tuple[int, int, int]) -> bool:
    """Whether a network puts tokens before those of the picture; raises what timm raises."""
    import timm

    with torch.device("meta"), torch.no_grad():
        net: Any = timm.create_model(model, **settings).eval()
        made = net.forward_features(torch.zeros(1, *shape))
    if not isinstance(made, Tensor):
        raise MienError(f"timm/{model} makes more than one feature map; take another network")
    return made.ndim == 3 and bool(getattr(net, "num_prefix_tokens", 0))


def _line(error: Exception | None) -> str:
    return " ".join(str(error).split())
