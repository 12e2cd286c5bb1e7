"""A folder that OpenDR's FacialEmotionLearner saved: a JSON beside the files of an ESR or ESR*."""

from __future__ import annotations

import json
from pathlib import Path

from mien.errors import MienError
from mien.lab.importers import esr
from mien.lab.importers.imported import Imported, Options

_KEYS = ("model_paths", "framework", "format")


def description(folder: Path) -> Path | None:
    """The folder's JSON, or None where there is none that describes a model."""
    for path in sorted(folder.glob("*.json")):
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError):
            continue
        if isinstance(told, dict) and set(_KEYS) <= set(told):
            return path
    return None


def convert(folder: Path, options: Options) -> Imported:
    """The network of the folder's files; whether it attends is seen by their keys.

    Raises:
        MienError: no JSON, an ONNX export, or files that do not fit.
    """
    path = description(folder)
    if path is None:
        raise MienError(f"{folder}: no JSON with {', '.join(_KEYS)}; OpenDR's save() writes one")
    told = json.loads(path.read_text(encoding="utf-8"))
    if told["format"] == "onnx" or told.get("optimized"):
        raise MienError(f"{path}: format {told['format']!r}; import the folder that save() wrote before optimize()")
    imported = esr.convert(folder, options)
    return imported._replace(spec=imported.spec.replace(training={**imported.spec.training, "published": "OpenDR"}))
