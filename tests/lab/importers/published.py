"""Checkpoints as their authors write them, made from the grammar of their keys and not from our own networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

Shapes = dict[str, tuple[int, ...]]
State = dict[str, Tensor]


def batch_norm(prefix: str, width: int) -> Shapes:
    names = ("weight", "bias", "running_mean", "running_var")
    return {**{f"{prefix}.{name}": (width,) for name in names}, f"{prefix}.num_batches_tracked": ()}


def filled(shapes: Shapes, seed: int = 0) -> State:
    """Numbers of a sensible size: kernels that keep a signal's scale, variances above zero."""
    generator = torch.Generator().manual_seed(seed)
    state: State = {}
    for key, shape in shapes.items():
        if key.endswith("num_batches_tracked"):
            state[key] = torch.tensor(7)
            continue
        drawn = torch.randn(shape, generator=generator)
        if key.endswith("running_var"):
            state[key] = 0.5 + drawn.abs()
        elif len(shape) > 1:
            state[key] = drawn * (1.5 / drawn[0].numel()) ** 0.5
        else:
            state[key] = 0.3 * drawn + (1 if ("bn" in key or ".1." in key) and key.endswith(".weight") else 0)
    return state


def esr_part(
    into: int, widths: Sequence[int], kernels: Sequence[int], heads: Sequence[int] = (), cbam: bool = False
) -> Shapes:
    """Of the base, or with `heads` (classes, then 2 for affect) of a branch."""
    shapes: Shapes = {}
    for i, (width, kernel) in enumerate(zip(widths, kernels, strict=True), 1):
        shapes |= {f"conv{i}.weight": (width, into, kernel, kernel), f"conv{i}.bias": (width,)}
        shapes |= batch_norm(f"bn{i}", width)
        into = width
        if cbam:
            hidden, gate = width // 16, f"cbam{i}.ChannelGate.mlp"
            shapes |= {f"{gate}.1.weight": (hidden, width), f"{gate}.1.bias": (hidden,)}
            shapes |= {f"{gate}.3.weight": (width, hidden), f"{gate}.3.bias": (width,)}
            shapes |= {f"cbam{i}.SpatialGate.spatial.conv.weight": (1, 2, 7, 7)}
            shapes |= batch_norm(f"cbam{i}.SpatialGate.spatial.bn", 1)
    for name, rows in zip(("fc", "fc_dimensional"), heads, strict=False):
        shapes |= {f"{name}.weight": (rows, into), f"{name}.bias": (rows,)}
        into = rows
    return shapes


def save_esr(
    folder: Path,
    branches: int = 3,
    base: Sequence[int] = (3, 4, 4, 4),
    branch: Sequence[int] = (4, 6, 6, 8),
    heads: Sequence[int] = (8, 2),
    channels: int = 3,
    cbam: bool = False,
) -> list[State]:
    """Write the files; returns what is in the base and in each branch."""
    folder.mkdir(parents=True, exist_ok=True)
    kernels = [5, *[3] * (len(base) - 1)]
    states = [filled(esr_part(channels, base, kernels, cbam=cbam))]
    torch.save(states[0], folder / "Net-Base-Shared_Representations.pt")
    for number in range(1, branches + 1):
        shapes = esr_part(base[-1], branch, [3] * len(branch), heads, cbam)
        states.append(filled(shapes, seed=number))
        torch.save(states[-1], folder / f"Net-Branch_{number}.pt")
    return states


