"""Where to train, and in which precision."""

from __future__ import annotations

import torch

from mien.errors import MienError


def pick_device(name: str) -> torch.device:
    """`auto` takes a GPU where there is one.

    Raises:
        MienError: a device that is not here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name not in ("cpu", "cuda"):
        raise MienError(f"--device {name}: expected auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise MienError("--device cuda: torch sees no GPU here; use --device cpu")
    return torch.device(name)


def pick_precision(name: str, device: torch.device) -> str:
    """`bf16` or `fp32`; `auto` takes bf16 where the device multiplies it faster than fp32."""
    if name != "auto":
        return name
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    return "bf16" if cpu_multiplies_bf16() else "fp32"


def cpu_multiplies_bf16() -> bool:
    """Whether this processor has instructions for it; one without is a hundred times slower in bf16 than in fp32."""
    names = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")  # torch has no public question for it
    return any(getattr(torch.cpu, name, lambda: False)() for name in names)
