"""Published weights by their keys: which network they are, and a .safetensors file of our own made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mien.errors import MienError
from mien.lab.importers import esr, ganmut, opendr, resmasking
from mien.lab.importers.checkpoint_file import State, read_state
from mien.lab.importers.imported import Imported, Options, write
from mien.model_spec import ModelSpec

OF_FILES: dict[str, Callable[[State, Path, Options], Imported]] = {
    "resmasking": resmasking.convert,
    "ganmut": ganmut.convert,
}
OF_FOLDERS: dict[str, Callable[[Path, Options], Imported]] = {"esr": esr.convert, "opendr": opendr.convert}
IMPORTERS = (*OF_FILES, *OF_FOLDERS)
KNOWN = "ResMaskingNet's checkpoints, GANmut's generators, a folder with ESR's files or OpenDR's"


def import_weights(
    path: Path,
    out: Path,
    *,
    name: str = "",
    importer: str = "",
    options: Options | None = None,
    licence: str = "as its publisher says; not given",
    source: str = "",
) -> ModelSpec:
    """Turn published weights into a .safetensors file; what they are is seen by their keys.

    Args:
        path: a checkpoint, or a folder of them.
        out: the file that is written.
        name: the model's; that of `out` by default.
        importer: one of IMPORTERS; recognised by default.
        source: where the weights were published; their path by default.

    Raises:
        MienError: weights that are none of the known ones, or do not fit, naming the key.
    """
    options = options or Options()
    options.check()
    if path.is_dir():
        folder = _inner(path)
        importer = importer or recognise_folder(folder)
        imported = _of_folder(importer, folder)(folder, options)
        files = esr.files_in(folder)
    else:
        state = read_state(path)
        importer = importer or recognise(state, path)
        if importer not in OF_FILES:
            raise MienError(f"{path}: {importer} needs a folder: {esr.BASE}, {esr.BRANCH.format(1)} ...")
        imported, files = OF_FILES[importer](state, path, options), [path]
    return write(imported, files, out, name or out.stem, licence, source or str(path))


def recognise(state: State, path: Path) -> str:
    """Which importer a checkpoint is for, by its keys alone.

    Raises:
        MienError: none; with its first keys.
    """
    keys = set(state)
    if any(key.startswith("main.0.") for key in keys) and keys & {"axes.weight", "mu.weight"}:
        return "ganmut"
    if any(key.startswith("mask") and key.split(".")[0][4:].isdigit() for key in keys):
        return "resmasking"
    if {"conv1.weight", "bn1.weight"} <= keys and not any(key.startswith("layer") for key in keys):
        raise MienError(f"{path}: one of ESR's files; name the folder that holds the base and all branches")
    first = ", ".join(list(state)[:3])
    raise MienError(f"{path}: weights of an unknown network (its keys begin {first}); known: {KNOWN}")


def recognise_folder(folder: Path) -> str:
    """Which importer a folder is for."""
    return "opendr" if opendr.description(folder) else "esr"


def _inner(folder: Path) -> Path:
    """The folder, or the only one in it that has ESR's base: archives wrap their content."""
    if not (folder / esr.BASE).exists():
        inside = [path.parent for path in folder.glob(f"*/{esr.BASE}")]
        if len(inside) == 1:
            return inside[0]
    return folder


def _of_folder(importer: str, folder: Path) -> Callable[[Path, Options], Imported]:
    if importer not in OF_FOLDERS:
        raise MienError(f"{folder}: {importer} needs a file, not a folder")
    return OF_FOLDERS[importer]