def resmasking_shapes(stem: int = 64, layers: Sequence[int] = (3, 4, 6, 3), head: Shapes | None = None) -> Shapes:
    """All keys, the shortcuts of the masks under both of their names."""
    shapes: Shapes = {"conv1.weight": (stem, 3, 7, 7), **batch_norm("bn1", stem)}
    into = stem
    for stage, blocks in enumerate(layers, 1):
        wide = stem * 2 ** (stage - 1)
        for b in range(blocks):
            block = f"layer{stage}.{b}"
            shapes |= {f"{block}.conv1.weight": (wide, into, 3, 3), **batch_norm(f"{block}.bn1", wide)}
            shapes |= {f"{block}.conv2.weight": (wide, wide, 3, 3), **batch_norm(f"{block}.bn2", wide)}
            if into != wide:
                shapes |= {f"{block}.downsample.0.weight": (wide, into, 1, 1)}
                shapes |= batch_norm(f"{block}.downsample.1", wide)
            into = wide
    for number in range(1, 5):
        shapes |= mask_shapes(f"mask{number}", stem * 2 ** (number - 1), 5 - number)
    return shapes | (head or {"fc.1.weight": (7, 8 * stem), "fc.1.bias": (7,)})


def mask_shapes(mask: str, channels: int, depth: int) -> Shapes:
    shapes: Shapes = {}

    def block(n: int, into: int, out: int) -> None:
        conv, twin = f"{mask}.conv{n}", f"{mask}.downsample{n}"
        for name in (twin, f"{conv}.downsample"):
            shapes.update({f"{name}.0.weight": (out, into, 1, 1), **batch_norm(f"{name}.1", out)})
        shapes.update({f"{conv}.conv1.weight": (out, into, 3, 3), **batch_norm(f"{conv}.bn1", out)})
        shapes.update({f"{conv}.conv2.weight": (out, out, 3, 3), **batch_norm(f"{conv}.bn2", out)})

    for k in range(1, depth + 1):
        block(k, 2 ** (k - 1) * channels, 2**k * channels)
    for k in range(depth - 1, 0, -1):
        n, wide, narrow = 2 * depth - k, 2 ** (k + 1) * channels, 2**k * channels
        shapes |= {f"{mask}.up_pool{n}.0.weight": (wide, narrow, 2, 2), f"{mask}.up_pool{n}.0.bias": (narrow,)}
        shapes |= batch_norm(f"{mask}.up_pool{n}.1", narrow)
        block(n, wide, narrow)
    block(2 * depth, 2 * channels, channels)
    return shapes


def resmasking(**options: object) -> State:
    """Narrow by default; both names of a shortcut hold the same numbers."""
    shapes = resmasking_shapes(**({"stem": 4, "layers": (1, 1, 1, 1)} | options))  # type: ignore[arg-type]
    state = filled(shapes)
    for key in state:
        if ".downsample" in key and key.startswith("mask") and ".conv" not in key:
            mask, layer, rest = key.split(".", 2)
            state[key] = state[f"{mask}.conv{layer.removeprefix('downsample')}.downsample.{rest}"].clone()
    return state


def ganmut_shapes(extra: Shapes, dims: int = 2, width: int = 4, blocks: int = 6) -> Shapes:
    """The published generator's, running statistics of the norms included."""
    shapes: Shapes = {"main.0.weight": (width, 3 + dims, 7, 7), **batch_norm("main.1", width)}
    for at in (3, 6):
        width *= 2
        shapes |= {f"main.{at}.weight": (width, width // 2, 4, 4), **batch_norm(f"main.{at + 1}", width)}
    for b in range(9, 9 + blocks):
        for at in (0, 3):
            shapes |= {f"main.{b}.main.{at}.weight": (width, width, 3, 3)}
            shapes |= batch_norm(f"main.{b}.main.{at + 1}", width)
    for at in (9 + blocks, 12 + blocks):
        width //= 2
        shapes |= {f"main.{at}.weight": (2 * width, width, 4, 4), **batch_norm(f"main.{at + 1}", width)}
    return shapes | {f"main.{15 + blocks}.weight": (3, width, 7, 7)} | extra


SPACES: dict[tuple[str, int], Shapes] = {
    ("linear", 2): {"axes.weight": (6, 2), "axes.bias": (6,)},
    ("linear", 3): {"axes.weight": (6, 3), "axes.bias": (6,)},
    ("gaussian", 2): {"covariance_angles.weight": (1, 7), "covariance_axes.weight": (7, 2), "mu.weight": (7, 2)},
    ("gaussian", 3): {"covariances_list.weight": (3, 21), "mu.weight": (7, 3)},
}
