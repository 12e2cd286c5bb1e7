"""The ModelSpec in a .safetensors file's header, exchanged without torch: the weights' bytes stay as they are."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

from mien.errors import MienError
from mien.model_spec import METADATA_KEY, ModelSpec

_ALIGNMENT = 8
"""Weights start at a multiple of this many bytes, as the format's own writer has it."""


def write_spec(source: str | Path, target: str | Path, spec: ModelSpec) -> None:
    """Write the file `source` as `target` with this ModelSpec in its header; both may be the same file.

    The target is replaced at once or not at all.

    Raises:
        MienError: a file that cannot be read, is no .safetensors file, or cannot be written.
    """
    source, target = Path(source), Path(target)
    part = target.with_name(target.name + ".part")
    try:
        with source.open("rb") as file:
            header = _header(file.read(8), file.read, source)
            header.setdefault("__metadata__", {})[METADATA_KEY] = spec.to_json(indent=None)
            text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
            text += b" " * (-len(text) % _ALIGNMENT)
            target.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as out:
                out.write(len(text).to_bytes(8, "little") + text)
                shutil.copyfileobj(file, out)
        part.replace(target)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        place = error.filename or target
        raise MienError(f"{place}: {error.strerror or error}; check the path") from error


def _header(length: bytes, read: object, path: Path) -> dict[str, dict[str, str]]:
    """The JSON at the file's start."""
    assert callable(read)
    size = int.from_bytes(length, "little")
    try:
        found = json.loads(read(size)) if 0 < size <= path.stat().st_size else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise MienError(f"{path}: not a safetensors file; copy or train it again")
    return found
