"""The ModelSpec in a .safetensors file's header, exchanged without torch: the weights' bytes stay as they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from mien.errors import MienError
from mien.model_spec import METADATA_KEY, ModelSpec
from mien.runtime.weights_header import header_of
from mien.whole_file import whole_file

_ALIGNMENT = 8
"""Weights start at a multiple of this many bytes, as the format's own writer has it."""


def write_spec(source: str | Path, target: str | Path, spec: ModelSpec) -> None:
    """Write the file `source` as `target` with this ModelSpec in its header; both may be the same file.

    The target is replaced at once or not at all.

    Raises:
        MienError: a file that cannot be read, is no .safetensors file, or cannot be written.
    """
    source, target = Path(source), Path(target)
    try:
        header, begin = header_of(source)
        header.setdefault("__metadata__", {})[METADATA_KEY] = spec.to_json(indent=None)
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        text += b" " * (-len(text) % _ALIGNMENT)
        with whole_file(target) as part, source.open("rb") as file:  # which may be one, and is closed first
            file.seek(begin)
            with part.open("wb") as out:
                out.write(len(text).to_bytes(8, "little") + text)
                shutil.copyfileobj(file, out)
    except OSError as error:
        place = error.filename or target
        raise MienError(f"{place}: {error.strerror or error}; check the path") from error
