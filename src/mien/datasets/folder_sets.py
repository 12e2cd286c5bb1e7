"""Published data sets that are folders of pictures, known by the names in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mien.datasets import (
    affectnet_arrays,
    affectnet_csv,
    affectnet_folders,
    bp4d,
    ck48,
    ckplus,
    disfa,
    emotionet,
    jaffe,
    rafdb,
    unit_csv,
)
from mien.datasets.source import Source
from mien.errors import MienError

READERS = (
    ckplus, rafdb, affectnet_folders, affectnet_arrays, disfa, bp4d, affectnet_csv, emotionet, unit_csv, ck48, jaffe,
)  # fmt: skip
"""Modules with `source(root, readings) -> Source | None`; those known by their folders come before those by names."""


def recognised(root: Path, readings: Mapping[str, str]) -> Source | None:
    """The data set that a folder is, or None.

    Raises:
        MienError: one that is incomplete, or readings that it does not have.
    """
    for reader in READERS:
        found: Source | None = reader.source(root, readings)
        if found is not None:
            check_readings(root, readings, found.readings)
            return found
    return None


def check_readings(path: Path, readings: Mapping[str, str], known: tuple[str, ...] = ()) -> None:
    """Raise MienError for a reading that a set does not have."""
    for key in readings:
        if key not in known:
            raise MienError(f"{path}: {key}={readings[key]}: {', '.join(known) or 'no such setting'} for this data set")
