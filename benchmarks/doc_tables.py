"""What the generated tables of README and docs have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, a line a row."""
    lines = (columns, ["---"] * len(columns), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def missing(script: str) -> str:
    """What stands where a record is not there yet."""
    return f"Not measured yet: `python benchmarks/{script}`.\n"


def source(record: dict[str, Any], script: str = "") -> str:
    """When, where and by what a record was measured; the script has the benchmark's name unless another is given."""
    machine = record["machine"]
    return (
        f"\nMeasured {record['date'][:10]} at commit {record['commit']}, {machine['cores']} cores"
        f" ({machine.get('cpu', '')}), by `benchmarks/{script or record['benchmark'] + '.py'}`.\n"
    )
