"""The pictures of AffectNet's later release, as they are prepared: faces already, with numbers of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.datasets import affectnet_arrays
from mien.datasets.affectnet_prepare_rows import Rows
from mien.datasets.decode import in_threads
from mien.datasets.listing import listed
from mien.errors import MienError
from mien.labels import CODES


def is_later_release(root: Path) -> bool:
    """Whether a folder has the later release's pictures and annotations in it."""
    return any((root / name / "annotations").is_dir() for name in affectnet_arrays.SPLITS)


def of_folder(root: Path, folder: str) -> Rows:
    """The pictures of the later release's train_set or val_set, sorted by number; they are faces already.

    Raises:
        MienError: no pictures.
    """
    names = [name.rpartition("/")[2] for name in listed(root, f"{folder}/images").names]
    if not names:
        raise MienError(f"{root}: no pictures in {folder}/images: unpack them there")
    names.sort(key=lambda name: (not _stem(name).isdecimal(), int(_stem(name)) if _stem(name).isdecimal() else 0, name))

    def values(name: str) -> tuple[float, float, float] | str:
        try:
            return _annotations(root / folder / "annotations", _stem(name))
        except (OSError, ValueError) as error:
            return f"{_stem(name)}_exp.npy and the like: {getattr(error, 'strerror', None) or error}"

    labels = np.full((len(names), 3), -1.0)
    wrong: dict[int, str] = {}
    for row, found in enumerate(in_threads(values, names)):
        if not _stem(names[row]).isdecimal():
            wrong[row] = "its name is no number"
        elif isinstance(found, str):
            wrong[row] = found
        elif found[0] not in CODES["affectnet"]:
            wrong[row] = f"expression {found[0]:g}, expected a number from 0 to {max(CODES['affectnet'])}"
        else:
            labels[row] = found
    return Rows(
        split=affectnet_arrays.SPLITS[folder],
        source=folder,
        folders=(str(root / folder / "images"),),
        number=np.array([-1 if row in wrong else int(_stem(name)) for row, name in enumerate(names)], np.int64),
        paths=names,
        codes=labels[:, 0].astype(np.int64),
        affect=labels[:, 1:],
        broken=wrong,
    )


def _annotations(folder: Path, stem: str) -> tuple[float, float, float]:
    """Emotion, valence and arousal of a picture, NaN for those of the last two that have no file."""
    found = []
    for what in ("exp", "val", "aro"):
        path = folder / f"{stem}_{what}.npy"
        found.append(float("nan") if what != "exp" and not path.exists() else affectnet_arrays.number(path))
    return found[0], found[1], found[2]


def _stem(name: str) -> str:
    return name.rpartition(".")[0]
