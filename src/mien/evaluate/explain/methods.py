"""The ways of making a heat map, told without torch."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mien.errors import MienError

METHODS: Mapping[str, str] = MappingProxyType({
    "cam": "Zhou et al. 2016",
    "grad-cam": "Selvaraju et al. 2017",
    "grad-cam++": "Chattopadhay et al. 2018",
    "saliency": "Simonyan et al. 2014",
    "smooth-grad": "Smilkov et al. 2017",
    "occlusion": "Zeiler and Fergus 2014",
})  # fmt: skip
"""Method -> its paper. `mien.lab.explain.registry` has each of them; a test holds them together."""
WITHOUT_TORCH = ("cam", "grad-cam", "grad-cam++", "occlusion")
"""What an .onnx file allows: closed forms on its last map, and asking again."""
OF_A_LAYER = ("grad-cam", "grad-cam++")
DEFAULT = "grad-cam"


def check_method(method: str, layer: str = "") -> None:
    """Raise MienError for a method that there is not, or a layer for one that has none."""
    if method not in METHODS:
        raise MienError(f"--method {method}: expected {', '.join(METHODS)}")
    if layer and method not in OF_A_LAYER:
        raise MienError(f"--layer {layer}: {method} looks at no layer; give it with {' or '.join(OF_A_LAYER)}")
