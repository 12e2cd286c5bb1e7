"""A generator by name, file or run, opened for editing; the lab exports a run first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mien.errors import MienError, needing

if TYPE_CHECKING:
    from mien.runtime.expression_editor import ExpressionEditor


def open_generator(model: str, *, threads: int | None = None) -> ExpressionEditor:
    """Open an .onnx file, a pulled name, or a run folder or .safetensors file by way of a temporary .onnx file.

    The editor's `path` of a run is gone when it is open; its `sha256` is that of the exported file.

    Raises:
        MienError: no such model, one that makes no faces, or none named and none bundled.
    """
    from mien.runtime.catalog import DEFAULT_GENERATOR, packaged
    from mien.runtime.expression_editor import ExpressionEditor

    model = model or (DEFAULT_GENERATOR if DEFAULT_GENERATOR in packaged() else "")
    if not model:
        raise MienError(
            "no generator comes with this build: give one as --model; train one with recipes/ganmut/, "
            "or fetch a published one with `mien models pull`"
        )
    path = Path(model)
    if model in packaged() or (path.suffix.lower() != ".safetensors" and not path.is_dir()):
        return ExpressionEditor(model, threads=threads)
    if not path.exists():
        raise MienError(f"{model}: no such file; check the path")
    with needing("editing with a run", "train"):
        from mien.lab.export.generator import export_generator
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "generator.onnx"
        export_generator(path, file)
        editor = ExpressionEditor(file, threads=threads)
        editor.sha256  # noqa: B018 - computed while the file is there
    return editor
