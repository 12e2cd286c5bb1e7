"""FER+: the votes of ten annotators, joined to FER2013's rows.

The image numbers in FER+'s files are not row numbers (they run up to 85 ahead of them), so the join goes
by position: row i of fer2013new.csv is row i of fer2013.csv.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mien.datasets.broken_rows import BrokenRows
from mien.datasets.cache import content_hash
from mien.datasets.csv_header import read_header
from mien.datasets.face_set import FaceSet
from mien.datasets.fer2013_splits import PRIVATE_TEST, PUBLIC_TEST, TEST, TRAINING
from mien.datasets.votes import distribution, from_ferplus_columns, majority
from mien.errors import MienError
from mien.labels import EMOTIONS, FERPLUS_COLUMNS, NOT_A_FACE, UNKNOWN, VOTE_COLUMNS, emotion

_USAGES = (TRAINING, PUBLIC_TEST, PRIVATE_TEST)
_MOST = 10  # annotators a face
_FEWEST_TO_COMPARE = 200
_LEAST_AGREEMENT = 0.4
"""FER2013's label and FER+'s majority agree on two faces in three or more; on shuffled rows, on one in five."""


@dataclass(frozen=True, slots=True)
class Votes:
    """The votes of n rows: usage (n,) str, votes (n, 10) int16 over `labels.VOTE_COLUMNS`."""

    usage: NDArray[np.str_]
    votes: NDArray[np.int16]


def is_votes(path: Path) -> bool:
    """Whether a CSV file is FER+'s fer2013new.csv."""
    header = read_header(path)
    return header.find("usage") is not None and header.find("pixels") is None and _columns(path) is not None


def is_label_csv(path: Path) -> bool:
    """Whether a CSV file is one of FER+'s label.csv, which have no header."""
    names = read_header(path).names
    return len(names) == 2 + _MOST and names[1].startswith("(") and names[2].isdigit()


def read_votes(path: Path) -> Votes:
    """fer2013new.csv: `Usage,Image name,neutral,...,contempt,unknown,NF`.

    Raises:
        MienError: another file, or broken rows, the first one named.
    """
    header = read_header(path)
    usage = header.find("usage")
    columns = _columns(path)
    if usage is None or columns is None:
        if is_label_csv(path):
            raise MienError(
                f"{path}: FER+'s label.csv, whose image numbers are not FER2013's rows: pass fer2013new.csv"
            )
        raise MienError(f"{path}: no votes of FER+ (columns Usage, neutral, ... NF): pass fer2013new.csv")
    broken = BrokenRows(path)
    usages: list[str] = []
    votes: list[list[int]] = []
    for row, (line, fields) in enumerate(_rows(path, header.delimiter, skip=1)):
        usages.append("")
        votes.append([0] * len(columns))
        if len(fields) != len(header.names):
            broken.add(row, f"{len(fields)} fields, expected {len(header.names)}", line)
            continue
        usages[-1] = fields[usage].strip()
        if usages[-1] not in _USAGES:
            broken.add(row, f"unknown Usage {usages[-1]!r}, expected {', '.join(_USAGES)}", line)
        counted = _counts([fields[column] for column in columns])
        if isinstance(counted, str):
            broken.add(row, counted, line)
        else:
            votes[-1] = counted
    broken.check()
    if not votes:
        raise MienError(f"{path}: a header and no rows: get the file again")
    return Votes(np.array(usages), np.array(votes, np.int16))


def read_label_csv(path: Path) -> tuple[list[str], NDArray[np.int16]]:
    """FER+'s label.csv: image names, and (n, 10) votes over `labels.VOTE_COLUMNS`.

    Its votes differ from fer2013new.csv's in some 1,600 rows, and its numbers are not FER2013's rows.
    """
    broken = BrokenRows(path)
    names: list[str] = []
    votes: list[list[int]] = []
    for row, (line, fields) in enumerate(_rows(path, ",", skip=0)):
        names.append(fields[0].strip())
        votes.append([0] * _MOST)
        counted = _counts(fields[2:]) if len(fields) == 2 + _MOST else f"{len(fields)} fields, expected 12"
        if isinstance(counted, str):
            broken.add(row, counted, line)
        else:
            votes[-1] = counted
    broken.check()
    if not votes:
        raise MienError(f"{path}: no rows: get the file again")
    return names, from_ferplus_columns(np.array(votes))


def write_votes(path: Path, usage: Sequence[str], votes: NDArray[np.integer]) -> None:
    """Write a fer2013new.csv from (n,) usages and (n, 10) votes over `labels.VOTE_COLUMNS`.

    Images are numbered as FER+ does it: rows that all call no face have no name and no number.
    """
    order = [VOTE_COLUMNS.index(name) for name in FERPLUS_COLUMNS]
    names = [{UNKNOWN: "unknown", NOT_A_FACE: "NF"}.get(name, name) for name in FERPLUS_COLUMNS]
    number = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(["Usage", "Image name", *names])
        for word, row in zip(usage, np.asarray(votes)[:, order].tolist(), strict=True):
            writer.writerow([word, f"fer{number:07d}.png" if row[-1] < _MOST else "", *row])
            number += row[-1] < _MOST


