"""The prepared folders of AffectNet as OpenDR's data sets read them: names hold the labels, a draw at most so large."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mien.datasets.affectnet import AUTOMATIC
from mien.datasets.affectnet_prepare_rows import FOLDERS
from mien.datasets.fer2013_splits import TRAINING, VALIDATION
from mien.errors import MienError

SETS = tuple(FOLDERS[split] for split in (TRAINING, AUTOMATIC, VALIDATION))
"""By OpenDR's idx_set: 0 labelled, 1 unlabelled, 2 validation."""


class Prepared(NamedTuple):
    """Pictures and what their names say.

    Attributes:
        paths: n of them.
        codes: (n,) AffectNet's, 0..10.
        affect: (n, 2) valence and arousal, -2 where they were not told.
    """

    paths: list[Path]
    codes: NDArray[np.int64]
    affect: NDArray[np.float32]


def read_names(root: Path, idx_set: int) -> Prepared:
    """All pictures of a set: folders by their numbers, pictures by their names.

    Raises:
        MienError: another number, no such folder, or a name that does not hold its labels.
    """
    if idx_set not in range(len(SETS)):
        raise MienError(f"idx_set {idx_set!r}: 0 (labelled), 1 (unlabelled) or 2 (validation)")
    folder = root / SETS[idx_set]
    if not folder.is_dir():
        raise MienError(f"{folder}: no such folder; `mien data prepare-affectnet` or pre_process_affect_net makes it")
    numbered = sorted((int(path.name), path) for path in folder.iterdir() if path.is_dir() and path.name.isdigit())
    paths = [picture for _, path in numbered for picture in sorted(path.glob("[!.]*.jpg"))]
    told = np.array([_labels(path) for path in paths], np.int64).reshape(-1, 3)
    return Prepared(paths, told[:, 0], (told[:, 1:] / 1000).astype(np.float32))


def draw(groups: NDArray[np.int64], most: int, seed: int | None) -> NDArray[np.int64]:
    """Rows of groups 0 or more, at most so many of each: shuffled by the seed, or with None the first ones in order."""
    order = np.arange(len(groups)) if seed is None else np.random.default_rng(seed).permutation(len(groups))
    kept = [order[groups[order] == group][:most] for group in np.unique(groups) if group >= 0]
    rows = np.concatenate(kept) if kept else np.zeros(0, np.int64)
    place = np.argsort(order)
    return np.asarray(rows[np.argsort(place[rows])], np.int64)


def _labels(path: Path) -> tuple[int, int, int]:
    try:
        _, code, valence, arousal = path.stem.split("s")
        return int(code), int(valence), int(arousal)
    except ValueError as error:
        raise MienError(
            f"{path}: its name does not hold its labels, as 0000012s3s653s-120.jpg does; rename or remove it"
        ) from error
