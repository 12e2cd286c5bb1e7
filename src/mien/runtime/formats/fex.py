"""py-feat's columns, as its `Fex` frames and `read_feat` know them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mien.datasets.units import STRONGEST
from mien.faces import Faces
from mien.labels import AFFECT, SEVEN
from mien.runtime.formats.csv import CsvWriter
from mien.runtime.formats.registry import Header, Mark, table_format
from mien.table import BOX, rows


def columns(header: Header) -> tuple[str, ...]:
    """Box, units, py-feat's seven emotions, then what only we have, `input` and `frame` last.

    Intensities stand beside no probabilities: `read_feat` takes every column with "AU" in its name for a unit.
    """
    affect = AFFECT if header.affect else ()
    units = header.action_units or header.intensity
    return (*BOX, *units, *SEVEN, "contempt", *affect, "input", "frame")


class FexRows:
    """Numbers pictures from 0, since py-feat counts every picture of a list as a frame.

    Units lie in 0..1 there: probabilities as they are, intensities of a model without any over their largest, 5.
    """

    def __init__(self, before: int = 0) -> None:
        self._pictures = before - 1

    def __call__(self, faces: Faces) -> Iterator[dict[str, Any]]:
        self._pictures += 1
        scaled = {} if faces.action_units else faces.intensity
        for row in rows(faces):
            for unit in scaled:
                row[unit] = None if row[unit] is None else row[unit] / STRONGEST
            yield row | {"frame": self._pictures if faces.frame is None else faces.frame}


@table_format("fex", "CSV with py-feat's columns")
def make(path: Path | None, header: Header, mark: Mark | None = None) -> CsvWriter:
    return CsvWriter(path, columns(header), FexRows(mark["results"] if mark else 0), mark)
