"""GANmut's generators as their authors saved them: a bare state dict, BGR, emotions in AffectNet's order."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from mien.errors import MienError
from mien.lab.gan.generator import ARCHITECTURES, Generator
from mien.lab.gan.space_facts import space_facts
from mien.lab.importers.checkpoint_file import State, check_keys
from mien.lab.importers.imported import Imported, Options
from mien.labels import CODES, EMOTIONS
from mien.model_spec import ModelSpec
from mien.runtime.expression_space import NEUTRAL

SIZE = 128
_AFFECTNET = tuple(CODES["affectnet"][code] for code in range(len(EMOTIONS)))


def convert(state: State, path: Path, options: Options) -> Imported:
    """Of 2-D or 3-D codes, linear or Gaussian, of any width.

    Raises:
        MienError: a key that is missing, unknown or of another shape.
    """
    space = "linear" if "axes.weight" in state else "gaussian"
    place = "axes.weight" if space == "linear" else "mu.weight"
    for key, ndim in (("main.0.weight", 4), (place, 2)):
        if key not in state or state[key].ndim != ndim:
            told = f"is {tuple(state[key].shape)}" if key in state else "is missing"
            raise MienError(f"{path}: {key} {told}; not the weights of a generator of GANmut")
    rows, dims = state[place].shape
    emotions = _AFFECTNET[: rows + 1 if space == "linear" else rows]
    ours = tuple(name for name in EMOTIONS if name in emotions)
    width = state["main.0.weight"].shape[0]
    blocks = sum(key.endswith(".main.0.weight") for key in state)
    if dims not in (2, 3) or not 2 <= len(emotions) <= len(EMOTIONS):
        raise MienError(f"{path}: {place} is {tuple(state[place].shape)}; expected one row an emotion, 2 or 3 columns")
    covariance = "sum" if space == "gaussian" and dims == 3 else "product"
    net = Generator(space, dims, ours, width, blocks, covariance=covariance)
    _check(state, net, path, len(emotions))
    net.load_state_dict(_turned(state, net, emotions, bgr=options.channel_order != "rgb"))
    chosen = {"dims": (dims, 2), "conv_dim": (width, 64), "blocks": (blocks, 6), "emotions": (ours, EMOTIONS[:7])}
    chosen |= {"covariance": (covariance, "product")}
    half = (0.5,) * 3
    spec = ModelSpec(
        name="",
        architecture=ARCHITECTURES[space],
        heads=(),
        height=SIZE,
        width=SIZE,
        colour="rgb",
        mean=half,
        std=half,
        architecture_options={key: value for key, (value, usual) in chosen.items() if value != usual},
        training={"data": "AffectNet", "published": "GANmut"},
        space=space_facts(net.space),
    )
    return Imported(net, spec)


def _check(state: State, net: Generator, path: Path, k: int) -> None:
    """The published keys: those of `main`, running averages that nobody used, and the space under other names."""
    dims = net.space.dims
    main = {key: tuple(value.shape) for key, value in net.state_dict().items() if key.startswith("main.")}
    averages: dict[str, tuple[int, ...]] = {}
    for key, shape in main.items():
        if key.endswith(".bias"):
            norm = key.removesuffix("bias")
            averages |= {f"{norm}running_mean": shape, f"{norm}running_var": shape, f"{norm}num_batches_tracked": ()}
    if "axes.weight" in state:
        extra = {"axes.weight": (k - 1, dims), "axes.bias": (k - 1,)}
    elif dims == 2:
        extra = {"mu.weight": (k, 2), "covariance_axes.weight": (k, 2), "covariance_angles.weight": (1, k)}
    else:
        extra = {"mu.weight": (k, 3), "covariances_list.weight": (3, 3 * k)}
    what = f"a {'linear' if 'axes.weight' in state else 'Gaussian'} generator of GANmut, {dims}-D"
    check_keys(state, {**main, **extra}, path, what, optional=averages)


def _turned(state: State, net: Generator, emotions: tuple[str, ...], bgr: bool) -> dict[str, Tensor]:
    """Keys of our own, RGB on both ends, emotions in our order."""
    made = {key: state[key].clone() for key in net.state_dict() if key.startswith("main.")}
    if bgr:
        first, last = "main.0.weight", max((k for k in made if made[k].ndim == 4), key=lambda k: int(k.split(".")[1]))
        made[first][:, :3] = made[first][:, :3].flip(1)
        made[last] = made[last].flip(0)
    order = [emotions.index(name) for name in net.space.emotions]
    if "axes.weight" in state:
        rows = [place - 1 for place, name in zip(order, net.space.emotions, strict=True) if name != NEUTRAL]
        return made | {f"space.axes.{part}": state[f"axes.{part}"][rows] for part in ("weight", "bias")}
    made["space.means"] = state["mu.weight"][order]
    if net.space.dims == 2:
        made["space.angles"] = state["covariance_angles.weight"][0, order]
        made["space.lengths"] = state["covariance_axes.weight"][order]
    else:  # the published blocks of neighbours overlap: each starts one column behind the last
        blocks = state["covariances_list.weight"]
        made["space.blocks"] = torch.stack([blocks[:, place : place + 3] for place in order])
    return made
