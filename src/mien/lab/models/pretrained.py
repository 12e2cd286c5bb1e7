"""`model.weights`: a fresh network's trunk from ImageNet's published weights, or from a file of such weights.

"imagenet" means torchvision's first published file (IMAGENET1K_V1) or timm's own, fetched by their loaders into
their cache and held against the hash in its name; the name of a package of `carried.CARRIED` means the weights that it
carries. The head stays fresh; with one colour the first convolution's kernels are summed over three.
"""

from __future__ import annotations

import contextlib
import pickle
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlparse

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from mien.errors import MienError
from mien.lab.models.carried import CARRIED, carried_file, timm_names
from mien.lab.models.face_net import FaceNet
from mien.lab.models.timm_net import TimmNet
from mien.lab.models.torchvision_net import TorchvisionNet, sum_colours

IMAGENET = "imagenet"
WITHOUT_FACES = frozenset({IMAGENET, *CARRIED})
"""Words for weights that bring no head for faces."""
TRUNKS = MappingProxyType(
    {
        "cbam_resnet50": "resnet50",
        "bam_resnet50": "resnet50",
        "resmasking": "resnet34",
        "resmasking_dropout1": "resnet34",
    }
)
"""Networks that stand on one of torchvision's, key for key; what they add to it stays fresh."""
_OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12])\.")
_COUNTER = "num_batches_tracked"  # files from before torch 0.4.1 lack it


def start_from_published(net: FaceNet, name: str, weights: str) -> list[str]:
    """Load published weights into a fresh network.

    Args:
        name: the architecture's.
        weights: "imagenet", a package that carries such weights, or a .pth or .safetensors file with torchvision's,
            timm's or the network's own keys.

    Returns:
        The keys that were left as they were initialised: the heads', where they say something else.

    Raises:
        MienError: weights that cannot be had, or a key that does not fit.
    """
    if weights == IMAGENET:
        source, found = f"model.weights = {IMAGENET!r}", _published(net, name)
    elif weights in CARRIED:
        source, found = f"model.weights = {weights!r}", read_weights(carried_file(weights, name))
        assert isinstance(net, TimmNet)
        found = timm_names(found, tuple(len(stage) for stage in net.net.blocks))
    else:
        source, found = f"model.weights = {weights!r}", read_weights(Path(weights))
    theirs = isinstance(net, TorchvisionNet | TimmNet) and found.keys().isdisjoint(net.state_dict())
    prefix = "net." if theirs else ""  # a run's own keys have it already
    tensors = {prefix + _OLD_DENSENET.sub(r"\1\2.", key): tensor for key, tensor in found.items()}
    if weights == IMAGENET and name in TRUNKS:
        own = net.state_dict()
        tensors = {key: tensor for key, tensor in tensors.items() if not key.startswith("fc.")}
        _fill(net, {**own, **tensors}, source, fresh_head=True)
        return [key for key in own if key not in tensors]
    return _fill(net, tensors, source, fresh_head=weights in WITHOUT_FACES)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors file or of a .pth that holds nothing else, at its top or in its `state_dict`.

    Raises:
        MienError: no such file, or one that cannot be read.
    """
    try:
        if path.suffix == ".safetensors":
            held: Any = load_file(path)
        else:
            held = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise MienError(
            f"model.weights = {str(path)!r}: no such file; it is a file, {IMAGENET!r} or a package, one of"
            f" {', '.join(CARRIED)}"
        ) from error
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, OSError, EOFError) as error:
        raise MienError(f"{path}: not a whole file of weights ({_line(error)})") from error
    if isinstance(held, Mapping) and isinstance(held.get("state_dict"), Mapping):
        held = held["state_dict"]
    if not isinstance(held, Mapping) or not all(isinstance(tensor, Tensor) for tensor in held.values()):
        raise MienError(f"{path}: holds more than tensors; save the network's state_dict alone")
    return {str(key).removeprefix("module."): tensor for key, tensor in held.items()}


def _fill(net: FaceNet, tensors: dict[str, Tensor], source: str, *, fresh_head: bool) -> list[str]:
    own = net.state_dict()
    head, sides = net.head_keys(), net.side_keys()
    first = next((key for key, tensor in own.items() if tensor.ndim == 4), "")
    loaded: dict[str, Tensor] = {}
    for key, tensor in tensors.items():
        if key not in own:
            if key.startswith(("net.aux1.", "net.aux2.", "net.AuxLogits.")):
                continue  # side heads that this recipe does without
            raise MienError(f"{source}: holds {key}, which this network lacks")
        if key == first and tensor.ndim == 4 and tensor.shape[1] == 3 != own[key].shape[1]:
            tensor = sum_colours(tensor, own[key].shape[1])
        if key in head and fresh_head:
            continue
        if tensor.shape != own[key].shape:
            if key in head | sides:
                continue
            raise MienError(f"{source}: {key} is {tuple(tensor.shape)}, this network's is {tuple(own[key].shape)}")
        loaded[key] = tensor
    for key in own:
        if key not in tensors and key not in head | sides and not key.endswith(_COUNTER):
            raise MienError(f"{source}: lacks {key}")
    if len(loaded.keys() & head) < len(head):  # a matrix without its bias would be neither
        loaded = {key: tensor for key, tensor in loaded.items() if key not in head}
    net.load_state_dict(loaded, strict=False)
    return [key for key in own if key not in loaded and not key.endswith(_COUNTER)]


def _published(net: FaceNet, name: str) -> dict[str, Tensor]:
    if isinstance(net, TimmNet):
        return _from_timm(net)
    name = TRUNKS.get(name, name)
    if not isinstance(net, TorchvisionNet) and name not in TRUNKS.values():
        raise MienError(f"model.weights = {IMAGENET!r}: none are published for {name}; name a file of weights")
    from torchvision.models import get_model_weights

    weights = get_model_weights(name)["IMAGENET1K_V1"]
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    file = folder / Path(urlparse(weights.url).path).name
    try:
        with contextlib.redirect_stdout(sys.stderr):  # torch says there what it fetches; --json keeps its output
            tensors: dict[str, Tensor] = weights.get_state_dict(
                progress=False, check_hash=True, map_location="cpu", weights_only=True
            )
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise MienError(
            f"model.weights = {IMAGENET!r}: {weights.url} cannot be had ({_line(error)});"
            f" put it whole at {file}, or set model.weights to a file"
        ) from error
    return tensors


def _from_timm(net: TimmNet) -> dict[str, Tensor]:
    import timm
    from timm.models import set_pretrained_check_hash

    set_pretrained_check_hash(True)
    facts = timm.get_pretrained_cfg(net.name)
    where = (facts and (facts.hf_hub_id or facts.url)) or "nowhere"
    try:
        with contextlib.redirect_stdout(sys.stderr):
            published = timm.create_model(net.name, pretrained=True, **net.created)
    except Exception as error:  # whatever the hub's client and its transport raise
        raise MienError(
            f"model.weights = {IMAGENET!r}: timm's weights of {net.name} ({where}) cannot be had ({_line(error)});"
            f" set model.weights to a file of them"
        ) from error
    return dict(published.state_dict())


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
