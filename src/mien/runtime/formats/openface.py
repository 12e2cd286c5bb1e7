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


def columns(header: Header) -> tuple[str, ...]:
    """Leading columns, `AU.._r`, `AU.._c`, then what OpenFace lacks: emotions, affect, probabilities and `input`.

    `_r`, intensity, is there for units whose intensity the model says, and `_c`, presence, for those whose
    probability it says, as OpenFace's own AU28 has `_c` alone: a probability is no intensity.
    """
    units = (*(f"{unit}_r" for unit in header.intensity), *(f"{unit}_c" for unit in header.action_units))
    probabilities = [f"{unit}_p" for unit in header.action_units]
    return (*LEADING, *units, *EMOTIONS, *(AFFECT if header.affect else ()), *probabilities, "input")


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
            if row["face"] is not None:
                out |= units_of(faces, row["face"])
            yield out


def units_of(faces: Faces, i: int) -> dict[str, float | int | None]:
    """Face i's `_r` in 0..5, `_c` by the model's thresholds, and `_p` in 0..1; None where a value is not known."""
    strong = {f"{unit}_r": _known(values[i]) for unit, values in faces.intensity.items()}
    likely = {f"{unit}_p": _known(values[i]) for unit, values in faces.action_units.items()}
    there = {
        f"{unit}_c": None if likely.get(f"{unit}_p") is None else int(values[i])
        for unit, values in (faces.shown or {}).items()
    }
    return {**strong, **there, **likely}


def _known(value: float) -> float | None:
    return None if value != value else float(value)  # NaN alone differs from itself


@table_format("openface", "CSV with OpenFace 2's columns, frames from 1")
def make(path: Path | None, header: Header, mark: Mark | None = None) -> CsvWriter:
    return CsvWriter(path, columns(header), OpenFaceRows(mark["results"] if mark else 0), mark)
