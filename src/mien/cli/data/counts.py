"""Rows by class and split as a table for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from mien.datasets.census import ClassCounts
    from mien.plots.distribution import Distribution


def print_counts(console: Console, found: ClassCounts, title: str) -> None:
    """A line a class, then rows without a label and each split's imbalance."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", title=title, title_justify="left", title_style="bold")
    table.add_column("class")
    for split in (*found.splits, "all"):
        table.add_column(split, justify="right")
    for name, row, total in zip(found.names, found.counts.tolist(), found.total.tolist(), strict=True):
        table.add_row(name, *(f"{count:,}" for count in (*row, total)))
    if found.unlabelled.any():
        unlabelled = [*found.unlabelled.tolist(), int(found.unlabelled.sum())]
        table.add_row("no label", *(f"{count:,}" for count in unlabelled), style="dim")
    ratios = found.imbalance().values()
    table.add_row("largest : smallest", *("-" if ratio is None else f"{ratio:.4g}" for ratio in ratios), style="dim")
    console.print(table)


def distribution_of(found: ClassCounts, title: str) -> Distribution:
    """A panel of the chart: the classes that have a row."""
    from mien.plots.distribution import Distribution

    there = found.total > 0
    names = [name for name, some in zip(found.names, there.tolist(), strict=True) if some]
    series = {split: found.counts[there, at].tolist() for at, split in enumerate(found.splits)}
    return Distribution(title, names, series)
