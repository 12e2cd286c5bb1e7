"""OpenFace 2's columns, as its FeatureExtraction writes them for a sequence; emotions stand behind them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mien.faces import Faces
from mien.labels import AFFECT, EMOTIONS
from mien.runtime.formats.csv import CsvWriter
from mien.runtime.formats.registry import Header, Mark, table_format
from mien.table import rows

LEADING = ("frame", "face_id", "timestamp", "confidence", "success")
INTENSITY_MAX = 5.0
"""OpenFace's `_r` columns run from 0 to 5, ours from 0 to 1."""


def columns(header: Header) -> tuple[str, ...]:
    """Leading columns, `AU.._r`, `AU.._c`, then emotions, affect and `input`, which OpenFace lacks."""
    units = (*(f"{unit}_r" for unit in header.action_units), *(f"{unit}_c" for unit in header.action_units))
    return (*LEADING, *units, *EMOTIONS, *(AFFECT if header.affect else ()), "input")


class OpenFaceRows:
    """Frames count from 1; a list of pictures is a sequence of frames at time 0, as OpenFace has it."""

    def __init__(self, before: int = 0) -> None:
        self._pictures = before

    def __call__(self, faces: Faces) -> Iterator[dict[str, Any]]:
        self._pictures += 1
        for row in rows(faces):
            out = dict(row)
            out["frame"] = self._pictures if faces.frame is None else faces.frame + 1
            out["face_id"] = row["track"] if row["track"] is not None else row["face"] or 0
            out["timestamp"] = row["time"] or 0.0
            # OpenFace's confidence is the tracker's in the face, ours in the emotion; nothing found is 0
            out["confidence"] = row["FaceScore"] or 0.0
            for unit, values in faces.action_units.items():
                value = None if row["face"] is None else float(values[row["face"]])
                out[f"{unit}_r"] = None if value is None else INTENSITY_MAX * value
                out[f"{unit}_c"] = None if value is None else int(value >= 0.5)
            yield out


@table_format("openface", "CSV with OpenFace 2's columns, frames from 1")
def make(path: Path | None, header: Header, mark: Mark | None = None) -> CsvWriter:
    return CsvWriter(path, columns(header), OpenFaceRows(mark["results"] if mark else 0), mark)
