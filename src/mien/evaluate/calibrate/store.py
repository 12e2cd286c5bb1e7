"""Where a calibration is kept: in the ModelSpec of the model's own file, or of a copy."""

from __future__ import annotations

from pathlib import Path

from mien.digest import digest_of
from mien.errors import MienError
from mien.model_spec import ModelSpec
from mien.runtime import spec_in_onnx, spec_in_safetensors
from mien.runtime.catalog import bundled, find, pulled
from mien.whole_file import write_whole

_PREFERRED = ("final", "best", "last")
"""As `mien.lab.predict` opens a run, which is not asked here because it needs torch."""


def target_of(model: str | Path, out: str | Path | None) -> tuple[Path, Path]:
    """The file that holds the model, and the one to be written.

    Raises:
        MienError: no such model, an ending that does not fit, or one that came with mien or was pulled, and no `out`.
    """
    name = str(model)
    kept = name in bundled() or name in pulled()
    source = (pulled().get(name) or find(name)) if kept else _file_of(Path(model))
    if out is None:
        if kept:
            raise MienError(
                f"{name}: the files that mien brought or pulled stay as they are; add --out FILE{source.suffix}"
            )
        return source, source
    target = Path(out)
    if target.suffix.lower() != source.suffix.lower():
        raise MienError(f"{target}: {name} is stored as {source.suffix}; end the name of --out so")
    return source, target


def store(model: str | Path, spec: ModelSpec, out: str | Path | None = None) -> Path:
    """Write the model with this ModelSpec; weights keep every bit. A run's model.json follows its weights.

    `mien export` takes the ModelSpec from the weights' file, so that an export made afterwards has the calibration.

    Returns:
        The file written.

    Raises:
        MienError: see `target_of`, or a file that cannot be written.
    """
    source, target = target_of(model, out)
    if source.suffix.lower() == ".onnx":
        spec_in_onnx.write_spec(source, target, spec)
        return target
    spec_in_safetensors.write_spec(source, target, spec.replace(sha256=""))
    beside = target.with_name("model.json")
    if out is None and beside.exists():
        facts = ModelSpec.from_file(beside)
        digest = digest_of(target)
        text = facts.replace(calibration=spec.calibration, sha256=digest).to_json()
        write_whole(beside, text)
    return target


def _file_of(path: Path) -> Path:
    if path.is_dir():
        for which in _PREFERRED:
            if (path / f"{which}.safetensors").exists():
                return path / f"{which}.safetensors"
        raise MienError(f"{path}: no weights in it; a run folder holds best, last or final.safetensors")
    if path.suffix.lower() == ".safetensors":
        return path
    return find(str(path))
