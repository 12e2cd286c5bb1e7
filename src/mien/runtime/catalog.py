"""The models that come with mien or were pulled, and finding one by name or path."""

from __future__ import annotations

from pathlib import Path

from mien.errors import MienError

DEFAULT = "small"
DEFAULT_GENERATOR = "ganmut-fer2013"
_WEIGHTS = Path(__file__).parent.parent / "weights"


def bundled() -> dict[str, Path]:
    """Name -> file of every model in the package, the default first."""
    found = {path.stem: path for path in sorted(_WEIGHTS.glob("*.onnx"))}
    return {name: found[name] for name in sorted(found, key=lambda name: (name != DEFAULT, name))}


def generators() -> dict[str, Path]:
    """Name -> file of every generator of expressions in the package."""
    return {path.stem: path for path in sorted((_WEIGHTS / "generators").glob("*.onnx"))}


def packaged() -> dict[str, Path]:
    """Name -> file of all that comes with mien: models, then generators."""
    return bundled() | generators()


def pulled() -> dict[str, Path]:
    """Name -> file of every model that `mien models pull` put into the cache, the .onnx where there is one."""
    from mien.runtime.downloads import downloads, folder

    found: dict[str, Path] = {}
    for name in downloads():
        for suffix in (".onnx", ".safetensors"):
            path = folder(name) / f"{name}{suffix}"
            if path.is_file():
                found.setdefault(name, path)
    return found


def find(model: str) -> Path:
    """The ONNX file of a bundled name, of a pulled one, or of a path to one; a bundled name comes first.

    Raises:
        MienError: none of these; the bundled names are listed.
    """
    models = bundled()
    if model in (own := packaged()):
        return own[model]
    if (kept := pulled().get(model)) is not None:
        if kept.suffix == ".onnx":
            return kept
        raise MienError(f"{model}: pulled without an .onnx file; `mien export {kept}` makes one")
    path = Path(model)
    if path.suffix.lower() == ".onnx":
        if path.is_file():
            return path
        raise MienError(f"{model}: no such model file; check the path")
    names = ", ".join(models) or "none in this build"
    if path.exists():
        raise MienError(f"{model}: not an .onnx file; export it with `mien export`, or name a bundled model: {names}")
    if _is_download(model):
        raise MienError(f"{model}: published weights that are not here yet; `mien models pull {model}` fetches them")
    raise MienError(f"unknown model {model!r}: give an .onnx file or a bundled model: {names}")


def _is_download(name: str) -> bool:
    from mien.runtime.downloads import downloads

    return name in downloads()
