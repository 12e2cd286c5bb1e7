"""The first sheet of an Excel file, where openpyxl is installed; mien itself does not bring it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from mien.datasets.csv_columns import Columns
from mien.datasets.csv_header import Header
from mien.errors import MienError


def read_excel(path: Path) -> tuple[Header, Columns]:
    """Header and cells as text, as `csv_columns` reads them from a CSV file.

    Raises:
        MienError: no openpyxl, no Excel file, or no rows.
    """
    try:
        openpyxl: Any = import_module("openpyxl")
    except ModuleNotFoundError as error:
        raise MienError(
            f"{path}: an Excel sheet: save it as CSV (UTF-8) in the same folder and give that, or pip install openpyxl"
        ) from error
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        rows = [["" if cell is None else str(cell) for cell in row] for row in book.worksheets[0].values]
        book.close()
    except Exception as error:  # openpyxl raises whatever zip, XML and its own code do
        raise MienError(f"{path}: not readable as an Excel sheet ({error}): save it as CSV (UTF-8)") from error
    lines = [number for number, row in enumerate(rows, 1) if number > 1 and any(row)]
    if not lines:
        raise MienError(f"{path}: a header and no rows: get the file again")
    cells = zip(*(rows[line - 1] for line in lines), strict=True)  # a sheet is a rectangle
    names = tuple(name.strip(" '\"") for name in rows[0])
    return Header(names, ","), Columns([[cell.strip(" \t'\"") for cell in column] for column in cells], lines)
