"""Action units as tables for people, and as figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.console import Console

    from mien.datasets.unit_census import UnitCounts

_MANY = 4
"""Columns beside which the units' names have no place in 80 characters."""


def print_unit_counts(console: Console, found: UnitCounts) -> None:
    """A line a unit: rows that show it and that do not by split, and that do not say; then intensities where coded."""
    splits = (*found.splits, "all")
    shown, absent, unknown = (_with_total(state) for state in found.rows)
    cells = [[f"{s:,} / {n:,}" for s, n in zip(*rows, strict=True)] for rows in zip(shown, absent, strict=True)]
    _print(console, "action units: rows shown / not", splits, found.units, cells, named=len(splits) < _MANY)
    if any(map(any, unknown)):
        console.print()
        _print(console, "action units: rows unknown", splits, found.units, [[f"{n:,}" for n in row] for row in unknown])
    if found.levels is not None:
        console.print()
        levels = [[f"{n:,}" for n in row] for row in found.levels.tolist()]
        _print(console, "action units: rows by intensity", ("0", *"ABCDE"), found.units, levels)


def draw_unit_counts(found: UnitCounts, folder: Path, title: str) -> None:
    """units.png and co-occurrence.png."""
    from mien.plots.co_occurrence import plot_co_occurrence
    from mien.plots.unit_frequency import plot_unit_frequency

    shown = found.both.diagonal()
    plot_unit_frequency(found.units, shown, found.known, folder / "units.png", levels=found.levels, title=title)
    plot_co_occurrence(found.units, found.conditional, found.both, folder / "co-occurrence.png", title=title)


def _with_total(rows: NDArray[np.int64]) -> list[list[int]]:
    """(k, s) rows by unit and split, and their sums behind them."""
    return [[*row, sum(row)] for row in rows.tolist()]


def _print(
    console: Console,
    title: str,
    columns: Sequence[str],
    units: Sequence[str],
    cells: Sequence[Sequence[str]],
    *,
    named: bool = False,
) -> None:
    """A table whose lines are units; a title of its own would be wrapped to the table's width."""
    from rich.table import Table

    from mien.labels import ACTION_UNITS

    console.print(f"[bold]{title}[/bold]", highlight=False)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("unit")
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for unit, row in zip(units, cells, strict=True):
        table.add_row(f"{unit} {ACTION_UNITS.get(unit, '')}".strip() if named else unit, *row)
    console.print(table)
