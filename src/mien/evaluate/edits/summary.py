"""Scores of a generator's edits for a person to read in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from mien.evaluate.edits.measure import EditScores


def print_edits(console: Console, scores: EditScores) -> None:
    """What was reached by emotion, then the other scores a line each, then the notes."""
    s = scores
    sampled = f"{s.n:,} faces" if s.n == s.available else f"{s.n:,} of {s.available:,} faces"
    console.print(
        f"[bold]{s.generator}[/] on {s.data}, {s.split}, labels {s.labels}: {sampled}, judged by {s.judge}",
        highlight=False,
    )
    console.print(_by_emotion(s), highlight=False)
    lines = Table.grid(padding=(0, 2))
    lines.add_column(min_width=17)
    lines.add_column(justify="right")
    lines.add_column(style="dim")
    for line in _lines(s):
        lines.add_row(*line)
    console.print(lines, highlight=False)
    for note in s.notes:
        console.print(f"[yellow]note:[/] {note}", highlight=False)


def _by_emotion(s: EditScores) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("asked for", min_width=11)
    for name in ("edits", "reached", "95 %", "from others", "Spearman", "95 %", "most often seen instead"):
        table.add_column(name, justify="left" if name.startswith("most") else "right")
    for at, name in enumerate(s.emotions):
        row, climbs = s.reached["by_emotion"][name], s.monotone["by_emotion"].get(name)
        table.add_row(
            name, f"{row['n']:,}", _percent(row["reached"]), _range(row["ci95"]),
            _percent(row["from_others"]["reached"]), f"{climbs['spearman']:.2f}" if climbs else "",
            _range(climbs["ci95"], 2) if climbs else "", _instead(s, at),
        )  # fmt: skip
    return table


def _instead(s: EditScores, at: int) -> str:
    counts = s.reached["judged"][at]
    count, name = max((c, s.emotions[j]) for j, c in enumerate(counts) if j != at)
    return f"{name} ({100 * count / sum(counts):.0f} %)" if count else ""


def _lines(s: EditScores) -> list[tuple[str, str, str]]:
    reached, monotone, same = s.reached, s.monotone, s.reconstruction
    others = reached["from_others"]
    lines = [
        ("target reached", f"{reached['mean']:.1f} %", f"95 % interval {_range(reached['mean_ci95'])}; mean of the "
         f"emotions, the least {reached['least']:.1f} %; a generator that does nothing: {100 / len(s.emotions):.1f} %"),
        ("  from others", f"{others['mean']:.1f} %", f"95 % interval {_range(others['mean_ci95'])}; without faces that "
         "showed it before"),
        ("faces as they are", _percent(s.left_alone["top1"]), f"95 % interval {_range(s.left_alone['ci95'])}; the "
         "judge's top-1"),
        ("monotone", f"{monotone['mean']:.2f}", f"95 % interval {_range(monotone['mean_ci95'], 2)}; Spearman, "
         f"{monotone['faces']} faces; within a face {monotone['by_face']:.2f}"),
        ("reconstruction", f"{same['l1']:.2f}", f"95 % interval {_range(same['l1_ci95'], 2)}; grey levels; PSNR "
         f"{same['psnr']:.1f} dB; label kept {same['keeps_label']['share']:.1f} %"),
        _identity(s.identity),
    ]  # fmt: skip
    for measure in ("kid", "fid"):
        if s.realism:
            lines.append(_distance(measure, s.realism))
    return lines


def _identity(i: dict[str, Any]) -> tuple[str, str, str]:
    told = f"95 % interval {_range(i['edits_ci95'], 3)}; cosine distance from the reconstruction"
    if i["people"] is not None:
        told += f"; other people {i['people']:.3f}; nearest is the same person {i['found']['nearest']:.1f} %, by "
        told += f"chance {i['found']['chance']:.1f} %"
    return "identity", f"{i['edits']:.3f}", told


def _distance(measure: str, r: dict[str, Any]) -> tuple[str, str, str]:
    edits, same, real = (r[measure][key]["mean"] for key in ("edits", "reconstructions", "real"))
    told = f"reconstructions {same:.3g}, two halves of the real faces {real:.3g}; {r['n']:,} a side"
    return measure.upper(), f"{edits:.3g}", told


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} %"


def _range(interval: Sequence[float] | None, digits: int = 1) -> str:
    return "-" if interval is None else f"{interval[0]:.{digits}f} to {interval[1]:.{digits}f}"
