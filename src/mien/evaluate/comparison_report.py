"""A comparison, ensembles, and scores across data sets for a person to read in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from mien.evaluate.across import AcrossRow
from mien.evaluate.comparison import Comparison, Pair
from mien.evaluate.ensembling import EnsembleRow
from mien.evaluate.results import short_name
from mien.evaluate.shared_rows import distinct

_SHOWN = 10  # disputed rows; JSON has more


def print_tests(console: Console, comparison: Comparison) -> None:
    """Each pair's difference with interval and p values, agreement, and the rows that models dispute."""
    c = comparison
    short = dict(zip(c.models, distinct([short_name(name) for name in c.models]), strict=True))
    console.print(
        f"Paired on {c.n:,} rows of {c.data}, {c.split}, labels {c.labels}: first less second, in points",
        highlight=False,
    )
    console.print(_pairs(c, short), highlight=False)
    console.print(_how(c), style="dim", highlight=False)
    for name, left in c.left_out.items():
        if left:
            console.print(f"[yellow]note:[/] {left:,} rows of {short[name]} are not among the others'", highlight=False)
    console.print(
        f"All right on {c.all_right:,} rows, none on {c.all_wrong:,}; they differ on {c.disputed_n:,}.", highlight=False
    )
    for one in c.alone_right:
        most = sorted(one["by_class"].items(), key=lambda item: -item[1])[:3]
        where = ", ".join(f"{name} {n:,}" for name, n in most if n)
        console.print(f"  {short[one['model']]} alone right on {one['n']:,}" + (f": {where}" if where else ""),
                      highlight=False)  # fmt: skip
    if c.disputed:
        console.print(_disputed(c, short), highlight=False)


def print_ensembles(console: Console, rows: Sequence[EnsembleRow]) -> None:
    """A line each for the members and the rules, with the gain and what it costs."""
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="bold")
    table.add_column("rule", no_wrap=True)
    table.add_column("members", overflow="fold", min_width=8)
    for name in ("top-1", "F1", "ECE", "NLL", "gain", "95 %", "ms", "gain/ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.rule, row.in_words, f"{row.top1:.2f}", f"{row.macro_f1:.2f}", f"{row.ece:.2f}", f"{row.nll:.3f}",
            f"{row.gain:+.2f}", _range(row.gain_ci95), _number(row.ms, ".2f"), _number(row.gain_per_ms, "+.2f"),
        )  # fmt: skip
    console.print(table, highlight=False)
    if not rows:
        return
    more = "; gain/ms: for each millisecond that a face takes longer" if any(row.ms is not None for row in rows) else ""
    console.print(f"gain: points of top-1 over {rows[0].reference}{more}", style="dim", highlight=False)


def print_across(console: Console, rows: Sequence[AcrossRow]) -> None:
    """A line for each data set, and which classes could not be compared."""
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="bold")
    table.add_column("data", overflow="fold", min_width=8)
    for name in ("split", "labels"):
        table.add_column(name, overflow="fold")
    for name in ("n", "classes", "left out", "top-1", "95 %", "F1", "ECE"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.data, row.split, row.labels, f"{row.n:,}", str(len(row.classes)), f"{sum(row.only_data.values()):,}",
            f"{row.top1:.2f}", _range(row.top1_ci95), f"{row.macro_f1:.2f}", f"{row.ece:.2f}",
        )  # fmt: skip
    console.print(table, highlight=False)
    for row in rows:
        for note in row.notes:
            console.print(f"[yellow]note:[/] {row.data}: {note}", highlight=False)


def _pairs(c: Comparison, short: dict[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, collapse_padding=True, header_style="bold")
    for name in ("first", "second"):
        table.add_column(name, overflow="fold", min_width=8)
    for name in ("top-1", "95 %", "alone", "p Holm", "F1", "p Holm", "same %"):
        table.add_column(name, justify="right", no_wrap=True)
    for pair in c.pairs:
        table.add_row(
            short[pair.first], short[pair.second], f"{pair.top1_difference:+.2f}", _range(pair.top1_ci95),
            f"{pair.only_first}:{pair.only_second}", _p(pair.p_holm), f"{pair.macro_f1_difference:+.2f}",
            _p(pair.macro_f1_p_holm), f"{pair.agreement:.1f}",
        )  # fmt: skip
    return table


def _how(c: Comparison) -> str:
    tests = "; ".join(sorted({_test(pair) for pair in c.pairs}))
    many = f", Holm-corrected for {len(c.pairs)} pairs" if len(c.pairs) > 1 else ""
    return f"top-1: McNemar ({tests}){many}; intervals and F1: paired bootstrap, {c.resamples:,} resamples"


def _test(pair: Pair) -> str:
    return {"exact": "exact binomial", "chi-square": "chi-square with continuity correction"}[pair.test]


def _disputed(c: Comparison, short: dict[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", title="Most disputed rows", title_justify="left")
    table.add_column("row", justify="right")
    table.add_column("true")
    for name in c.models:
        table.add_column(short[name], overflow="fold")
    for one in c.disputed[:_SHOWN]:
        table.add_row(str(one["row"]), one["true"], *(one["answers"][name] for name in c.models))
    return table


def _p(value: float) -> str:
    return "<0.0001" if value < 0.0001 else f"{value:.4f}" if value < 0.1 else f"{value:.2f}"


def _range(interval: Sequence[float]) -> str:
    return f"{interval[0]:.1f} to {interval[1]:.1f}"


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
