"""The interface of OpenDR's facial emotion learner, for scripts that were written for it; see docs/opendr.md.

`import mien.opendr` loads nothing heavy; the learner and its data sets need `pip install 'mien[train]'`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["Category", "FacialEmotionLearner", "Image", "datasets"]

if TYPE_CHECKING:
    from mien.lab.opendr.category import Category
    from mien.lab.opendr.image import Image
    from mien.lab.opendr.learner import FacialEmotionLearner
    from mien.opendr import datasets

_WHERE = {
    "Category": "mien.lab.opendr.category",
    "FacialEmotionLearner": "mien.lab.opendr.learner",
    "Image": "mien.lab.opendr.image",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "datasets":
        return import_module("mien.opendr.datasets")
    if name not in _WHERE:
        raise AttributeError(f"module 'mien.opendr' has no attribute {name!r}")
    from mien.errors import needing

    with needing("mien.opendr", "train"):
        module = import_module(_WHERE[name])
    value = globals()[name] = getattr(module, name)
    return value
