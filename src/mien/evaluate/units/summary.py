"""Scores of heads for a person to read in a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from mien.evaluate.affect import AffectScores
from mien.evaluate.summary import print_summary
from mien.evaluate.units.evaluation import HeadsEvaluation
from mien.evaluate.units.intensities import IntensityScores
from mien.evaluate.units.occurrence import UnitScores
from mien.labels import ACTION_UNITS, AFFECT

_PERCENT = ("f1", "top1", "macro_f1", "balanced_accuracy")
_SAID = {
    "f1": "F1", "roc_auc": "ROC area", "average_precision": "AP", "icc": "ICC(3,1)", "mae": "MAE", "ccc": "CCC",
    "pearson": "Pearson", "rmse": "RMSE", "top1": "top-1", "macro_f1": "macro F1",
    "balanced_accuracy": "balanced accuracy",
}  # fmt: skip
"""Scores as they are called in a table."""


def print_heads(console: Console, found: HeadsEvaluation) -> None:
    """Each head: what it was scored on, its means, and a line for each unit."""
    for one in found.emotions.values():
        print_summary(console, one)
    for name, scores in found.heads.items():
        told = f"[bold]{found.model}[/], {name} on {found.data}, {found.split}: {scores.n:,} faces"
        console.print(f"{told}; intervals draw {scores.over}", highlight=False)
        if isinstance(scores, UnitScores):
            _print_units(console, scores)
        elif isinstance(scores, IntensityScores):
            _print_intensities(console, scores)
        else:
            _print_affect(console, scores)
    for head, why in found.not_scored.items():
        console.print(f"{head}: not scored: {why}", style="dim", highlight=False)
    for reason, n in found.dropped.items():
        rows = "row" if n == 1 else "rows"
        console.print(f"{n:,} {rows} of the split left out: {reason.replace('_', ' ')}", style="dim", highlight=False)
    for note in found.notes:
        console.print(f"[yellow]note:[/] {note}", highlight=False)


def print_drop(console: Console, drops: Sequence[Mapping[str, Any]]) -> None:
    """How far scores fall from the first set to each other one: `from`, `to`, and `heads` as `drop.drop` gives them."""
    for one in drops:
        console.print(f"from {one['from']} to {one['to']}, so that more than 0 is worse there:", highlight=False)
        for head, told in one["heads"].items():
            rows = told.get("units") or {name: each for name, each in told.items() if name in AFFECT}
            _print_falls(console, head, {**rows, "mean": told["mean"]} if rows else {"": told})


def _print_falls(console: Console, head: str, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """A line for each unit, of valence and arousal, or of all emotions together; intervals where there are some."""
    shown = {key: None for row in rows.values() for key in row if not key.endswith("_ci95")}
    ranged = [key for key in shown if any(f"{key}_ci95" in row for row in rows.values())]
    table = _table(head, *(name for key in shown for name in ([_SAID[key], "95 %"] if key in ranged else [_SAID[key]])))
    for name, row in rows.items():
        cells = []
        for key in shown:
            digits = 1 if key in _PERCENT else 3
            cells.append(_number(row.get(key), digits))
            if key in ranged:
                cells.append(_ends(row.get(f"{key}_ci95", (None, None)), min(digits, 2)))
        table.add_row(name, *cells, style="bold" if name == "mean" else "")
    console.print(table, highlight=False)


def _print_units(console: Console, scores: UnitScores) -> None:
    table = _table("unit", "", "n", "shown", "from", "precision", "recall", "F1", "95 %", "accuracy", "ROC area", "AP")
    s = scores.scores
    for u, unit in enumerate(scores.units):
        table.add_row(
            unit, ACTION_UNITS.get(unit, ""), f"{s.n[u]:,}", f"{s.positive[u]:,}", f"{scores.thresholds[unit]:.2f}",
            _number(s.precision[u]), _number(s.recall[u]), _number(s.f1[u]), _ends(scores.f1_ci95[u]),
            _number(s.accuracy[u]), _number(s.roc_auc[u], 3), _number(s.average_precision[u], 3),
        )  # fmt: skip
    mean = [_number(s.macro(name)) for name in ("precision", "recall", "f1")]
    table.add_row(
        "mean", "", "", "", "", *mean, _ends(scores.mean_f1_ci95), _number(s.macro("accuracy")),
        _number(s.macro("roc_auc"), 3), _number(s.macro("average_precision"), 3), style="bold",
    )  # fmt: skip
    console.print(table, highlight=False)
    told = f"thresholds: {scores.thresholds_from}; mean F1 with 0.5 for all {_number(scores.mean_f1_at_half)}"
    console.print(f"{told}; EmotioNet's score {_number(scores.challenge)}", style="dim", highlight=False)
    if scores.protocol:
        p = scores.protocol
        console.print(f"mean F1 over {p['name']}'s {len(p['units'])} units: {_number(p['mean_f1'])}", highlight=False)


def _print_intensities(console: Console, scores: IntensityScores) -> None:
    table = _table("unit", "", "n", "above 0", "ICC(3,1)", "95 %", "MAE", "95 %", "Pearson")
    s = scores.scores
    for u, unit in enumerate(scores.units):
        table.add_row(
            unit, ACTION_UNITS.get(unit, ""), f"{s.n[u]:,}", f"{s.positive[u]:,}", _number(s.icc[u], 3),
            _ends(scores.icc_ci95[u], 2), _number(s.mae[u], 3), _ends(scores.mae_ci95[u], 2), _number(s.pearson[u], 3),
        )  # fmt: skip
    table.add_row(
        "mean", "", "", "", _number(s.macro("icc"), 3), _ends(scores.mean_icc_ci95, 2), _number(s.macro("mae"), 3),
        _ends(scores.mean_mae_ci95, 2), _number(s.macro("pearson"), 3), style="bold",
    )  # fmt: skip
    console.print(table, highlight=False)


def _print_affect(console: Console, scores: AffectScores) -> None:
    table = _table("", "n", "CCC", "95 %", "Pearson", "95 %", "RMSE", "95 %", "same sign, %", "95 %")
    for name, one in scores.each.items():
        cells = [f"{one['n']:,}"]
        for key, digits in (("ccc", 3), ("pearson", 3), ("rmse", 3), ("sign_agreement", 1)):
            cells += [_number(one[key], digits), _ends(one[f"{key}_ci95"], min(digits, 2))]
        table.add_row(name, *cells)
    if len(scores.each) > 1:
        table.add_row("mean", "", _number(scores.mean_ccc, 3), _ends(scores.mean_ccc_ci95, 2), style="bold")
    console.print(table, highlight=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for at, name in enumerate(columns):
        table.add_column(name, justify="left" if at < 1 or (at == 1 and not name) else "right", no_wrap=True)
    return table


def _number(value: float | None, digits: int = 1) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.{digits}f}"


def _ends(ends: Sequence[float | None], digits: int = 1) -> str:
    low, high = ends
    if low is None or high is None or math.isnan(low):
        return "-"
    return f"{low:.{digits}f} to {high:.{digits}f}"
