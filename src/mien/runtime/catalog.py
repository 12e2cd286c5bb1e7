"""The models that come with mien, and finding one by name or path."""

from __future__ import annotations

from pathlib import Path

from mien.errors import MienError

DEFAULT = "small"
_WEIGHTS = Path(__file__).parent.parent / "weights"


def bundled() -> dict[str, Path]:
    """Name -> file of every model in the package, the default first."""
    found = {path.stem: path for path in sorted(_WEIGHTS.glob("*.onnx"))}
    return {name: found[name] for name in sorted(found, key=lambda name: (name != DEFAULT, name))}


def find(model: str) -> Path:
    """The ONNX file of a bundled name, or of a path to one.

    Raises:
        MienError: neither; the bundled names are listed.
    """
    models = bundled()
    if model in models:
        return models[model]
    path = Path(model)
    if path.suffix.lower() == ".onnx":
        if path.is_file():
            return path
        raise MienError(f"{model}: no such model file; check the path")
    names = ", ".join(models) or "none in this build"
    if path.exists():
        raise MienError(f"{model}: not an .onnx file; export it with `mien export`, or name a bundled model: {names}")
    raise MienError(f"unknown model {model!r}: give an .onnx file or a bundled model: {names}")
