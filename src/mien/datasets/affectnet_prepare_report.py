"""What stands beside prepared pictures of AffectNet: how they were made, and the rows that have none."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from mien.datasets.affectnet_prepare_rows import FOLDERS, Rows
from mien.errors import MienError
from mien.whole_file import whole_file, write_whole

SETTINGS, SKIPPED = "prepare-affectnet.json", "prepare-affectnet.csv"
COLUMNS = ("csv", "row", "path", "reason", "detail")


class Skip(NamedTuple):
    """A row without a face: the table's name or the later release's folder, its row from 0, its picture, and why."""

    csv: str
    row: int
    path: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Settings:
    """How faces are made; those in one folder are all made alike."""

    side: int
    stretch: bool


def begin(out: Path, settings: Settings, sets: Sequence[Rows]) -> None:
    """Write down what is going to be made there.

    Raises:
        MienError: faces there that were made in another way, of another table, or by something else.
    """
    path = out / SETTINGS
    known: dict[str, Any] = _known(path)
    wanted = {"side": settings.side, "stretch": settings.stretch}
    for name, value in wanted.items():
        if known.get(name, value) != value:
            raise MienError(
                f"{path}: the faces there were made with {name} {known[name]}, not {value}: choose another --out"
            )
    made: dict[str, Any] = known.get("sets", {})
    for rows in sets:
        own, folder = {"source": rows.source, "sha256": rows.digest()}, out / FOLDERS[rows.split]
        if rows.split not in made and folder.is_dir() and any(folder.iterdir()):
            raise MienError(f"{folder}: holds what mien did not prepare: choose another --out")
        if made.get(rows.split, own) != own:
            raise MienError(
                f"{path}: {FOLDERS[rows.split]} was made of {made[rows.split]['source']} as it was then, not of"
                f" {rows.source} as it is now: choose another --out"
            )
        made[rows.split] = own
    _replace(path, json.dumps({**wanted, "sets": made}, indent=2) + "\n")


def write_skipped(out: Path, skips: Iterable[Skip], prepared: Sequence[Rows]) -> Path:
    """`prepare-affectnet.csv`: these rows, and those that earlier calls found in other sets.

    Raises:
        MienError: a place that cannot be written.
    """
    path, own = out / SKIPPED, {rows.source for rows in prepared}
    kept: list[Sequence[Any]] = []
    if path.is_file():
        with path.open(newline="", encoding="utf-8") as file:
            kept = [row for row in csv.reader(file) if row and row[0] not in own and tuple(row) != COLUMNS]
    try:
        with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([COLUMNS, *kept, *skips])
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}: choose a place that can be written") from error
    return path


def _known(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise MienError(f"{path}: not readable ({error}): choose another --out") from error
    if not isinstance(found, dict) or not isinstance(found.get("sets", {}), dict):
        raise MienError(f"{path}: not what mien writes there: choose another --out")
    return found


def _replace(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        raise MienError(f"{path}: {error.strerror or error}: choose a place that can be written") from error
