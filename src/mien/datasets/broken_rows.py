"""Broken rows of a data file, gathered and told in one line."""

from __future__ import annotations

from pathlib import Path

from mien.errors import MienError


class BrokenRows:
    """Names the first broken row of a file and counts the others.

    A reader goes through the whole file, so that the message says how much of it is bad.
    """

    def __init__(self, path: str | Path, remedy: str = "mend or remove them, or get the file again") -> None:
        self.path = path
        self.remedy = remedy
        self._first: tuple[int, int | None, str] | None = None
        self._rows: set[int] = set()

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, row: int) -> bool:
        return row in self._rows

    def add(self, row: int, what: str, line: int | None = None) -> None:
        """A row, from 0 in the data set's own order; its line in the file, from 1, where it has one."""
        self._rows.add(row)
        if self._first is None or row < self._first[0]:
            self._first = (row, line, what)

    def check(self) -> None:
        """Raise MienError if any row was broken."""
        if self._first is None:
            return
        row, line, what = self._first
        place = f"row {row}" + (f" (line {line})" if line is not None else "")
        others = len(self) - 1
        more = f"; {others} more broken row{'s' if others > 1 else ''}" if others else ""
        raise MienError(f"{self.path}: {place}: {what}{more}: {self.remedy}")
