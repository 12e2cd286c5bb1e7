"""The header of a .safetensors file and the ModelSpec in it, read without torch and without its weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mien.errors import MienError
from mien.model_spec import METADATA_KEY, ModelSpec

_LONGEST = 100 << 20
"""Bytes that a header may have, as the format's own readers hold it."""


def spec_of(path: Path) -> ModelSpec:
    """The ModelSpec in the file's header, or in the model.json beside it.

    Raises:
        MienError: no such file, not a .safetensors file, or no ModelSpec.
    """
    try:
        header, _ = header_of(path)
    except OSError as error:
        raise MienError(f"{path}: {error.strerror}; check the path") from error
    text = (header.get("__metadata__") or {}).get(METADATA_KEY)
    if text is not None:
        return ModelSpec.from_json(text, str(path))
    beside = path.with_name("model.json")
    if beside.exists():
        return ModelSpec.from_file(beside)
    raise MienError(f"{path}: no ModelSpec in it and no model.json beside it; keep the run folder together")


def header_of(path: Path) -> tuple[dict[str, Any], int]:
    """The JSON at the file's start, and where the weights begin, in bytes.

    Raises:
        OSError: a file that cannot be read.
        MienError: not a .safetensors file.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        try:
            header = json.loads(file.read(length)) if 0 < length <= min(_LONGEST, path.stat().st_size) else None
        except ValueError:
            header = None
    if not isinstance(header, dict):
        raise MienError(f"{path}: not a safetensors file; copy or train it again")
    return header, 8 + length