def join_votes(faces: FaceSet, path: Path, *, remember: bool = True) -> FaceSet:
    """The FaceSet with `votes` and targets["ferplus"], joined by row position.

    The set holds all rows of fer2013new.csv, or all those of some splits: the challenge's train.csv
    (Training), its test.csv (both test parts, whose splits it so learns), or both.

    Raises:
        MienError: rows that do not answer to each other: another number, another split at a row, labels
            that agree no better than by chance, or pictures in folders, which have no order of rows.
    """
    table = read_votes(path)
    rows = _answering_rows(faces, table, path)
    votes = table.votes[rows]
    split = np.where(faces.split == TEST, table.usage[rows], faces.split)
    joined = faces.replace(
        votes=votes,
        split=split,
        targets={**faces.targets, "ferplus": distribution(votes)},
        content=_combined(faces.content, content_hash(path, remember=remember)),
    )
    _check_agreement(joined, path)
    return joined


def _answering_rows(faces: FaceSet, table: Votes, path: Path) -> NDArray[np.int64]:
    """(n,) rows of the table, one for each face."""
    if faces.name != "fer2013":
        raise MienError(f"{path}: FER+'s votes are for FER2013, not for {faces.name}: leave them out")
    if faces.paths is not None or (len(faces) > 1 and len(np.unique(faces.file)) == len(faces)):
        raise MienError(
            f"{path}: votes are joined by row, and pictures in folders have no rows: "
            "load fer2013.csv, icml_face_data.csv or Parquet"
        )
    wanted = set(np.unique(faces.split).tolist())
    usages = [u for u in _USAGES if u in wanted or (u != TRAINING and TEST in wanted)]
    rows = np.flatnonzero(np.isin(table.usage, usages))
    if len(faces) == len(table.usage):
        rows = np.arange(len(faces))
    if len(rows) != len(faces):
        part = ", ".join(usages) or "no known split"
        raise MienError(
            f"{path}: {len(rows)} rows of {part}, but the data set has {len(faces)}: "
            "pass the fer2013new.csv of the same, whole FER2013"
        )
    usage = table.usage[rows]
    agrees = (usage == faces.split) | ((faces.split == TEST) & (usage != TRAINING))
    if not agrees.all():
        first = int(np.flatnonzero(~agrees)[0])
        others = int((~agrees).sum()) - 1
        raise MienError(
            f"{path}: row {rows[first]}: Usage {usage[first]}, but row {first} of the data set is "
            f"{faces.split[first] or 'in no split'} (and {others} more): pass data in FER2013's own order"
        )
    return rows.astype(np.int64)


def _check_agreement(faces: FaceSet, path: Path) -> None:
    """Splits tell nothing of the order within them; the labels do."""
    if faces.votes is None or "fer2013" not in faces.targets:
        return
    own, theirs = faces.hard("fer2013"), majority(faces.votes)
    both = (own >= 0) & (theirs >= 0)
    if both.sum() < _FEWEST_TO_COMPARE:
        return
    agreement = float((own[both] == theirs[both]).mean())
    if agreement < _LEAST_AGREEMENT:
        raise MienError(
            f"{path}: votes and labels agree on {agreement:.0%} of the rows, as by chance: "
            "the data set's rows are not in FER2013's own order"
        )


def _combined(*hashes: str) -> str:
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _columns(path: Path) -> list[int] | None:
    """Positions of the vote columns in the order of VOTE_COLUMNS, by name; None if one is missing."""
    found: dict[str, int] = {}
    for position, name in enumerate(read_header(path).names):
        try:
            found[emotion(name)] = position
        except MienError:
            continue
    return [found[name] for name in VOTE_COLUMNS] if len(found) == len(VOTE_COLUMNS) else None


def _rows(path: Path, delimiter: str, skip: int) -> list[tuple[int, list[str]]]:
    """(line number, fields) of the rows that are not empty."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, delimiter=delimiter)
            rows = [(reader.line_num, fields) for fields in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MienError(f"{path}: not readable as CSV ({error}): get the file again") from error
    return [(line, fields) for line, fields in rows[skip:] if any(field.strip() for field in fields)]


def _counts(fields: Sequence[str]) -> list[int] | str:
    """Votes as numbers, or what is wrong with them."""
    counts = []
    for field in fields:
        text = field.strip()
        if not (text.isascii() and text.isdigit()) or int(text) > _MOST:
            return f"{text[:20]!r} is no number of votes, expected 0 to {_MOST}"
        counts.append(int(text))
    if not any(counts):
        return "no votes at all"
    return counts


assert len(VOTE_COLUMNS) == len(EMOTIONS) + 2 == _MOST  # ten columns and, by chance, ten annotators
