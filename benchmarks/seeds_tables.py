"""Tables of `benchmarks/seeds.py`."""

from __future__ import annotations

from statistics import mean, stdev
from typing import Any

from doc_tables import missing, source, table
from record import latest


def card(model: str) -> str:
    """Model card: a row a seed, and their mean."""
    record = latest("seeds")
    rows = [row for row in record["results"] if row["model"] == model] if record else []
    if record is None or not rows:
        return missing("seeds.py")
    columns = ("seed", "n", "accuracy", "without twins in other splits", "macro-F1", "ECE", "measured")
    lines = [
        (
            str(row["seed"]), f"{row['n']:,}", f"{row['top1']:.2f} %", f"{row['deduplicated']['top1']:.2f} %",
            f"{row['macro_f1']:.1f} %", f"{row['ece']:.1f} %", row["date"],
        )
        for row in rows
    ]  # fmt: skip
    top1, alone = [row["top1"] for row in rows], [row["deduplicated"]["top1"] for row in rows]
    return (
        table(columns, lines)
        + f"\nMean of {len(rows)}: {_spread(top1)}; without twins {_spread(alone)}.\n"
        + source(record)
    )


def _spread(values: list[Any]) -> str:
    """Mean and, of several, their standard deviation."""
    return f"{mean(values):.2f} %" + (f" (standard deviation {stdev(values):.2f})" if len(values) > 1 else "")
