"""OpenDR's module of data sets: AffectNet prepared, and read for torch's DataLoader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mien.datasets.affectnet_prepare import pre_process_affect_net

__all__ = ["AffectNetCategorical", "AffectNetDimensional", "pre_process_affect_net"]

if TYPE_CHECKING:
    from mien.lab.opendr.affectnet_sets import AffectNetCategorical, AffectNetDimensional


def __getattr__(name: str) -> Any:
    if name not in ("AffectNetCategorical", "AffectNetDimensional"):
        raise AttributeError(f"module 'mien.opendr.datasets' has no attribute {name!r}")
    from mien.errors import needing

    with needing("mien.opendr.datasets", "train"):
        from mien.lab.opendr import affectnet_sets

    return getattr(affectnet_sets, name)
