"""Rows to leave out, as `mien data audit` or a person wrote them into a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.face_set import FaceSet
from mien.errors import MienError


def read_exclusions(path: str | Path, n: int) -> NDArray[np.bool_]:
    """(n,) which rows a findings file names.

    Args:
        path: CSV with a column `row`, rows counting from 0 in the data set's own order; other columns are
            not looked at.
        n: rows of the data set.

    Raises:
        MienError: no such file, no column `row`, or a row that the data set does not have, with its line.
    """
    out = np.zeros(n, np.bool_)
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if "row" not in (reader.fieldnames or []):
                raise MienError(f"{path}: line 1 has no column `row`; give findings.csv of `mien data audit`")
            for record in reader:
                text = (record["row"] or "").strip()
                if not text.isdecimal() or int(text) >= n:
                    raise MienError(
                        f"{path}: line {reader.line_num}: row {text!r} is none of 0..{n - 1}; "
                        "is it of another data set?"
                    )
                out[int(text)] = True
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}; check --exclude") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise MienError(f"{path}: not a CSV text file; give findings.csv of `mien data audit`") from error
    return out


def without_excluded(faces: FaceSet, path: str | Path | None) -> FaceSet:
    """The rows that a findings file does not name; all of them without one.

    Raises:
        MienError: as for `read_exclusions`, or no rows left.
    """
    if not path:
        return faces
    kept = ~read_exclusions(path, len(faces))
    if not kept.any():
        raise MienError(f"{path}: names every row of {faces.name}; exclude fewer rows")
    return faces.select(kept)
