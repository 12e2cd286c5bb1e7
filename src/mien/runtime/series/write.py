"""Tables of the time series in files: CSV, Parquet or JSON by the file's ending."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mien import __version__
from mien.errors import MienError, MissingExtraError
from mien.runtime.formats.csv import cell

if TYPE_CHECKING:
    import pandas as pd


def write_table(path: str | Path, table: pd.DataFrame) -> Path:
    """Write a table; floats in CSV have six significant digits, times microseconds.

    Raises:
        MienError: another ending than .csv, .parquet, .pq or .json, or a file that cannot be written.
        MissingExtraError: Parquet without pyarrow.
    """
    path = Path(path)
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise MienError(f"{path}: no table ends in {path.suffix or 'nothing'}; name it {', '.join(_WRITERS)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, table)
    except OSError as error:
        raise MienError(f"{path}: cannot be written ({error.strerror or error}); choose another place") from error
    return path


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as dicts that JSON can hold: None for what is empty, floats as written in CSV."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(name): _plain(value) for name, value in row.items()} for row in plain.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.12g}")
    return value.item() if hasattr(value, "item") else value


TIMES = ("time", "onset", "apex", "offset", "start", "end", "seconds", "face_seconds", "duration")


def _csv(path: Path, table: pd.DataFrame) -> None:
    shown = table.astype(object).where(table.notna(), None)
    for name in shown.columns:
        if name in TIMES:  # six digits would round an hour to hundredths
            shown[name] = [value if value is None else f"{value:.6f}".rstrip("0").rstrip(".") for value in shown[name]]
        else:
            shown[name] = [cell(float(value) if isinstance(value, float) else value) for value in shown[name]]
    shown.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _parquet(path: Path, table: pd.DataFrame) -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(f"{path}", "parquet", "pyarrow") from error
    table.to_parquet(path, index=False, compression="zstd")


def _json(path: Path, table: pd.DataFrame) -> None:
    document = {"mien": __version__, "columns": list(table.columns), "rows": records(table)}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


_WRITERS: dict[str, Callable[[Path, Any], None]] = {
    ".csv": _csv, ".parquet": _parquet, ".pq": _parquet, ".json": _json,
}  # fmt: skip
