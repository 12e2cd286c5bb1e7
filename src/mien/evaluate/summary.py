"""Scores for a person to read in a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from mien.evaluate.results import short_name
from mien.evaluate.scores import Evaluation


def print_summary(console: Console, evaluation: Evaluation) -> None:
    """One model: its scores, what they were measured on, and a line for each class."""
    e = evaluation
    against = e.labels if e.labels == e.trained_on else f"{e.labels} (trained on {e.trained_on})"
    console.print(f"[bold]{e.model}[/] on {e.data}, {e.split}, labels {against}: {e.n:,} faces", highlight=False)
    scores = Table.grid(padding=(0, 2))
    scores.add_column(min_width=17)
    scores.add_column(justify="right")
    scores.add_column(style="dim")
    for name, value, remark in _scores(e):
        scores.add_row(name, value, remark)
    console.print(scores, highlight=False)
    for member in e.members:
        console.print(f"  member  {member['top1']:6.2f} %  {member['model']}", style="dim", highlight=False)
    console.print(_classes(e), highlight=False)
    for note in e.notes:
        console.print(f"[yellow]note:[/] {note}", highlight=False)
    if e.dropped.get("no_label"):
        console.print(f"[dim]{_counted(e.dropped['no_label'])} of the split without such a label.[/]", highlight=False)
    if e.dropped.get("excluded"):
        console.print(f"[dim]{_counted(e.dropped['excluded'])} left out by --exclude.[/]", highlight=False)


def print_comparison(console: Console, evaluations: Sequence[Evaluation]) -> None:
    """Several models: a line each."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("model", overflow="fold", min_width=12)
    table.add_column("labels")
    averaged = ["averaged"] if any(e.tta for e in evaluations) else []
    for name in ("n", "top-1", "95 %", "dedup.", "F1", "ECE", *averaged):
        table.add_column(name, justify="right", no_wrap=True)
    short = [short_name(e.model) for e in evaluations]
    names = short if len(set(short)) == len(short) else [e.model for e in evaluations]
    for name, e in zip(names, evaluations, strict=True):
        table.add_row(
            name, e.labels, f"{e.n:,}", f"{e.top1:.2f}", _range(e.top1_ci95),
            _share(e.deduplicated["top1"]) if e.deduplicated else "", f"{e.macro_f1:.2f}", f"{e.ece:.2f}",
            *([f"{e.tta['top1']:.2f}" if e.tta else ""] if averaged else []),
        )  # fmt: skip
    first = evaluations[0]
    console.print(f"{first.data}, {first.split}: percentages, 95 % intervals of top-1", highlight=False)
    console.print(table, highlight=False)
    if len({(e.labels, e.n, e.data_sha256, e.split) for e in evaluations}) > 1:
        console.print("[yellow]note:[/] not all were judged on the same rows and labels.", highlight=False)


def _scores(e: Evaluation) -> list[tuple[str, str, str]]:
    out = [("top-1", f"{e.top1:.2f} %", f"95 % interval {_range(e.top1_ci95)}")]
    if e.tta:
        out.append(
            (
                f"  with {e.tta['name']}",
                f"{e.tta['top1']:.2f} %",
                f"95 % interval {_range(e.tta['top1_ci95'])}, ECE {e.tta['ece']:.2f}",
            )
        )
    if e.deduplicated:
        d = e.deduplicated
        out.append(
            ("  deduplicated", _percent(d["top1"]), f"{d['n']:,} faces; without {d['exact']} whose picture stands in "
             f"another split and {d['near']} nearly so")
        )  # fmt: skip
    return [
        *out,
        ("top-2", f"{e.top2:.2f} %", ""),
        ("macro F1", f"{e.macro_f1:.2f} %", f"95 % interval {_range(e.macro_f1_ci95)}"),
        ("balanced accuracy", f"{e.balanced_accuracy:.2f} %", ""),
        ("kappa", _area(e.kappa), "Cohen's, agreement beyond chance"),
        ("ROC area", _area(e.ranking["macro_roc_auc"]), f"mean of the classes; under precision and recall "
         f"{_area(e.ranking['macro_average_precision'])}"),
        ("ECE", f"{e.ece:.2f} %", "15 bins"),
        ("NLL", f"{e.nll:.4f}", f"Brier {e.brier:.4f}"),
        *_votes(e),
    ]  # fmt: skip


def _votes(e: Evaluation) -> list[tuple[str, str, str]]:
    if e.soft is None:
        return []
    s = e.soft
    told = f"Jensen-Shannon {s['jensen_shannon']:.4f}, both in nats; against the votes on {s['n']:,} faces"
    return [("cross-entropy", f"{s['cross_entropy']:.4f}", told)]


def _area(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4f}"


def _classes(e: Evaluation) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("class", min_width=11)
    for name in ("n", "precision", "recall", "F1"):
        table.add_column(name, justify="right")
    table.add_column("most often taken for")
    for i, (name, row) in enumerate(e.per_class.items()):
        table.add_row(
            name, f"{row['n']:,}", *(_percent(row[key]) for key in ("precision", "recall", "f1")), _mistaken(e, i)
        )
    return table


def _mistaken(e: Evaluation, i: int) -> str:
    others = [(count, e.classes[j]) for j, count in enumerate(e.confusion[i]) if j != i]
    count, name = max(others, default=(0, ""))
    return f"{name} ({100 * count / sum(e.confusion[i]):.0f} %)" if count else ""


def _counted(rows: int) -> str:
    return f"{rows:,} row{'' if rows == 1 else 's'}"


def _share(value: float | int | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.2f}"


def _percent(value: float | int | None) -> str:
    text = _share(value)
    return text if text == "-" else f"{text} %"


def _range(interval: Sequence[float]) -> str:
    return f"{interval[0]:.1f} to {interval[1]:.1f}"
